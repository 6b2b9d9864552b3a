"""Where gradient flow on a diagonal network ends: the least hyperbolic entropy among all matrices that fit."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from equipoise.core.errors import InputError
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import Theta
from equipoise.problems.factored import Factored
from equipoise.theory.diagonal.optimality import linear_system
from equipoise.theory.diagonal.orbits import Orbits, orbits_of, theta_at

_STEPS, _HALVINGS, _ENOUGH = 1000, 400, 1e-4
_FITS, _NEAR, _SMALL = 1e-13, 1e-6, 1e-3


class DiagonalLimit(NamedTuple):
    """The end of gradient flow.

    - `theta`, `matrix`: θ and W there.
    - `multipliers`: ν with ∇φ(W) = A*(ν), one for each measurement.
    - `misfit`: ‖A(W) − y‖ / ‖y‖ there, 0 up to rounding where some W fits.
    """

    theta: tuple[np.ndarray, ...]
    matrix: Float[np.ndarray, "d1 d2"]
    multipliers: Float[np.ndarray, " m"]
    misfit: float


def diagonal_flow_limit(problem: AbstractProblem, start: Theta) -> DiagonalLimit:
    """The θ at which gradient flow from `start` ends on a diagonal network with a least-squares loss.

    It is on the curve of its start, with W the minimizer of the `hyperbolic_entropy` φ subject to A(W) = y; where no W
    fits, subject to the least squares. The dual, min over ν of φ*(A*(ν)) − ⟨ν, y⟩, is smooth and convex, and is solved
    by Newton's method; nothing is simulated.

    - `problem`: a problem in `Hadamard` or `PowerDifference`; A is formed.
    - `start`: θ₀, of any size.

    Raises `InputError` as `hyperbolic_entropy` does, and if there is no such W, as with signs that the flow keeps and
    that do not fit. At depth 3 and more the answer loses digits for tiny starts, as ξ is then almost equal for all W.
    Source: B. Woodworth et al., Kernel and rich regimes in overparametrized models (2020), Sections 4 and 5.
    """
    orbits = orbits_of(problem, start)
    assert isinstance(problem, Factored)
    measured, data = linear_system(problem)
    left, values, right = np.linalg.svd(measured, full_matrices=False)
    kept = values > values[0] * max(measured.shape) * np.finfo(float).eps
    left, values, right = left[:, kept], values[kept], right[kept]
    found = _minimized(orbits, right, left.T @ data / values)
    dual = (right.T @ found).reshape(orbits.up.shape)
    matrix = orbits.matrix(dual)
    misfit = np.linalg.norm(measured @ matrix.ravel() - data) / (np.linalg.norm(data) or 1.0)
    return DiagonalLimit(theta_at(problem, start, dual), matrix, left @ (found / values), float(misfit))


class _Stand(NamedTuple):
    """A point μ of the dual, the objective there, the gradient B w − z and the matrix of second derivatives."""

    at: np.ndarray
    value: float
    gradient: np.ndarray
    hessian: np.ndarray

    @property
    def gap(self) -> float:
        """‖B w − z‖."""
        return float(np.linalg.norm(self.gradient))


def _minimized(
    orbits: Orbits, basis: Float[np.ndarray, "k n"], wanted: Float[np.ndarray, " k"]
) -> Float[np.ndarray, " k"]:
    """The μ with least φ*(Bᵀμ) − ⟨μ, z⟩, at which B w = z; the rows of B are orthonormal."""

    def stand(at: np.ndarray) -> _Stand:
        dual = (basis.T @ at).reshape(orbits.up.shape)
        gradient = basis @ orbits.matrix(dual).ravel() - wanted
        hessian = (basis * orbits.slope(dual).ravel()) @ basis.T
        return _Stand(at, orbits.conjugate(dual) - float(at @ wanted), gradient, hessian)

    here, scale = stand(np.zeros(basis.shape[0])), float(np.linalg.norm(wanted))
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is not taken
        for _ in range(_STEPS):
            moved = None if here.gap <= _FITS * scale else _moved(stand, here, _NEAR * scale)
            if moved is None:
                break
            here = moved
    if here.gap > _NEAR * scale:
        raise InputError(
            "No matrix that fits was found on the curves of this start: the signs that gradient flow keeps may not "
            "fit, or a start at depth 3 or more may be too small for double precision; give another start."
        )
    return here.at


def _moved(stand: Callable[[np.ndarray], _Stand], here: _Stand, near: float) -> _Stand | None:
    """The first of Newton's steps times 1, ½, ¼, … that is better; None if none is.

    Better is a smaller gap, or a lower objective. Below a gap of `near` the objective is all rounding error.
    """
    direction = np.linalg.lstsq(here.hessian, -here.gradient, rcond=None)[0]
    slope, size = float(here.gradient @ direction), 1.0
    for _ in range(_HALVINGS):
        found = stand(here.at + size * direction)
        if np.all(np.isfinite(found.hessian)) and np.isfinite(found.value):
            lowered = here.gap > near and here.value - found.value >= -_ENOUGH * size * slope
            if lowered or (size > _SMALL and found.gap <= (1 - size / 4) * here.gap):
                return found
        size /= 2
    return None
