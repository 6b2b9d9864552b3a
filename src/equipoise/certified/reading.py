"""The user's measurements and data, checked, and without the measurements that repeat others."""

from typing import Any, NamedTuple

import numpy as np
import scipy.linalg
from jaxtyping import Float, Int

from equipoise.certified.of_problems import as_given
from equipoise.certified.operators import AbstractGramOperator, DenseGramOperator, EntriesGramOperator
from equipoise.core.errors import InputError

_SYMMETRY = 1e-12
_CONSISTENCY = 1e-9


class Measured(NamedTuple):
    """Independent measurements with their data, and where each stands among the user's."""

    operator: AbstractGramOperator
    data: Float[np.ndarray, " kept"]
    kept: Int[np.ndarray, " kept"]
    total: int

    def restrict(self, dual: Float[np.ndarray, " m"]) -> Float[np.ndarray, " kept"]:
        """A dual point for the measurements kept, of one for them all; exact if it is 0 at those dropped."""
        return dual[self.kept]

    def extend(self, dual: Float[np.ndarray, " kept"]) -> Float[np.ndarray, " m"]:
        """A dual point for all measurements: 0 at those dropped."""
        full = np.zeros(self.total)
        full[self.kept] = dual
        return full


def read(operator: Any, data: Any, *, psd: bool, drop: bool = True) -> Measured:
    """`operator` as an operator and `data` as numbers; without measurements that repeat others if `drop`.

    Raises `InputError` for shapes that do not fit, values that are not finite, matrices that are not square and
    symmetric where `psd`, entries named twice, and data that contradict one another.
    """
    operator = as_given(operator, psd=psd)
    values = numbers("data", data)
    if values.ndim != 1 or values.size == 0:
        raise InputError(f"data has shape {values.shape}; give one number per measurement, as a vector.")
    if isinstance(operator, AbstractGramOperator):
        _check_count(operator.size, values)
        _check_square(operator.shape, psd)
        _check_symmetry(operator, psd)
        return Measured(operator, values, np.arange(values.size), values.size)
    if isinstance(operator, tuple) and len(operator) == 3:
        return Measured(_read_entries(operator, values, psd), values, np.arange(values.size), values.size)
    return _read_dense(operator, values, psd, drop)


def _read_entries(given: tuple[Any, Any, Any], data: np.ndarray, psd: bool) -> EntriesGramOperator:
    try:
        rows, columns = (np.asarray(part).astype(int, casting="same_kind") for part in given[:2])
        first, second = (int(size) for size in given[2])
    except (TypeError, ValueError) as problem:
        raise InputError(
            "operator is not a triple of row indices, column indices and the shape (d1, d2); give whole numbers."
        ) from problem
    if rows.ndim != 1 or rows.shape != columns.shape:
        raise InputError(
            f"The row and column indices have shapes {rows.shape} and {columns.shape}; give equal lengths."
        )
    _check_count(rows.size, data)
    _check_square((first, second), psd)
    outside = (rows < 0) | (rows >= first) | (columns < 0) | (columns >= second)
    if outside.any():
        k = int(np.argmax(outside))
        raise InputError(
            f"Measurement {k} is entry ({rows[k]}, {columns[k]}), outside the {first} x {second} matrix; count from 0."
        )
    _check_repeats(rows, columns, second, psd)
    return EntriesGramOperator(rows, columns, (first, second), symmetric=psd)


def _check_repeats(rows: np.ndarray, columns: np.ndarray, width: int, psd: bool) -> None:
    low, high = (np.minimum(rows, columns), np.maximum(rows, columns)) if psd else (rows, columns)
    place, counts = np.unique(low * width + high, return_counts=True)
    if place.size < rows.size:
        twice = int(place[np.argmax(counts > 1)])
        mirrored = " (its mirror image counts as the same entry)" if psd else ""
        raise InputError(
            f"Entry ({twice // width}, {twice % width}) is measured more than once{mirrored}; name every entry once."
        )


