"""Measurements for certificates: A, A*, and the inverse of A A*, which is factored once."""

import functools

import numpy as np
import scipy.linalg
from jaxtyping import Float

from equipoise.certified.types import Vector
from equipoise.problems import AbstractArrayOperator, DenseOperator

DENSE = 30_000_000
"""The most numbers of a system of equations that is formed; a larger one is solved by products alone."""


class Measurements:
    """An operator on arrays with (A A*)⁻¹: diagonal if the operator says so, else factored on first use.

    The A_i must be linearly independent for `solve` and `orthonormal`.
    """

    def __init__(self, operator: AbstractArrayOperator) -> None:
        """Take the operator, and factor nothing yet."""
        self.operator = operator
        self.shape, self.count = operator.shape, operator.count
        # bound once: binding a method of an Equinox module takes longer than applying a small operator
        self.apply = operator.apply_array
        self.adjoint = operator.adjoint_array
        self.adjoint_rounding = operator.adjoint_rounding
        self.congruence_gram = operator.congruence_gram
        self._diagonal = operator.squared_norms()

    @property
    def orthogonal(self) -> bool:
        """Whether the A_i are orthogonal to one another by construction, so that A A* is diagonal."""
        return self._diagonal is not None

    def solve(self, values: Vector) -> Vector:
        """(A A*)⁻¹ z: z divided by the diagonal, or R⁻¹R⁻ᵀz."""
        if self._diagonal is not None:
            return values / self._diagonal
        inner = scipy.linalg.solve_triangular(self._triangle, values, trans="T", check_finite=False)
        return scipy.linalg.solve_triangular(self._triangle, inner, check_finite=False)

    def orthonormal(self) -> "tuple[Measurements, Float[np.ndarray, 'm m']]":
        """Measurements Q with orthonormal matrices, and R upper triangular, such that A* = Q*R."""
        basis, triangle = scipy.linalg.qr(self._columns(), mode="economic", check_finite=False)
        return Measurements(DenseOperator(np.ascontiguousarray(basis.T).reshape(self.count, *self.shape))), triangle

    @functools.cached_property
    def _triangle(self) -> Float[np.ndarray, "m m"]:
        # A* = QR and A A* = RᵀR; A A* itself is not formed, since its condition number is that of A squared
        return scipy.linalg.qr(self._columns(), mode="r", check_finite=False)[0][: self.count]

    def _columns(self) -> Float[np.ndarray, "entries m"]:
        """A*, with the A_i as its columns."""
        return self.operator.formed().reshape(self.count, -1).T
