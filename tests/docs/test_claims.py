"""The build hook: claims become tables, and quoted numbers are held against what was measured."""

import json
import types

import pytest

PAGE = types.SimpleNamespace(file=types.SimpleNamespace(src_uri="page.md"))
CLAIM = {
    "id": "figure2.1",
    "paper": "fake",
    "source": "Figure 2 & 3",
    "statement": "x < 1 * y",
    "measured": {"ratio": 0.00475941, "flat": None},
    "expected": {"ratio": "≤ 0.005", "flat": 1.0},
    "tolerance": {"ratio": None, "flat": 1e-12},
    "checks": {"ratio": True, "flat": False},
    "holds": False,
    "printed": {
        "says": "x = 1 & y",
        "verdict": "not decided",
        "because": "It is < 2.",
        "name": "x",
        "measured": 1.25,
    },
    "choices": "None <b>.",
    "false_alarm": "",
    "quick": True,
    "seconds": 1.23,
}


@pytest.fixture
def hooks(tmp_path, monkeypatch, load_hook):
    module = load_hook("claims")
    (tmp_path / "fake").mkdir()
    (tmp_path / "fake" / "claims.json").write_text(json.dumps([CLAIM]), encoding="utf-8")
    monkeypatch.setattr(module, "ASSETS", tmp_path)
    return module


def test_a_marker_becomes_tables(hooks, caplog):
    shown = hooks.on_page_markdown("before\n\n<!-- claims: fake -->\n\nafter", page=PAGE)
    assert shown.startswith("before")
    assert shown.endswith("after")
    assert "1 claim measured, of which the checks of 1 fail (figure2.1); as printed 0 hold, 1 is not decided" in shown
    assert "<td>? not decided</td><td><strong>✗ fails</strong></td>" in shown
    assert "x = 1 &amp; y" in shown
    assert "It is &lt; 2. (x: 1.25)" in shown
    assert "quick run" in shown
    assert "### figure2.1" in shown
    assert '<a href="#figure21">figure2.1</a>' in shown
    assert "<td>ratio</td><td>≤ 0.005</td><td>0.004759</td><td>–</td><td>✓ holds</td>" in shown
    assert "<td>flat</td><td>1</td><td>–</td><td>1e-12</td><td><strong>✗ fails</strong></td>" in shown
    assert "x &lt; 1 * y" in shown
    assert "![" not in shown
    assert not caplog.records


def test_a_figure_is_shown_if_there_is_one(hooks):
    (hooks.ASSETS / "fake" / "figure2.1.png").touch()
    assert "](assets/fake/figure2.1.png)" in hooks.on_page_markdown("<!-- claims: fake -->", page=PAGE)


@pytest.mark.parametrize(
    ("results", "told"),
    [
        ({}, "- Quick forms: none was run over fresh seeds."),
        (
            {"a": {"seeds": 12, "failed": 0}, "b": {"seeds": 24, "failed": 0}},
            "- Quick forms: 2 claims over 12 to 24 fresh seeds each. No check fails at any seed.",
        ),
        (
            {"a": {"seeds": 36, "failed": 1}},
            "- Quick forms: 1 claim over 36 fresh seeds each. A check fails at a seed in a at 1 of 36.",
        ),
    ],
)
def test_false_alarms_are_told_from_their_file(hooks, monkeypatch, results, told):
    monkeypatch.setattr(hooks, "false_alarms", lambda package: {"quick": results, "full": {}})
    shown = hooks.on_page_markdown("<!-- false alarms: fake -->", page=PAGE)
    assert shown.splitlines() == [told, "- Full forms: none was run over fresh seeds."]


@pytest.mark.parametrize("number", ["0.0048", "0.00476", "0.005"])
def test_a_rounded_number_may_be_quoted(hooks, caplog, number):
    text = f"It is {number} <!-- of: fake, figure2.1, ratio --> at the end."
    assert hooks.on_page_markdown(text, page=PAGE) == text
    assert not caplog.records


@pytest.mark.parametrize(
    ("quoted", "complaint"),
    [
        ("0.0047 <!-- of: fake, figure2.1, ratio -->", "0.0047 is quoted for 'ratio' of figure2.1, but 0.00475941"),
        ("1 <!-- of: fake, figure2.1, other -->", "no check 'other' of figure2.1"),
        ("1 <!-- of: fake, figure9, ratio -->", "no check 'ratio' of figure9"),
        ("<!-- claims: absent -->", "there are no claims in"),
    ],
)
def test_the_build_warns(hooks, caplog, quoted, complaint):
    hooks.on_page_markdown(quoted, page=PAGE)
    assert complaint in caplog.text
    assert caplog.records[0].levelname == "WARNING"
    assert caplog.records[0].name.startswith("mkdocs")


def test_numbers_quoted_in_the_pages_are_those_of_the_stored_claims(caplog, load_hook, pages):
    module = load_hook("claims")
    for name, text in pages.items():
        module.on_page_markdown(text, page=types.SimpleNamespace(file=types.SimpleNamespace(src_uri=name)))
    assert not caplog.records
