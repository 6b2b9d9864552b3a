"""Checks of the input: measurements and data, without redundant measurements, and a proposed X and ν."""

from typing import Any, NamedTuple

import numpy as np
import scipy.linalg
from jaxtyping import Float, Int

from equipoise.certified.measurements import Measurements
from equipoise.certified.types import Matrix, Vector
from equipoise.core.errors import InputError
from equipoise.core.precision import numerics
from equipoise.problems import AbstractArrayOperator, AbstractOperator, DenseOperator, Entries

_CONSISTENCY = 1e-9
_SYMMETRY = 1e-8


class System(NamedTuple):
    """A(X) = y: measurements with their data, and their places among all measurements given."""

    measurements: Measurements
    data: Float[np.ndarray, " kept"]
    kept: Int[np.ndarray, " kept"]
    total: int

    def extend(self, dual: Float[np.ndarray, " kept"]) -> Float[np.ndarray, " m"]:
        """A dual point for all measurements given: 0 at those dropped."""
        full = np.zeros(self.total)
        full[self.kept] = dual
        return full

    def independent(self) -> "System":
        """The system without redundant measurements; raises `InputError` if their data contradict the others."""
        if self.measurements.orthogonal:
            return self
        operator = self.measurements.operator
        kept = _independent(operator.formed(), self.data)
        if kept.size == self.data.size:
            return self
        with numerics():
            some = operator.select(kept).on_arrays()
        return System(Measurements(some), self.data[kept], self.kept[kept], self.total)


def read(operator: Any, data: Any, *, psd: bool) -> System:
    """All measurements given, in any form that `minimum_nuclear_norm` takes, with their data.

    Only the symmetric part of a problem's operator affects a positive semidefinite X. Raises `InputError` for shapes
    that do not fit, values that are not finite, matrices that are not square and symmetric although `psd`, and entries
    named twice.
    """
    values = numbers("data", data)
    if values.ndim != 1 or values.size == 0:
        raise InputError(f"data has shape {values.shape}; give one number per measurement, as a vector.")
    found = _as_operator(operator, psd)
    if found.count != values.size:
        raise InputError(
            f"There are {found.count} measurements, but data has {values.size} numbers; give one per measurement."
        )
    _check_sides(found.shape, psd)
    if psd:
        found = found.symmetrized()
    found.check(symmetric=psd)
    return System(Measurements(found), values, np.arange(values.size), values.size)


def _as_operator(given: Any, psd: bool) -> AbstractArrayOperator:
    """The operator, from any of the forms of measurements; an array must be symmetric if `psd`."""
    if isinstance(given, AbstractOperator):
        return given.on_arrays()
    if isinstance(given, tuple) and len(given) == 3:
        return _entries(*given)
    matrices = numbers("operator", given)
    if matrices.ndim != 3 or 0 in matrices.shape:
        raise InputError(
            f"operator has shape {matrices.shape}; give measurement matrices as an array m x d1 x d2, "
            "or entries as (rows, columns, (d1, d2))."
        )
    found = DenseOperator(matrices).on_arrays()
    _check_sides(found.shape, psd)
    found.check(symmetric=psd)
    return found


def _entries(rows: Any, columns: Any, shape: Any) -> Entries:
    try:
        rows, columns = (np.asarray(part).astype(int, casting="same_kind") for part in (rows, columns))
        first, second = (int(size) for size in shape)
    except (TypeError, ValueError) as problem:
        raise InputError(
            "operator is not a triple of row indices, column indices and the shape (d1, d2); give whole numbers."
        ) from problem
    if rows.ndim != 1 or rows.shape != columns.shape:
        raise InputError(
            f"The row and column indices have shapes {rows.shape} and {columns.shape}; give equal lengths."
        )
    return Entries(rows, columns, (first, second))


def _check_sides(shape: tuple[int, int], psd: bool) -> None:
    if psd and shape[0] != shape[1]:
        raise InputError(f"The matrix is {shape[0]} x {shape[1]}, but psd needs a square one; make it so or psd=False.")
    if min(shape) < 1:
        raise InputError(f"The matrix is {shape[0]} x {shape[1]}; both sizes must be positive.")


def _independent(matrices: Float[np.ndarray, "m d1 d2"], data: Float[np.ndarray, " m"]) -> Int[np.ndarray, " kept"]:
    """The indices of measurements that determine all others; raises `InputError` if the data of others contradict."""
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
                f"Measurement {k} is a combination of the others, but its value {data[k]:g} contradicts theirs, so no "
                "matrix has these measurements; correct the data or leave the measurement out."
            )
    if rank == 0:
        raise InputError("Every measurement matrix is zero; give at least one other.")
    return np.sort(order[:rank])


def read_matrix(shape: tuple[int, int], given: Any, *, psd: bool) -> Matrix:
    """A proposed X, checked; symmetrized if psd."""
    matrix = numbers("matrix", given)
    if matrix.shape != shape:
        raise InputError(f"matrix has shape {matrix.shape}, but the measurements need shape {shape}; give that.")
    if not psd:
        return matrix
    if np.abs(matrix - matrix.T).max() > _SYMMETRY * np.abs(matrix).max():
        raise InputError("matrix is not symmetric, but psd needs a symmetric one; give (X + Xᵀ)/2 or psd=False.")
    return (matrix + matrix.T) / 2


def read_dual(count: int, given: Any) -> Vector:
    """A proposed ν, checked."""
    dual = numbers("dual", given)
    if dual.shape != (count,):
        raise InputError(f"dual has shape {dual.shape}; give one number per measurement, {count} in all.")
    return dual


def numbers(name: str, given: Any) -> np.ndarray:
    """`given` as an array of finite real numbers; raises `InputError` otherwise."""
    try:
        values = np.asarray(given)
        if values.dtype.kind not in "biuf":
            raise TypeError
        values = values.astype(float)
    except (TypeError, ValueError) as problem:
        raise InputError(f"{name} does not consist of real numbers; give an array of real numbers.") from problem
    if not np.all(np.isfinite(values)):
        place = tuple(int(k) for k in np.argwhere(~np.isfinite(values))[0])
        raise InputError(f"{name} is {values[place]} at {place}; give finite numbers.")
    return values
