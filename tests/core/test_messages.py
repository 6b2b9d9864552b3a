import pytest

from equipoise.core.messages import excerpt, joined, listing, reason, shown_path


def test_paths_are_shown_as_given_unless_they_would_break_the_line():
    assert shown_path("a b/é.csv") == "a b/é.csv"
    assert shown_path("a\nb.csv") == r"'a\nb.csv'"


def test_excerpts_are_short_and_on_one_line():
    assert excerpt("a\nb") == r"'a\nb'"
    assert excerpt("x" * 41) == "'" + "x" * 40 + "...'"
    assert excerpt("x" * 40) == "'" + "x" * 40 + "'"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("first\nline\tand  more."), "first line and more"),
        (ValueError(), "ValueError"),
        (FileNotFoundError(2, "No such file", "x"), "No such file"),
        (ValueError("y" * 500), "y" * 120),
        (ValueError("\x00\x1b[2J"), "[2J"),
    ],
)
def test_reasons_are_short_and_on_one_line(error, said):
    assert reason(error) == said


def test_long_listings_are_counted():
    assert listing(["a", "b"]) == "a, b"
    assert listing([str(i) for i in range(10)], limit=3) == "0, 1, 2, and 7 more"


def test_a_few_things_in_a_sentence():
    assert joined(["a"]) == "a"
    assert joined(["a", "b"]) == "a and b"
    assert joined(["a", "b", "c"]) == "a, b and c"
