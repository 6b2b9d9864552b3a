"""What the tests of the documentation share: its pages, and the hooks that build them."""

import importlib.util
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
FENCED = re.compile(r"^( *)```.*?^\1```$", re.DOTALL | re.MULTILINE)
IN_LINE = re.compile(r"`[^`\n]+`")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$", re.DOTALL)


@pytest.fixture(scope="session")
def docs():
    """The folder of the documentation."""
    return DOCS


@pytest.fixture(scope="session")
def pages(docs):
    """The text of every page, by its path in the folder."""
    return {page.relative_to(docs).as_posix(): page.read_text("utf-8") for page in sorted(docs.rglob("*.md"))}


@pytest.fixture(scope="session")
def prose(pages):
    """The same without code, formulas and comments, each of which leaves its line breaks."""

    def blank(found):
        return "\n" * found[0].count("\n")

    shown = {}
    for name, text in pages.items():
        for pattern in (FENCED, COMMENT, IN_LINE, FORMULA):
            text = pattern.sub(blank, text)
        shown[name] = text
    return shown


@pytest.fixture(scope="session")
def load_hook(docs):
    """A function that loads a build hook by its name, each time anew."""

    def load(name):
        specification = importlib.util.spec_from_file_location(f"docs_hooks_{name}", docs / "hooks" / f"{name}.py")
        module = importlib.util.module_from_spec(specification)
        specification.loader.exec_module(module)
        return module

    return load
