"""The choice of a method for a problem."""

import scipy.linalg

from equipoise.certified.interior_point import InteriorPoint
from equipoise.certified.measurements import Measurements
from equipoise.certified.method import AbstractMethod
from equipoise.certified.reformulations import Embedded, Orthonormal
from equipoise.certified.splitting import Splitting
from equipoise.certified.types import Vector

# The largest problems for the interior-point method: numbers in all measurement matrices, measurements, and side.
_NUMBERS, _MEASUREMENTS, _SIDE = 4e7, 5000, 500


def is_small(measurements: Measurements, *, psd: bool) -> bool:
    """Whether the problem is small enough for the steps of the interior-point method."""
    count, side = measurements.count, measurements.shape[0] if psd else sum(measurements.shape)
    numbers = count * side**2 if measurements.operator.holds_matrices else 0
    return numbers <= _NUMBERS and count <= _MEASUREMENTS and side <= _SIDE


def choose_method(measurements: Measurements, data: Vector, *, psd: bool) -> AbstractMethod:
    """An interior-point method for a small problem, else alternating directions."""
    if not is_small(measurements, psd=psd):
        return Splitting(measurements, data, psd=psd)
    if measurements.orthogonal:
        return _interior_point(measurements, data, psd=psd)
    basis, triangle = measurements.orthonormal()
    of_basis = scipy.linalg.solve_triangular(triangle, data, trans="T", check_finite=False)
    return Orthonormal(_interior_point(basis, of_basis, psd=psd), triangle)


def _interior_point(measurements: Measurements, data: Vector, *, psd: bool) -> AbstractMethod:
    if psd:
        return InteriorPoint(measurements, data)
    embedded = Measurements(measurements.operator.symmetric_embedding())
    return Embedded(InteriorPoint(embedded, data), measurements.shape[0])
