"""A paper from the templates: it passes lint, types and its own tests unchanged, in a checkout and on its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from equipoise.core.errors import InputError
from equipoise.papers.machinery import new_paper as module
from equipoise.papers.machinery.checkout import Checkout, checkout_around
from equipoise.papers.machinery.new_paper import new_paper

ROOT = Path(__file__).parents[3]
NAMES = ("smith2026", "adams2025")
"""One each side of "machinery", since imports are sorted."""


def bare(root: Path) -> Checkout:
    """A checkout with the shared files alone."""
    for place in ("src/equipoise/papers", "tests/papers", "docs"):
        (root / place).mkdir(parents=True)
    for name in ("pyproject.toml", "mkdocs.yml"):
        shutil.copy(ROOT / name, root / name)
    return Checkout(root)


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    """A checkout whose package is this one by links, with a new paper, and beside it a paper of its own."""
    root = tmp_path_factory.mktemp("checkout")
    inside = bare(root)
    for here, there in ((root / "src/equipoise", ROOT / "src/equipoise"), (inside.papers, Checkout(ROOT).papers)):
        for part in there.iterdir():
            if part.name not in ("papers", "__pycache__"):
                (here / part.name).symlink_to(part)
    (inside.tests / "conftest.py").symlink_to(Checkout(ROOT).tests / "conftest.py")
    for name in NAMES:
        new_paper(name, claim="lemma3.2", checkout=inside, out=root)
    new_paper("jones_a", claim="theorem1", checkout=None, out=root / "alone")
    return root


def run(root: Path, *words: str) -> str:
    """The output of a program of this Python, which must succeed."""
    environment = {**os.environ, "PYTHONPATH": str(root / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-m", *words], cwd=root, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_own_tests_pass_unchanged(root):
    said = run(root, "pytest", "-q", "-p", "no:cacheprovider", "tests/papers/smith2026", "alone/jones_a")
    assert "7 passed" in said


def test_lint_and_format_are_satisfied(root):
    pytest.importorskip("ruff")
    inside = [f"{place}/{name}" for name in NAMES for place in ("src/equipoise/papers", "tests/papers")]
    run(root, "ruff", "check", "--no-cache", *inside)
    run(root, "ruff", "format", "--no-cache", "--check", *inside)
    run(root / "alone", "ruff", "check", "--no-cache", "--isolated", "--select", "E4,E7,E9,F,I", "jones_a")
    run(root / "alone", "ruff", "format", "--no-cache", "--isolated", "--check", "jones_a")


def test_types_are_satisfied(root):
    pytest.importorskip("mypy")
    alone = ("--follow-imports=skip", "--ignore-missing-imports", "--disallow-untyped-defs", "--cache-dir=/dev/null")
    run(root, "mypy", "--config-file=", *alone, "src/equipoise/papers/smith2026", "alone/jones_a/theorem1.py")


def test_a_checkout_is_found_from_within(root, tmp_path):
    assert checkout_around(root / "docs") == Checkout(root.resolve())
    assert checkout_around(tmp_path) is None


def test_shared_files_get_one_line_among_the_others(tmp_path):
    made = new_paper("smith2026", checkout=bare(tmp_path), out=tmp_path)
    for path, line, start in (
        ("pyproject.toml", "    | smith2026", "    | "),
        ("mkdocs.yml", "      - Smith (2026): smith2026.md", "      - "),
    ):
        old, new = ((folder / path).read_text("utf-8").splitlines() for folder in (ROOT, tmp_path))
        place = new.index(line)
        assert [*new[:place], *new[place + 1 :]] == old
        assert new[place - 1].startswith(start)
        assert tmp_path / path in made.changed
    ids = [line for line in (tmp_path / "pyproject.toml").read_text("utf-8").splitlines() if line.startswith("    | ")]
    assert ids == sorted(ids)
    assert all(path.is_file() for path in made.files)


@pytest.mark.parametrize("name", ["Smith2026", "2026smith", "a b", "class", "shared", "../x", "é", "", "x" * 31])
def test_a_name_that_cannot_be_one_is_refused(name, tmp_path):
    with pytest.raises(InputError, match="A paper cannot be called"):
        new_paper(name, checkout=None, out=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("claim", ["3", "a-b", "shared", "a.b", "x/y", "", "import"])
def test_a_claim_that_cannot_be_one_is_refused(claim, tmp_path):
    with pytest.raises(InputError, match="A claim cannot be called"):
        new_paper("smith2026", claim=claim, checkout=None, out=tmp_path)


def test_nothing_is_written_over(tmp_path):
    (tmp_path / "smith2026").mkdir()
    with pytest.raises(InputError, match="There is already a"):
        new_paper("smith2026", checkout=None, out=tmp_path)
    inside = bare(tmp_path / "checkout")
    (inside.docs / "smith2026.md").write_text("mine", "utf-8")
    with pytest.raises(InputError, match=r"There is already a .*smith2026\.md"):
        new_paper("smith2026", checkout=inside, out=tmp_path)
    assert not list(inside.papers.iterdir())


def test_all_of_it_or_nothing(tmp_path, monkeypatch):
    inside = bare(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    written = []

    def full(path: Path, text: str) -> Path:
        written.append(path)
        if path.name == "mkdocs.yml" and written.count(path) == 1:
            raise InputError("The disk is full; free some space.")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    monkeypatch.setattr(module, "write_text", full)
    with pytest.raises(InputError, match="full"):
        new_paper("smith2026", checkout=inside, out=tmp_path)
    assert len(written) > 5
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert not (inside.papers / "smith2026").exists()


def test_a_list_in_another_form_is_told(tmp_path):
    inside = bare(tmp_path)
    (tmp_path / "mkdocs.yml").write_text("nav: []\n", "utf-8")
    with pytest.raises(InputError, match=r"No paper is listed in .*mkdocs\.yml"):
        new_paper("smith2026", checkout=inside, out=tmp_path)
