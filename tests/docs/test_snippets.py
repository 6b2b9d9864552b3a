"""The code of the documentation runs as it is printed."""

import re
import runpy
from pathlib import Path

import pytest

import equipoise as eq

DOCS = Path(__file__).parents[2] / "docs"
SNIPPETS = sorted((DOCS / "snippets").glob("*.py"))
RECIPES = sorted((DOCS / "cookbook").glob("*.py"))
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SHOWN = re.compile(r'--8<-- "(.+?)"')
FEWEST_LINES, MOST_LINES = 15, 50


def blocks(page: Path) -> list[str]:
    """The Python blocks of a page; those that include a file are fenced otherwise."""
    return BLOCK.findall(page.read_text(encoding="utf-8"))


WRITTEN = [(page.stem, i, block) for page in sorted(DOCS.rglob("*.md")) for i, block in enumerate(blocks(page))]


@pytest.mark.parametrize("file", [*SNIPPETS, *RECIPES], ids=lambda path: path.stem)
def test_file_runs_and_its_assertions_hold(file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert re.search(r"^ *(assert |np\.testing\.assert_)", file.read_text(encoding="utf-8"), re.MULTILINE)
    runpy.run_path(str(file))


@pytest.mark.parametrize(("page", "number", "block"), WRITTEN, ids=[f"{page}-{i}" for page, i, _ in WRITTEN])
def test_block_of_a_page_runs_by_itself(page, number, block, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for package in ("torch", "transformers", "lightning"):
        if re.search(rf"^import {package}\b", block, re.MULTILINE):
            pytest.importorskip(package, reason=f"{package} is not installed")
    exec(compile(block, f"{page}[{number}]", "exec"), {"__name__": "__docs__"})


def test_every_file_is_shown_once(pages):
    shown = [name for text in pages.values() for name in SHOWN.findall(text)]
    assert sorted(shown) == sorted(file.name for file in (*SNIPPETS, *RECIPES))


def test_every_recipe_begins_with_a_question_and_ends_with_what_was_found(pages):
    recipes = [part for part in pages["cookbook.md"].split("\n## ") if SHOWN.search(part)]
    assert len(recipes) == len(RECIPES) >= 10
    for recipe in recipes:
        title, question, *rest = recipe.strip().split("\n\n")
        assert re.fullmatch(r"\*[^*]+\?\*", question, re.DOTALL), title
        assert rest[-1].startswith("**Found.** "), title


def test_every_recipe_is_listed_at_the_top(pages):
    top, *recipes = pages["cookbook.md"].split("\n## ")
    titles = [recipe.split("\n")[0] for recipe in recipes]
    assert re.findall(r"\[(.+?)\]\(#", top) == titles


@pytest.mark.parametrize("file", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_is_short(file):
    lines = [line for line in file.read_text(encoding="utf-8").split("\n") if line.strip()]
    assert FEWEST_LINES <= len(lines) <= MOST_LINES


@pytest.mark.parametrize("file", RECIPES, ids=lambda path: path.stem)
def test_the_figure_of_a_recipe_is_on_its_page(file, pages):
    drawn = re.findall(r'save_figure\(figure, Path\("(.+?)"\)\)', file.read_text(encoding="utf-8"))
    for name in drawn:
        assert f"](cookbook/{name}.png)" in pages["cookbook.md"]
        assert (DOCS / "cookbook" / f"{name}.png").is_file()


def test_index_shows_both_doors(pages):
    assert len(BLOCK.findall(pages["index.md"])) >= 2


def test_every_ending_is_explained(pages):
    for status in eq.Status:
        assert f"| `{status.name}` | {status} |" in pages["concepts.md"]
