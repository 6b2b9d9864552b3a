"""From a table to a matrix: its labels set apart, and every other cell a number."""

import numpy as np
from jaxtyping import Float64, Shaped

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt
from equipoise.core.user_matrix import Missing
from equipoise.datasets.labelled import LabelledMatrix
from equipoise.datasets.tables.ids import ids_of, whole
from equipoise.datasets.tables.table import Table
from equipoise.datasets.tables.titles import names_labels, names_times

_REMEDY = "write a number there, or leave out its row or column"


def matrix_of(table: Table, missing: Missing, labels: bool | None = None) -> LabelledMatrix:
    """Return the matrix of a table with its labels.

    - `table`: the table.
    - `missing`: whether missing cells are an "error" or are "allowed" and become NaN.
    - `labels`: whether the first column holds labels; None to find out.

    Raises `InputError` at the first cell that is not a finite number, and for a column without any number.
    """
    labelled = _has_labels(table) if labels is None else labels
    first = int(labelled)
    if table.width <= first:
        raise InputError(f"{table.name} has no column beside the labels of its rows; add one, or pass labels=False.")
    matrix = np.empty((table.height, table.width - first))
    for k in range(first, table.width):
        matrix[:, k - first] = _numbers(table, k, missing)
    titles = [title.strip() for title in table.titles[first:]]
    row_labels, column_labels = _labels(table) if labelled else None, ids_of(titles) if any(titles) else None
    said = (*table.said, f"row labels from column 1{_called(table)}") if labelled else table.said
    return LabelledMatrix(matrix, row_labels, column_labels, said)


def _called(table: Table) -> str:
    return f" ({excerpt(table.title(0))})" if table.title(0).strip() else ""


def _labels(table: Table) -> Shaped[np.ndarray, " rows"]:
    """The first column as labels; numbers that are not whole become text as they are written."""
    column = table.columns[0]
    if column.dtype.kind == "f" and (np.abs(column) < 2.0**53).all() and (column == np.floor(column)).all():
        return column.astype(np.int64)
    if column.dtype.kind == "f":
        return ids_of([table.cell(k, 0).strip() for k in range(column.size)])
    return ids_of([cell.strip() for cell in column.tolist()]) if column.dtype.kind == "O" else column


def _has_labels(table: Table) -> bool:
    """Whether the first column holds labels, by its title and its cells."""
    if table.labelled is not None or table.width == 1:
        return bool(table.labelled)
    if table.is_text(0):
        return _is_named(table)
    title = table.title(0)
    if not title.strip():
        return any(other.strip() for other in table.titles)
    cells = table.columns[0]
    others = [whole(other.strip()) for other in table.titles[1:]]
    if table.gaps(0).any():
        return False
    if names_times(title) and (np.diff(cells) > 0).all():
        return True
    if not table.is_whole(0) or not (names_labels(title) or (len(others) > 1 and None not in others)):
        return False
    if np.unique(cells).size == cells.size:
        return True
    raise InputError(
        f"Column 1 ({excerpt(title)}) of {table.name} may hold labels of the rows, some of them twice, or numbers of "
        "the matrix; pass labels=True or labels=False."
    )


def _is_named(table: Table) -> bool:
    """Whether a first column of text holds names rather than a few bad cells among numbers."""
    texts = ~table.gaps(0)
    cells = table.columns[0][texts].tolist()
    numbers = sum(table.number(cell) is not None for cell in cells)
    return 2 * numbers < max(len(cells), 1) or (bool(table.titles) and names_labels(table.titles[0]))


def _numbers(table: Table, k: int, missing: Missing) -> Float64[np.ndarray, " rows"]:
    gaps = table.gaps(k)
    if table.is_text(k):
        raise _not_a_number(table, k, gaps, missing)
    numbers = table.columns[k].astype(np.float64)
    if gaps.any() and missing == "error":
        raise _empty(table, int(np.argmax(gaps)), k)
    if gaps.all():
        raise InputError(f"{table.column_in_words(k)} of {table.name} has no number at all; leave it out.")
    if np.isinf(numbers).any():
        row = int(np.argmax(np.isinf(numbers)))
        raise InputError(
            f"{table.place(row, k)} holds {excerpt(table.cell(row, k).strip())}, which is not finite or overflows "
            "float64; write a finite number there."
        )
    return numbers


def _not_a_number(table: Table, k: int, gaps: np.ndarray, missing: Missing) -> InputError:
    """The error for the first cell of a column of text that is no number."""
    for row, cell in enumerate(table.columns[k].tolist()):
        if gaps[row] and missing == "error":
            return _empty(table, row, k)
        if not gaps[row] and table.number(cell) is None:
            return not_a_number(table, row, k, _REMEDY)
    if gaps.all():
        return InputError(f"{table.column_in_words(k)} of {table.name} has no number at all; leave it out.")
    row = int(np.argmin(gaps))  # numbers that a typed file holds as text
    return not_a_number(table, row, k, _REMEDY)


def _empty(table: Table, row: int, k: int) -> InputError:
    return empty_or_word(table, row, k, _REMEDY)


def empty_or_word(table: Table, row: int, k: int, remedy: str) -> InputError:
    """The error for a missing cell, which may hold a word such as NA."""
    cell = table.cell(row, k)
    return (
        not_a_number(table, row, k, remedy)
        if cell.strip()
        else InputError(f"{table.place(row, k)} is empty; {remedy}.")
    )


def not_a_number(table: Table, row: int, k: int, remedy: str) -> InputError:
    """The error for a cell that holds text."""
    return InputError(f"{table.place(row, k)} holds {excerpt(table.cell(row, k))}, which is not a number; {remedy}.")
