"""The decision whether a table holds entries (row id, column id, value) or a matrix, by its titles and types."""

from typing import Literal

import numpy as np
from jaxtyping import Shaped

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt, joined
from equipoise.datasets.formats import Kind
from equipoise.datasets.tables.table import Table
from equipoise.datasets.tables.titles import Role, names_labels, roles


def kind_of(table: Table, columns: tuple[str, ...] | None, lean: Kind | Literal["neither"] = "neither") -> Kind:
    """Return what a table holds; raise `InputError` if both readings remain, unless `lean` says which one to take."""
    if columns is not None:
        return "triplets"
    found = _by_titles(table)
    if found is None and lean == "matrix":
        return "matrix"
    if found is None and table.labelled is not True and table.width in (3, 4):
        found = _by_types(table)
    elif found is None:
        found = "matrix"
    if found is not None:
        return found
    if lean == "neither":
        raise _both(table)
    return lean


def by_titles(table: Table) -> dict[Role, int] | None:
    """Return the columns of row ids, column ids, values and times, if the titles say which ones they are.

    Two of the first three are enough if only one column besides them is left.
    """
    found = roles(table.titles)
    needed: tuple[Role, ...] = ("row", "column", "value")
    open_roles = [role for role in needed if role not in found]
    free = [k for k in range(table.width) if k not in found.values()]
    if len(open_roles) == 1 and len(free) == 1:
        if open_roles[0] == "value" and table.is_text(free[0]):
            return None
        found[open_roles[0]] = free[0]
    return found if all(role in found for role in needed) else None


def _by_titles(table: Table) -> Kind | None:
    found = by_titles(table) if table.titles and table.labelled is not True else None
    return None if found is None else "triplets"


def _by_types(table: Table) -> Kind | None:
    """The kind of a table of three or four columns, by the types of its cells and by ids that come again."""
    rows, columns = table.columns[:2]
    if table.is_text(1):
        return _by_names(table)
    if table.is_text(2):
        return "matrix"
    if table.is_text(0):
        return "triplets" if _repeats(rows) and table.is_whole(1) and not _is_matrix_title(table) else "matrix"
    if not (table.is_whole(0) and table.is_whole(1)) or min(int(rows.min()), int(columns.min())) < 0:
        return "matrix"
    if any(table.gaps(k).any() for k in range(table.width)):
        return "matrix"
    if table.stamped:
        return "triplets"
    if table.titles or not (_repeats(rows) and _repeats(columns)):
        return "matrix" if table.titles and _is_matrix_title(table) and not _repeats(rows) else None
    if table.width == 4 and not any(looks_like_times(table.columns[k]) for k in (2, 3)):
        return None
    return "triplets" if 2 * _pairs(rows, columns) >= rows.size else None


def _by_names(table: Table) -> Kind | None:
    """The kind of a table with text in its second column: that of column ids, or what does not belong in a matrix."""
    if table.titles and not _repeats(table.columns[0]):
        return "matrix"
    times = table.width == 3 or table.is_text(3) or any(looks_like_times(table.columns[k]) for k in (2, 3))
    return "triplets" if times else None


def _is_matrix_title(table: Table) -> bool:
    return bool(table.titles) and names_labels(table.titles[0]) and "value" not in roles(table.titles)


def looks_like_times(column: Shaped[np.ndarray, " rows"]) -> bool:
    """Whether all numbers are whole and of the size of Unix times since 1973, in seconds or thousandths."""
    if column.dtype.kind not in "iuf" or not column.size:
        return False
    low, high = float(column.min()), float(column.max())
    return (low >= 1e8 and high < 1e10) or (low >= 1e11 and high < 1e13)


def _repeats(ids: Shaped[np.ndarray, " rows"]) -> bool:
    return np.unique(ids).size < ids.size


def _pairs(rows: Shaped[np.ndarray, " rows"], columns: Shaped[np.ndarray, " rows"]) -> int:
    """The number of different places."""
    numbered, width = np.unique(columns, return_inverse=True)[1], int(columns.size)
    return np.unique(np.unique(rows, return_inverse=True)[1] * width + numbered).size


def _both(table: Table) -> InputError:
    shown = f" ({joined([excerpt(title, 20) for title in table.titles])})" if table.titles else ""
    return InputError(
        f"The {table.width} columns of {table.name}{shown} can be read as entries (row id, column id, value) or as a "
        "matrix; pass kind='triplets' or kind='matrix'."
    )
