"""Formulas are written in TeX, each of them can be read, and a page needs nothing from elsewhere to show them."""

import re
import types

import pytest

pytest.importorskip("math_core", reason="math-core is not installed")
markdown = pytest.importorskip("markdown", reason="Markdown is not installed")
mkdocs_exceptions = pytest.importorskip("mkdocs.exceptions", reason="MkDocs is not installed")
pytest.importorskip("pymdownx.arithmatex", reason="pymdown-extensions are not installed")

PAGE = types.SimpleNamespace(file=types.SimpleNamespace(src_uri="page.md"))
OPTIONS = {"generic": True, "inline_syntax": ["dollar"], "block_syntax": ["dollar"]}
WRITTEN_OUT = re.compile(r"[‖ᵀ√∇⟨⟩∂₊⪯𝒜½⅛¼¾∞∑∈]|[⁰¹²³⁴⁵⁶⁷⁸⁹⁻ⁿᵗ]|[₀-₉ᵢⱼ]")


@pytest.fixture(scope="module")
def shown(load_hook):
    """A function that shows Markdown as the build does."""
    hook = load_hook("formulas")

    def show(text):
        extensions = ["tables", "pymdownx.superfences", "pymdownx.arithmatex"]
        content = markdown.markdown(text, extensions=extensions, extension_configs={"pymdownx.arithmatex": OPTIONS})
        return hook.on_page_content(content, page=PAGE)

    return show


def test_a_formula_in_a_line(shown):
    assert shown("so $x < y$ holds") == "<p>so <math><mi>x</mi><mo>&lt;</mo><mi>y</mi></math> holds</p>"


def test_a_formula_in_a_paragraph_of_its_own(shown):
    found = shown("so\n\n$$\n\\frac{a}{b}\n$$\n\nholds")
    assert '<math display="block"><mfrac><mi>a</mi><mi>b</mi></mfrac></math>' in found
    assert "arithmatex" not in found


def test_norms_in_a_table(shown):
    found = shown("| a | b |\n| --- | --- |\n| $\\|X\\|_F$ | c |")
    assert found.count("‖") == 2
    assert found.count("<td>") == 2


def test_code_and_prices_are_no_formulas(shown):
    text = "`$x$` costs $5 or $6\n\n```sh\necho $x$\n```"
    assert "<math" not in shown(text)


@pytest.mark.parametrize("formula", [r"\unknown", r"x_{", r"\frac{1}", r"\begin{pmatrix} a", "a & b", r"\left( x"])
def test_what_is_not_tex_ends_the_build(shown, formula):
    with pytest.raises(mkdocs_exceptions.PluginError, match=r"page\.md: the formula .* is not TeX"):
        shown(f"a ${formula}$ b")


def test_every_formula_of_the_pages_is_tex(shown, pages):
    found = {name: shown(text) for name, text in pages.items()}
    assert sum(text.count("<math") for text in found.values()) > 300
    assert not [name for name, text in found.items() if 'class="arithmatex"' in text]


def test_formulas_are_not_written_out_in_letters(prose):
    left = [
        f"{name}:{number}: {line}"
        for name, text in prose.items()
        for number, line in enumerate(text.split("\n"), start=1)
        if WRITTEN_OUT.search(line)
    ]
    assert not left, "write these as formulas between dollar signs"


def test_the_font_of_the_formulas_is_on_the_disk(docs):
    style = docs / "stylesheets" / "formulas.css"
    named = re.findall(r'url\("(.+?)"\)', style.read_text("utf-8"))
    assert named
    assert all((style.parent / name).is_file() for name in named)
    assert "GUST Font License" in (style.parent / "formulas-font.txt").read_text("utf-8")