def _read_dense(given: Any, data: np.ndarray, psd: bool, drop: bool) -> Measured:
    matrices = numbers("operator", given)
    if matrices.ndim != 3 or 0 in matrices.shape:
        raise InputError(
            f"operator has shape {matrices.shape}; give measurement matrices as an array m x d1 x d2, "
            "or entries as (rows, columns, (d1, d2))."
        )
    _check_count(matrices.shape[0], data)
    _check_square(matrices.shape[1:], psd)
    if psd:
        skew = np.abs(matrices - matrices.transpose(0, 2, 1)).max(axis=(1, 2))
        worst = int(np.argmax(skew))
        if skew[worst] > _SYMMETRY * np.abs(matrices[worst]).max():
            raise InputError(f"Measurement matrix {worst} is not symmetric; give (A + Aᵀ)/2, which measures the same.")
        matrices = (matrices + matrices.transpose(0, 2, 1)) / 2
    kept = _independent(matrices, data) if drop else np.arange(data.size)
    return Measured(DenseGramOperator(matrices[kept]), data[kept], kept, data.size)


def _independent(matrices: np.ndarray, data: np.ndarray) -> Int[np.ndarray, " kept"]:
    """Which measurements suffice; the others must repeat them in their data too."""
    flat = matrices.reshape(matrices.shape[0], -1)
    norms = np.linalg.norm(flat, axis=1)
    safe = np.where(norms > 0, norms, 1.0)
    triangle, order = scipy.linalg.qr((flat / safe[:, None]).T, mode="r", pivoting=True, check_finite=False)
    level = np.abs(np.diag(triangle))
    rank = int(np.count_nonzero(level > max(flat.shape) * 10 * np.finfo(float).eps * level[0])) if level[0] > 0 else 0
    scaled = (data / safe)[order]
    if rank < order.size:
        triangle = triangle[:rank]
        weights = scipy.linalg.solve_triangular(triangle[:, :rank], triangle[:, rank:], check_finite=False)
        error = np.abs(scaled[rank:] - weights.T @ scaled[:rank])
        if np.any(error > _CONSISTENCY * np.abs(scaled).max()):
            k = int(order[rank:][np.argmax(error)])
            raise InputError(
                f"Measurement {k} is a combination of the others, but its datum {data[k]:g} contradicts theirs; "
                "no matrix has these measurements, so mend the data or leave it out."
            )
    if rank == 0:
        raise InputError("Every measurement matrix is zero; give at least one that is not.")
    return np.sort(order[:rank])


def numbers(name: str, given: Any) -> np.ndarray:
    """`given` as an array of finite real numbers; `InputError` otherwise."""
    try:
        values = np.asarray(given)
        if values.dtype.kind not in "biuf":
            raise TypeError
        values = values.astype(float)
    except (TypeError, ValueError) as problem:
        raise InputError(f"{name} does not consist of real numbers; give an array of them.") from problem
    if not np.all(np.isfinite(values)):
        place = tuple(int(k) for k in np.argwhere(~np.isfinite(values))[0])
        raise InputError(f"{name} is {values[place]} at {place}; give finite numbers.")
    return values


def _check_symmetry(operator: AbstractGramOperator, psd: bool) -> None:
    if isinstance(operator, EntriesGramOperator) and operator.symmetric != psd:
        raise InputError(f"The entries are those of an operator with symmetric={operator.symmetric}; make it {psd}.")
    some = operator.adjoint(np.cos(np.arange(operator.size)))
    if psd and np.abs(some - some.T).max() > _SYMMETRY * max(operator.size, 100) * np.abs(some).max():
        raise InputError("The operator's matrices are not symmetric; give (A + Aᵀ)/2, which measures the same.")


def _check_count(count: int, data: np.ndarray) -> None:
    if count != data.size:
        raise InputError(f"There are {count} measurements but {data.size} data; give one number per measurement.")


def _check_square(shape: tuple[int, ...], psd: bool) -> None:
    if psd and shape[0] != shape[1]:
        raise InputError(f"The matrix is {shape[0]} x {shape[1]}; a positive semidefinite one is square, or psd=False.")
    if min(shape) < 1:
        raise InputError(f"The matrix is {shape[0]} x {shape[1]}; both sizes must be positive.")
