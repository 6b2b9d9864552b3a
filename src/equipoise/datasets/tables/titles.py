"""What the title of a column says it holds: row ids, column ids, values, times or labels."""

import re
from collections.abc import Sequence
from typing import Literal, TypeAlias

Role: TypeAlias = Literal["row", "column", "value", "time"]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_WORDS: dict[Role, frozenset[str]] = {
    "row": _set(
        """user users uid userid customer customers client buyer reviewer rater reader viewer listener member person
        people subject patient participant student respondent voter player worker annotator drug compound row rows
        source src account visitor session consumer"""
    ),
    "column": _set(
        """item items iid itemid movie movies film films product products book books song songs track tracks artist
        artists album isbn asin sku business restaurant recipe article anime game games joke show shows question
        target protein col cols column columns destination dst tail video place venue page url hotel course"""
    ),
    "value": _set(
        """rating ratings value values score scores star stars val weight count counts plays playcount overall grade
        strength affinity ic50 measurement frequency freq quantity qty amount vote votes preference response"""
    ),
    "time": _set("timestamp time timestamps date datetime when ts day unixtime created updated"),
}
_SUFFIXES = _set("id ids key no nr num number code name index idx title")
_LABELS = _set(
    """id ids index idx key name names label labels code gene genes symbol sample country countries region state city
    species feature features variable probe barcode word term document doc town county company ticker nr no"""
)
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+[0-9]*|[0-9]+")


def words_of(title: str) -> list[str]:
    """The words of a title in lower case: user, id for userId, user_id and USER ID."""
    return [word.lower() for word in _PARTS.findall(title.strip())]


def role_of(title: str) -> Role | None:
    """The role that a title names by its last word, leaving words such as id aside; None if it names none."""
    words = words_of(title)
    while len(words) > 1 and words[-1] in _SUFFIXES:
        words.pop()
    return next((role for role, known in _WORDS.items() if words and words[-1] in known), None)


def roles(titles: Sequence[str]) -> dict[Role, int]:
    """The column of every role that one title names clearly; of several, the one called an id."""
    letters = {title.strip().lower() for title in titles}
    candidates: dict[Role, list[int]] = {}
    for position, title in enumerate(titles):
        role = role_of(title) or _letter(title.strip().lower(), letters)
        if role is not None:
            candidates.setdefault(role, []).append(position)
    found = {}
    for role, positions in candidates.items():
        named = [k for k in positions if "id" in words_of(titles[k])] if role in ("row", "column") else []
        exact = [k for k in positions if len(words_of(titles[k])) == 1]
        best = next((some for some in (positions, named, exact) if len(some) == 1), None)
        if best:
            found[role] = best[0]
    return found


def _letter(title: str, letters: set[str]) -> Role | None:
    """What u, i, r, and i, j, v stand for."""
    meanings: dict[str, Role] = {}
    if {"u", "i"} <= letters:
        meanings = {"u": "row", "i": "column", "r": "value", "v": "value", "t": "time"}
    elif {"i", "j"} <= letters:
        meanings = {"i": "row", "j": "column", "v": "value", "r": "value"}
    return meanings.get(title)


def names_labels(title: str) -> bool:
    """Whether a title is one of a column of ids or names."""
    words = words_of(title)
    return bool(words) and (words[-1] in _LABELS or words[-1] in _SUFFIXES or role_of(title) in ("row", "column"))


def names_times(title: str) -> bool:
    """Whether a title is one of a column of times."""
    words = words_of(title)
    return bool(words) and (words[-1] in _WORDS["time"] or words[-1] in ("year", "month", "epoch", "seconds"))
