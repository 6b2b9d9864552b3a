"""No line of code is wider than its box, so that nobody has to scroll to read it.

On a page 1280 pixels wide the box of Material for MkDocs holds 80 characters of 8.2 pixels, as wide as those of the
widest usual fonts.
"""

import re

import pytest

WIDEST = 79
BLOCK = re.compile(r"^( *)```[^\n]*\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
SNIPPET = re.compile(r'--8<-- "(.+?)"')


def too_wide(text):
    return [line for line in text.split("\n") if len(line) > WIDEST]


def test_no_fenced_line_is_too_wide(pages):
    wide = {
        name: [line for indent, block in BLOCK.findall(text) for line in too_wide(block)]
        for name, text in pages.items()
    }
    assert not {name: lines for name, lines in wide.items() if lines}


@pytest.mark.parametrize("folder", ["snippets", "cookbook"])
def test_no_line_of_a_file_that_is_shown_is_too_wide(docs, folder):
    files = sorted((docs / folder).glob("*.py"))
    assert files
    assert not {file.name: lines for file in files if (lines := too_wide(file.read_text("utf-8")))}
