"""The pages are in American spelling, and have one word for one thing: that of the table in CONTRIBUTING.md."""

import re
from pathlib import Path

import pytest

CONTRIBUTING = Path(__file__).parents[2] / "CONTRIBUTING.md"
BRITISH = re.compile(
    r"\b\w*(?:behaviour|colour|neighbour|favour|honour|labour|vigour|rigour|centre|fibre|metre|theatre|licence|defence"
    r"|analys(?:e|ed|es|ing)\b|\w+isation|optimis(?!tic)|normalis|minimis|maximis|regularis|initialis|summaris|factoris"
    r"|labelled|labelling|modelled|modelling|cancelled|travell|catalogue|dialogue|grey|whilst|amongst|towards\b"
    r"|afterwards|learnt|spelt|programme\b)\w*",
    re.IGNORECASE,
)
OTHER_WORDS = {
    "dynamics": "method",
    "learning rate": "step size",
    "epoch": "step",
    "iteration": "step",
    "initialization": "start",
    "backend": "engine",
    "checkpoint": "look",
    "snapshot": "look",
    "validation": "held out",
    "ground truth": "signal",
    "trial": "replicate",
    "holes": "missing entries",
    "taken up again": "continued",
}


def found(pattern, prose):
    """Where a pattern is in the pages, which are hard-wrapped."""
    return {name: hits for name, text in prose.items() if (hits := re.findall(pattern, " ".join(text.split())))}


@pytest.fixture(scope="module")
def own_words(prose):
    """The prose without titles of papers (in italics), quotations, addresses of links, and names of entries."""
    others = re.compile(r"(?<!\*)\*[^*\n][^*]*\*(?!\*)|\"[^\"]*\"|\]\([^)]*\)|^:::.*(?:\n    .*)*", re.MULTILINE)
    return {name: others.sub(" ", text) for name, text in prose.items()}


def test_spelling_is_american(own_words):
    assert not found(BRITISH, own_words)


@pytest.mark.parametrize("word", OTHER_WORDS)
def test_one_word_for_one_thing(own_words, word):
    pattern = re.compile(rf"\b{word}s?\b", re.IGNORECASE)
    assert not found(pattern, own_words), f"write {OTHER_WORDS[word]!r}"


def test_the_words_are_those_of_the_table():
    rows = re.findall(r"^\| ([\w ]+) \| .+ \| (.+) \|$", CONTRIBUTING.read_text("utf-8"), re.MULTILINE)
    words = {word for word, _ in rows}
    assert {"method", "claim", "recording", "look", "start", "rank", "width", "replicate", "engine"} <= words
    assert len(words) == len(rows)
    here = set(OTHER_WORDS.values()) - {"missing entries", "continued"}
    assert here <= words
    for other, word in OTHER_WORDS.items():
        if word in words:
            assert other in dict(rows)[word], f"name {other!r} beside {word!r} in the table"
