"""Columns read cell by cell."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Shaped

from equipoise.datasets.readers.text.numerals import Numerals
from equipoise.datasets.tables.ids import texts_of, whole


def column_of(cells: Sequence[str], numerals: Numerals) -> Shaped[np.ndarray, " rows"]:
    """Return int64 if every cell is a plain whole number, float64 if every one is a number or missing, else text."""
    read = [whole(cell.strip()) for cell in cells]
    if None not in read and not numerals.missing:
        return np.array(read, dtype=np.int64)
    numbers = []
    for cell in cells:
        missing = numerals.is_missing(cell)
        number = np.nan if missing else numerals.number(cell)
        if number is None:
            return texts_of(cells)
        numbers.append(number)
    found = np.array(numbers, dtype=np.float64)
    if np.isnan(found).all():
        return texts_of(cells)
    if None not in read and not np.isnan(found).any():
        return np.array(read, dtype=np.int64)
    return found
