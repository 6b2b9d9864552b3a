"""A paper in a folder of one's own."""

import sys

import pytest

from equipoise.core.errors import InputError
from equipoise.papers import paper
from equipoise.papers.machinery.new_paper import new_paper


@pytest.fixture
def made(tmp_path, monkeypatch):
    """Makes a folder, whose package is forgotten at the end."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    before = set(sys.modules)

    def make(name: str, **texts: str):
        folder = tmp_path / name
        folder.mkdir()
        for file, text in texts.items():
            (folder / f"{file}.py").write_text(text, "utf-8")
        return folder

    yield make
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_a_folder_is_a_paper(tmp_path, made):
    new_paper("folder2001", checkout=None, out=tmp_path)
    found = paper(str(tmp_path / "folder2001"))
    assert found.id == "folder2001"
    assert [claim.id for claim in found.claims] == ["proposition1"]
    assert paper(f"{tmp_path}/folder2001/") is found


OTHER = "from equipoise.papers import Paper\nPAPER = Paper('x', '', '', 1, '', ())\n"


@pytest.mark.parametrize(
    ("name", "texts", "told"),
    [
        ("folder2002", {}, "no __init__.py"),
        ("folder2003", {"__init__": "PAPER = 1\n"}, "exposes no paper"),
        (
            "folder2004",
            {"__init__": OTHER},
            "id 'x'",
        ),
        ("folder 2005", {"__init__": ""}, "cannot be imported by its name"),
        ("json", {"__init__": ""}, "There is another module 'json'"),
    ],
)
def test_a_folder_that_is_none_is_told(made, name, texts, told):
    with pytest.raises(InputError, match=told):
        paper(str(made(name, **texts)))
