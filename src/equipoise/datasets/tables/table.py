"""A table as a reader returns it: columns of numbers or text, with their titles and places in the file."""

import dataclasses
import functools
from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Shaped

from equipoise.core.messages import place_of_cell


def plain_number(cell: str) -> float | None:
    """Return the number in a cell, or None; unlike in Python, 1_000 and digits outside ASCII are none."""
    text = cell.strip()
    if "_" in text or not text.isascii():
        return None
    try:
        return float(text)
    except ValueError:
        return None


@dataclasses.dataclass(frozen=True, eq=False)
class Table:
    """The cells of a table, column by column.

    - `name`: the name of the file for messages.
    - `columns`: one array for each column: int64, float64 with NaN for a missing cell, or an object array of text. In
      text every cell stands as it was written.
    - `titles`: one for each column, or none.
    - `rows`: the row of the file, from 1, of each row of the table; or that of the first one, if they follow each
      other.
    - `labelled`: whether the first column surely holds labels of rows, or None if that is not known.
    - `stamped`: whether a fourth column without a title holds timestamps, as in MovieLens' own files.
    - `missing`: whether a text stands for a missing number.
    - `number`: the number that a text is, or None.
    - `written`: a function (row, column), both from 0, that gives a cell as it is written.
    - `said`: what was found out about the file, in words.
    """

    name: str
    columns: tuple[Shaped[np.ndarray, " rows"], ...]
    titles: tuple[str, ...] = ()
    rows: Shaped[np.ndarray, " rows"] | int = 1
    labelled: bool | None = None
    stamped: bool = False
    missing: Callable[[str], bool] = lambda cell: not cell.strip()
    number: Callable[[str], float | None] = plain_number
    written: Callable[[int, int], str] | None = None
    said: tuple[str, ...] = ()

    @property
    def height(self) -> int:
        """The number of rows."""
        return self.columns[0].size if self.columns else 0

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self.columns)

    def row(self, k: int) -> int:
        """The row of the file that holds row k of the table."""
        return k + self.rows if isinstance(self.rows, int) else int(self.rows[k])

    def title(self, column: int) -> str:
        """The title of a column, or nothing."""
        return self.titles[column] if self.titles else ""

    def place(self, row: int, column: int) -> str:
        """The place of a cell in words; both are counted from 0 here, and from 1 in the words."""
        return place_of_cell(self.row(row), column + 1, self.title(column), self.name)

    def column_in_words(self, column: int) -> str:
        """The place of a column in words."""
        return f"Column {column + 1}" + (f" ({self.title(column)!r})" if self.title(column).strip() else "")

    def cell(self, row: int, column: int) -> str:
        """A cell as it is written, as far as that is known."""
        if self.written is not None:
            return self.written(row, column)
        value = self.columns[column][row]
        return "" if isinstance(value, float) and np.isnan(value) else str(value)

    def is_text(self, column: int) -> bool:
        """Whether a column holds text."""
        return self.columns[column].dtype.kind == "O"

    def is_whole(self, column: int) -> bool:
        """Whether every cell of a column is a whole number."""
        return self.columns[column].dtype.kind in "iu"

    @functools.lru_cache(maxsize=64)  # noqa: B019  (tables are few, and kept while their file is read)
    def gaps(self, column: int) -> Bool[np.ndarray, " rows"]:
        """Where the cells of a column are missing, as numbers."""
        values = self.columns[column]
        if values.dtype.kind == "O":
            return np.fromiter((self.missing(cell) for cell in values.tolist()), bool, values.size)
        return np.isnan(values) if values.dtype.kind == "f" else np.zeros(values.size, bool)
