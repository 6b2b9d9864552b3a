"""Options of the readers of files."""

from typing import Any, Literal, NamedTuple, TypeAlias

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt
from equipoise.core.user_matrix import Missing
from equipoise.datasets.formats import Kind

Duplicates: TypeAlias = Literal["error", "mean", "last"]
"""What to do with several values at one place."""


class MatrixOptions(NamedTuple):
    """Options of `read_matrix` that are passed to the readers.

    - `key`: the array to take from an archive.
    - `header`: whether the first line has titles; None to find out.
    - `missing`: "error", or "allowed" to read missing entries as NaN.
    """

    key: str | None = None
    header: bool | None = None
    missing: Missing = "error"

    @property
    def kind(self) -> Kind:
        """The kind of content that these options are for."""
        return "matrix"


class TripletOptions(NamedTuple):
    """Options of `read_triplets` that are passed to the readers.

    - `columns`: the titles of row ids, column ids, values and, optionally, timestamps; None for the first columns.
    - `header`: whether the first line has titles; None to find out.
    """

    columns: tuple[str, ...] | None = None
    header: bool | None = None

    @property
    def kind(self) -> Kind:
        """The kind of content that these options are for."""
        return "triplets"


def checked_columns(columns: Any) -> tuple[str, ...] | None:
    """Return three or four titles, all different, as a tuple; None stays None; anything else raises `InputError`."""
    if columns is None:
        return None
    texts = isinstance(columns, tuple | list) and all(isinstance(column, str) for column in columns)
    if not texts or len(columns) not in (3, 4) or len(set(columns)) < len(columns):
        raise InputError(
            f"columns is {excerpt(str(columns), 80)[1:-1]}; give the titles of the row ids, the column ids, the values "
            "and, if wanted, the timestamps, all different."
        )
    return tuple(columns)


def check_duplicates(duplicates: str) -> None:
    """Raise `InputError` unless `duplicates` is one of its options."""
    if duplicates not in ("error", "mean", "last"):
        raise InputError(f"duplicates is {duplicates!r}; it must be 'error', 'mean' or 'last'.")
