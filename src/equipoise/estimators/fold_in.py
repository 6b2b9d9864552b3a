"""A new row of a completed matrix, folded in: ridge regression of its entries against the known column factors."""

import numpy as np
from jaxtyping import Float, Int

from equipoise.core.checks import non_negative_number
from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber
from equipoise.estimators.complete.means import SHRINKAGE


def fold_in(
    columns: Int[np.ndarray, " entries"],
    values: Float[np.ndarray, " entries"],
    right: Float[np.ndarray, "d2 k"],
    column_means: Float[np.ndarray, " d2"] | None,
    penalty: RealNumber,
) -> tuple[Float[np.ndarray, " k"], float]:
    """(u, r) of a row that a fit has not seen: its entry in column j is predicted as m_j + r + ⟨u, Y_j⟩.

    u and r minimize ½ Σ (m_j + r + ⟨u, Y_j⟩ − value)² + λ/2 ‖u‖² + s/2 r² over the row's entries, with s = `SHRINKAGE`.
    That is the objective of the penalized fit, as far as it depends on the row. Where it has several minima, as with
    λ = 0 and fewer entries than columns of Y, u is the shortest; a row without entries gets 0.

    - `columns`, `values`: the entries of the row; columns are counted from 0.
    - `right`: Y, the column factors.
    - `column_means`: m, the overall mean plus the effect of each column; None if means were not subtracted, and r is 0.
    - `penalty`: λ, in [M], 0 or greater.

    Raises `InputError` for a column outside Y, a value that is not finite, and a penalty below 0.
    """
    weight = non_negative_number("penalty", penalty)
    _check(columns, values, right.shape[0])
    k = right.shape[1]
    if not values.size:
        return np.zeros(k), 0.0
    factors = np.asarray(right[columns], float)
    if column_means is None:
        u = _ridge(factors, values, np.full(k, weight))
        return u, 0.0
    joint = np.column_stack([factors, np.ones(values.size)])
    found = _ridge(joint, values - column_means[columns], np.append(np.full(k, weight), SHRINKAGE))
    return found[:k], float(found[k])


def _ridge(
    factors: Float[np.ndarray, "entries k"], values: Float[np.ndarray, " entries"], penalties: Float[np.ndarray, " k"]
) -> Float[np.ndarray, " k"]:
    """The least ½‖factors u − values‖² + ½ Σ penalties u², by least squares, without forming the normal equations."""
    rows = np.vstack([factors, np.diag(np.sqrt(penalties))])
    return np.linalg.lstsq(rows, np.append(values, np.zeros(penalties.size)), rcond=None)[0]


def _check(columns: Int[np.ndarray, " entries"], values: Float[np.ndarray, " entries"], count: int) -> None:
    outside = (columns < 0) | (columns >= count)
    if outside.any():
        raise InputError(f"There is no column {columns[outside][0]}; the factors have {count}, counted from 0.")
    if not np.isfinite(values).all():
        raise InputError("An entry of the new row is not finite; leave out the entries that are not known.")
