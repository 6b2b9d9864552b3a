"""Tables of a study's file, and checks of their keys and values."""

from collections.abc import Iterable
from typing import Any

from equipoise.core.errors import InputError
from equipoise.core.messages import nearest


class Place:
    """A place in a study's file, for messages: the file's name and the table, such as "[method]"."""

    def __init__(self, file: str, table: str = "") -> None:
        self.file, self.table = file, table

    def within(self, table: str) -> "Place":
        """The place of a table of the file."""
        return Place(self.file, f"[{table}]")

    def __str__(self) -> str:
        return f"{self.table} of {self.file}" if self.table else self.file


def check_keys(table: dict[str, Any], known: Iterable[str], needed: Iterable[str], place: Place) -> None:
    """Raise `InputError` for a key that is not known, with the nearest that is, and for one that is missing."""
    names = list(known)
    for key in table:
        if key not in names:
            raise InputError(
                f"{place} has the unknown key {key}{nearest(key, names)}; it may have {', '.join(names) or 'no key'}."
            )
    for key in needed:
        if key not in table:
            raise InputError(f"{place} has no {key}; add it.")


def table_of(document: dict[str, Any], name: str, place: Place) -> dict[str, Any]:
    """A table of the document, empty if it is missing; raises `InputError` if it is no table."""
    found = document.get(name, {})
    if not isinstance(found, dict):
        raise InputError(f"{name} of {place} is {found!r}; make it a table: [{name}].")
    return found
