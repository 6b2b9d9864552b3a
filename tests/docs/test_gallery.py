"""The gallery shows a picture of every paper, and warns where there is none."""

import json
import types

import pytest

from equipoise.papers import known

PAGE = types.SimpleNamespace(file=types.SimpleNamespace(src_uri="gallery.md"))


@pytest.fixture
def gallery(load_hook):
    return load_hook("gallery")


def test_every_paper_has_its_picture_and_its_page(gallery, caplog):
    shown = gallery.on_page_markdown("before\n\n<!-- gallery -->", page=PAGE)
    assert shown.startswith("before")
    for paper in known():
        assert f"({paper}.md)" in shown
        assert f"(assets/{paper}/" in shown
    assert shown.count("claims measured") == len(known())
    assert not caplog.records
    assert gallery.on_page_markdown("no mark", page=PAGE) == "no mark"


def test_covers_are_of_papers_and_figures_that_are_there(gallery):
    assert set(gallery.COVERS) <= set(known())
    for paper, claim in gallery.COVERS.items():
        assert (gallery.DOCS / "assets" / paper / f"{claim}.png").is_file()


def test_a_paper_without_a_picture_is_told(gallery, monkeypatch, tmp_path, caplog):
    (tmp_path / "assets/fake").mkdir(parents=True)
    (tmp_path / "assets/fake/claims.json").write_text(json.dumps([]), encoding="utf-8")
    monkeypatch.setattr(gallery, "DOCS", tmp_path)
    monkeypatch.setattr(gallery, "known", lambda: ("fake",))
    assert "## fake" in gallery.on_page_markdown("<!-- gallery -->", page=PAGE)
    assert "no figure of fake" in caplog.text
