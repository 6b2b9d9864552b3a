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

_STEPS, _HALVINGS, _ENOUGH = 1000, 60, 1e-4
_FITS, _NEAR = 1e-12, 1e-8


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


def _minimized(
    orbits: Orbits, basis: Float[np.ndarray, "k n"], wanted: Float[np.ndarray, " k"]
) -> Float[np.ndarray, " k"]:
    """The μ with least φ*(Bᵀμ) − ⟨μ, z⟩, at which B w = z; the rows of B are orthonormal."""

    def objective(at: np.ndarray) -> float:
        return orbits.conjugate((basis.T @ at).reshape(orbits.up.shape)) - float(at @ wanted)

    at, scale = np.zeros(basis.shape[0]), np.linalg.norm(wanted)
    value, gap = objective(at), np.inf
    for _ in range(_STEPS):
        dual = (basis.T @ at).reshape(orbits.up.shape)
        gradient = basis @ orbits.matrix(dual).ravel() - wanted
        gap = float(np.linalg.norm(gradient))
        if gap <= _FITS * scale:
            return at
        hessian = (basis * orbits.slope(dual).ravel()) @ basis.T
        direction = np.linalg.lstsq(hessian, -gradient, rcond=None)[0]
        moved = _backtracked(objective, at, value, direction, float(gradient @ direction))
        if moved is None:  # no step is better to within rounding
            break
        at, value = moved
    if gap > _NEAR * scale:
        raise InputError(
            "No matrix that fits was found on the curves of this start: the signs that gradient flow keeps may not fit, "
            "or a start at depth 3 or more may be too small for double precision; give another start."
        )
    return at


def _backtracked(
    objective: Callable[[np.ndarray], float], at: np.ndarray, value: float, direction: np.ndarray, slope: float
) -> tuple[np.ndarray, float] | None:
    """The first of the steps 1, ½, ¼, … that lowers the objective enough, with the objective there; or None."""
    size = 1.0
    for _ in range(_HALVINGS):
        moved = at + size * direction
        there = objective(moved)
        if np.isfinite(there) and there <= value + _ENOUGH * size * slope:
            return moved, there
        size /= 2
    return None
