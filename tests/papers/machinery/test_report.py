import json
from html.parser import HTMLParser

import pytest

from equipoise.papers import reproduce
from equipoise.papers.machinery.report import number

VOID = {"meta", "img", "link", "br"}


class Page(HTMLParser):
    """Reads a page, failing where its tags are not nested; keeps tags, links, ids and text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.rows: list[list[str]] = []
        self.feed(text)
        self.close()
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        named = dict(attributes)
        self.links += [named[key] for key in ("href", "src") if key in named]
        self.ids += [named["id"]] if "id" in named else []
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data


@pytest.fixture
def page(bench, tmp_path):
    reproduce(bench.paper, quick=True, out=tmp_path, command="equipoise reproduce fake")
    return Page((tmp_path / "index.html").read_text())


def test_links_lead_to_files_and_sections(page, tmp_path):
    for link in page.links:
        if link.startswith("#"):
            assert link[1:] in page.ids
        else:
            assert (tmp_path / link).is_file()
    assert {"figures/first.png", "data/second.1.path.nc", "claims.json"} <= set(page.links)
    assert "figures/first.pdf" not in page.links


def test_the_full_form_has_figures_for_print_too(bench, tmp_path):
    reproduce(bench.paper, out=tmp_path)
    assert {"figures/first.png", "figures/first.pdf"} <= set(Page((tmp_path / "index.html").read_text()).links)


def test_nothing_comes_from_elsewhere(page, tmp_path):
    text = (tmp_path / "index.html").read_text()
    assert "http" not in text
    assert not {"script", "link", "iframe"} & set(page.tags)


def test_summary_and_checks_are_tabled(page):
    summary = ["first", "Section first", "It ends near ½ & <all> of it.", "✓ holds", "✓ holds"]
    assert summary in page.rows
    assert page.rows.count(["last value", "1", "1", "0.1", "✓ holds"]) == 3
    assert ["nothing", "≤ 1", "-inf", "–", "✓ holds"] in page.rows


def test_the_page_says_how_it_was_made(page, tmp_path):
    text = (tmp_path / "index.html").read_text()
    for words in (
        "On &lt;made-up&gt; things",
        "equipoise reproduce fake",
        "jax ",
        "A quick run",
        "Everything.",
        "1e-6",
        "3 claims measured; as printed 3 hold.",
        "first: the value &amp; &lt;all&gt; ends at ½",
        "It ends at 1.",
    ):
        assert words in text
    assert "&#34;step_size&#34;: 0.01" in text


def test_claims_are_strict_json(page, tmp_path):
    def refuse(constant):
        raise AssertionError(constant)

    claims = json.loads((tmp_path / "claims.json").read_text(), parse_constant=refuse)
    assert claims[0]["measured"] == {"last value": 1.0, "nothing": "-Infinity"}
    assert claims[0]["tolerance"] == {"last value": 0.1, "nothing": None}
    assert claims[0]["holds"] is True
    assert claims[0]["quick"] is True
    assert claims[0]["seed"] == 5
    assert claims[0]["seconds"] >= 0


@pytest.mark.parametrize(("value", "text"), [(0.1234567, "0.123457"), (None, "–"), ("≤ 3", "≤ 3"), (1e-12, "1e-12")])
def test_numbers(value, text):
    assert number(value) == text
