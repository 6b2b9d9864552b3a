"""Parts of one-line messages: paths, errors of other libraries and contents of files, in printable form."""

import difflib
import os
from collections.abc import Iterable


def shown_path(path: str | os.PathLike[str]) -> str:
    """Return `path` as it was given, quoted and escaped if it holds unprintable characters."""
    text = os.fspath(path)
    return text if text.isprintable() else repr(text)


def excerpt(text: str, width: int = 40) -> str:
    """Return the first `width` characters of `text` in quotes, on one line, followed by `...` if `text` is longer."""
    return repr(text if len(text) <= width else text[:width] + "...")


def reason(error: Exception) -> str:
    """Return the message of another library's `error` on one line of at most 120 characters, without a final period."""
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    words = " ".join("".join(letter if letter.isprintable() else " " for letter in said).split())
    return words[:120].rstrip(" .:") or type(error).__name__


def listing(items: list[str], limit: int = 8) -> str:
    """Return `items` joined by commas; those beyond `limit` are only counted."""
    more = [f"and {len(items) - limit} more"] if len(items) > limit else []
    return ", ".join(items[:limit] + more)


def joined(items: list[str]) -> str:
    """Return `items` as in a sentence: a, b and c."""
    return " and ".join(filter(None, (", ".join(items[:-1]), items[-1])))


def place_of_cell(row: int, column: int, title: str, name: str) -> str:
    """Return the place of a cell in the table `name` in words; rows and columns are counted from 1."""
    titled = f" ({excerpt(title)})" if title.strip() else ""
    return f"Row {row}, column {column}{titled} of {name}"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return " (did you mean NAME?)" with the known name that is nearest to `word`; empty if none is near."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f" (did you mean {found[0]}?)" if found else ""
