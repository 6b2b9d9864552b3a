"""The code of the documentation runs as it is printed."""

import re
import runpy
from pathlib import Path

import pytest

import equipoise as eq

DOCS = Path(__file__).parents[2] / "docs"
SNIPPETS = sorted((DOCS / "snippets").glob("*.py"))
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(page: str) -> list[str]:
    """The Python blocks of a page; those that include a snippet are fenced otherwise."""
    return BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))


WRITTEN = [(page.name, i, block) for page in sorted(DOCS.glob("*.md")) for i, block in enumerate(blocks(page.name))]


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda path: path.stem)
def test_snippet_runs_and_its_assertions_hold(snippet):
    assert "assert" in snippet.read_text(encoding="utf-8")
    runpy.run_path(str(snippet))


@pytest.mark.parametrize(("page", "number", "block"), WRITTEN, ids=[f"{page}-{i}" for page, i, _ in WRITTEN])
def test_block_of_a_page_runs_by_itself(page, number, block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if "import torch" in block:
        pytest.importorskip("torch", reason="PyTorch is not installed")
    exec(compile(block, f"{page}[{number}]", "exec"), {"__name__": "__docs__"})


def test_every_snippet_is_shown():
    shown = re.findall(r'--8<-- "(.+?)"', (DOCS / "extending.md").read_text(encoding="utf-8"))
    assert sorted(shown) == [snippet.name for snippet in SNIPPETS]


def test_index_shows_both_doors():
    assert len(blocks("index.md")) >= 2


def test_every_ending_is_explained():
    concepts = (DOCS / "concepts.md").read_text(encoding="utf-8")
    for status in eq.Status:
        assert f"| `{status.name}` | {status} |" in concepts
