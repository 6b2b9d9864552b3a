"""The build hook that shows the table of file formats, and the pages that ask for it."""

from pathlib import Path

import pytest

from equipoise.datasets.formats import FORMATS, extensions, holding, in_brief

ROOT = Path(__file__).parents[2]


@pytest.fixture
def hook(load_hook):
    return load_hook("format_tables")


@pytest.mark.parametrize("kind", ["matrix", "triplets", "auto"])
def test_a_marker_becomes_a_row_for_every_format(hook, kind):
    shown = hook.on_page_markdown(f"before\n\n<!-- formats: {kind} -->\n\nafter").split("\n")
    assert (shown[0], shown[-1]) == ("before", "after")
    rows = shown[4:-2]
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows] == [", ".join(f.names) for f in holding(kind)]
    assert {row.count("|") for row in shown[2:-2]} == {4 if kind == "auto" else 3}


def test_what_a_row_says(hook):
    shown = hook.on_page_markdown("<!-- formats: auto -->")
    assert "| .mtx, .mtx.gz | Matrix Market, dense or sparse | a matrix |" in shown
    assert "| .parquet | a Parquet table (takes pyarrow) | either |" in shown


def test_extensions_in_a_sentence(hook):
    assert hook.on_page_markdown("<!-- extensions: matrix --> files") == f"{in_brief(holding('matrix'))} files"


@pytest.mark.parametrize(
    ("page", "kind"),
    [("factor.md", "matrix"), ("complete.md", "auto"), ("api/datasets.md", "auto"), ("index.md", "matrix")],
)
def test_pages_show_every_extension(hook, pages, page, kind):
    shown = hook.on_page_markdown(pages[page])
    assert shown != pages[page]
    assert [name for name in extensions(holding(kind)) if name.removesuffix(".gz") not in shown] == []


def test_the_readme_lists_them():
    shown = set(
        (ROOT / "README.md").read_text(encoding="utf-8").translate(dict.fromkeys(map(ord, ",();"), " ")).split()
    )
    assert [name for each in holding("matrix") for name in each.extensions if name not in shown] == []


def test_no_cell_breaks_the_table():
    assert not any("|" in each.content or "\n" in each.content for each in FORMATS)
