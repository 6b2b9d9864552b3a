"""Ids and labels: whole numbers if all of them are, and text otherwise."""

import re
from collections.abc import Sequence

import numpy as np
from jaxtyping import Shaped

_WHOLE = re.compile(r"0|-?[1-9][0-9]*+", re.ASCII)


def whole(text: str) -> int | None:
    """Return `text` as a whole number if it is one that fits in an int64, without plus sign and leading zeros."""
    if len(text) > 20 or not _WHOLE.fullmatch(text):
        return None
    value = int(text)
    return value if -(2**63) <= value < 2**63 else None


def ids_of(read: Sequence[str]) -> Shaped[np.ndarray, " ids"]:
    """Return int64 if every text is a whole number, else the texts in an object array."""
    numbers = [whole(cell) for cell in read]
    if None not in numbers:
        return np.array(numbers, dtype=np.int64)
    return texts_of(read)


def texts_of(read: Sequence[str]) -> Shaped[np.ndarray, " ids"]:
    """Return texts in an object array."""
    texts = np.empty(len(read), dtype=object)
    texts[:] = read
    return texts
