"""Every completion of a 3 x 3 positive semidefinite matrix from four entries on a grid, and gradient flow on them."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

import equipoise as eq
from equipoise.certified import minimum_trace_completions
from equipoise.core.precision import numerics
from equipoise.core.seeds import generator
from equipoise.papers.gunasekar2017.shared.seeds import Stream
from equipoise.papers.gunasekar2017.shared.settings import FLOW_SCALE

SIZE, SEEN = 3, 4
LEVELS = np.linspace(-1, 1, 10)
ENTRIES = tuple(itertools.combinations_with_replacement(range(SIZE), 2))
MASKS = tuple(itertools.combinations(range(len(ENTRIES)), SEEN))
FILLINGS = np.array(list(itertools.product(LEVELS, repeat=SEEN)))

STAGES, DAMPING = 10, 2 / 13
GROWTH, STABILITY = 0.25, 58.0
"""Bounds on a step times ‖r‖, the largest growth rate, and on a step times ‖r‖ + 2‖U‖²_F, the largest decay rate."""
TOLERANCE = 1e-6
CHECKED = 50
"""The number of steps between two checks of the misfit."""
MOST_STEPS = 40_000
WIDTHS = (64, 256, 1024, 4096)


class Instances(NamedTuple):
    """Some of the problems: their masks and fillings, their data, and bounds on their minimum."""

    mask: np.ndarray
    filling: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    values: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    boundary: np.ndarray

    def take(self, chosen: np.ndarray) -> "Instances":
        """The instances at the chosen places, in that order."""
        return Instances(*(part[chosen] for part in self))


class Limits(NamedTuple):
    """The end of the flow, for each instance."""

    matrix: np.ndarray
    """X∞."""
    misfit: np.ndarray
    """‖A(X∞) − y‖/‖y‖."""
    steps: np.ndarray
    """The number of steps of the integrator."""


def hidden(mask: tuple[int, ...]) -> str:
    """The entries that a mask leaves out, in words, up to the numbering of rows and columns."""
    out = [pair for place, pair in enumerate(ENTRIES) if place not in mask]
    diagonal = [i for i, j in out if i == j]
    if len(diagonal) != 1:
        return "two on the diagonal" if diagonal else "two off the diagonal"
    other = next(pair for pair in out if pair[0] != pair[1])
    return "x_kk and x_ik" if diagonal[0] in other else "x_kk and x_ij"


def feasible() -> Instances:
    """All instances that have a positive semidefinite completion, mask by mask."""
    parts = []
    for number, mask in enumerate(MASKS):
        rows, columns = np.array([ENTRIES[place] for place in mask]).T
        solved = minimum_trace_completions(rows, columns, FILLINGS)
        kept = np.flatnonzero(solved.feasible)
        every = (kept.size, SEEN)
        parts.append(
            Instances(
                np.full(kept.size, number),
                kept,
                np.broadcast_to(rows, every),
                np.broadcast_to(columns, every),
                FILLINGS[kept],
                solved.lower[kept],
                solved.upper[kept],
                solved.boundary[kept],
            )
        )
    return Instances(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def directions(instances: Instances, seed: int) -> np.ndarray:
    """A random U for each instance with ‖U‖_F = 1; it depends only on the seed, the mask and the filling."""
    drawn = np.empty((instances.mask.size, SIZE, SIZE))
    for number in np.unique(instances.mask):
        here = instances.mask == number
        random = generator(seed, Stream.GRID_DIRECTIONS, int(number))
        drawn[here] = random.standard_normal((len(FILLINGS), SIZE, SIZE))[instances.filling[here]]
    return drawn / np.linalg.norm(drawn, axis=(1, 2), keepdims=True)


def measurements(instances: Instances, weight: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """(A_i as rows of 9 numbers, y) with ‖A(X) − y‖² = Σ (X_ij − y_ij)², off the diagonal times `weight`."""
    operator = np.zeros((*instances.values.shape, SIZE, SIZE))
    number, place = np.indices(instances.values.shape)
    operator[number, place, instances.rows, instances.columns] += 0.5
    operator[number, place, instances.columns, instances.rows] += 0.5
    scale = np.where(instances.rows == instances.columns, 1.0, weight**0.5)
    return (operator * scale[..., None, None]).reshape(*scale.shape, SIZE**2), instances.values * scale


def flow(
    instances: Instances,
    starts: np.ndarray,
    *,
    weight: float = 1.0,
    fraction: float = 1.0,
    most_steps: int = MOST_STEPS,
) -> Limits:
    """Gradient flow U̇ = −A*(r) U from each start until its misfit is at most `TOLERANCE`, or all steps are taken.

    `weight` is the weight of an entry off the diagonal. Steps are those of `_advance` times `fraction`. Finished
    instances leave the batch.
    """
    matrices, data = measurements(instances, weight)
    factor, misfit, steps = starts.copy(), np.full(len(starts), np.inf), np.zeros(len(starts), int)
    active, spent = np.arange(len(starts)), 0
    with numerics():
        while active.size and spent < most_steps:
            for batch in batches(active):
                moved, error = _advance(matrices[batch], data[batch], factor[batch], fraction)
                factor[batch], misfit[batch] = moved, error
            spent += CHECKED
            steps[active] = spent
            active = active[~(misfit[active] <= TOLERANCE)]
    return Limits(factor @ factor.transpose(0, 2, 1), misfit, steps)


def batches(active: np.ndarray) -> Iterator[np.ndarray]:
    """Parts of a size in `WIDTHS`, the last filled up with repetitions: few shapes, so that little is compiled."""
    for first in range(0, active.size, WIDTHS[-1]):
        part = active[first : first + WIDTHS[-1]]
        yield np.resize(part, next(width for width in WIDTHS if width >= part.size))


@jax.jit
def _advance(matrices: Any, data: Any, factors: Any, fraction: Any) -> tuple[Any, Any]:
    """`CHECKED` steps of each instance: (U, ‖A(UUᵀ) − y‖/‖y‖).

    The path of the flow does not depend on its time scale, so each step is as long as the instance allows.
    """

    def one(matrices: Any, data: Any, u: Any) -> tuple[Any, Any]:
        operator = eq.problems.DenseOperator(matrices.reshape(-1, SIZE, SIZE))
        measured = eq.problems.LinearMap(operator, data, FLOW_SCALE)
        problem = eq.problems.Factored(measured, eq.problems.Symmetric(SIZE, SIZE))

        def residual(u: Any) -> Any:
            return jnp.linalg.norm(problem.residual((u,))) / FLOW_SCALE**0.5

        def step(_: Any, u: Any) -> Any:
            size = residual(u)
            h = jnp.minimum(GROWTH / size, STABILITY / (size + 2 * jnp.sum(u**2)))
            return chebyshev_step(lambda at: -problem.gradient((at,))[0], u, fraction * h)

        u = jax.lax.fori_loop(0, CHECKED, step, u)
        return u, residual(u) / jnp.linalg.norm(data)

    return jax.vmap(one)(matrices, data, factors)


def chebyshev_step(velocity: Callable[[Any], Any], u: Any, h: Any) -> Any:
    """One step of the Runge–Kutta–Chebyshev method of order 2, stable for decay rates up to 64/h with 10 stages.

    Source: Sommeijer, Shampine and Verwer, Journal of Computational and Applied Mathematics 88, 1998, Eq. (2.1–2.2).
    """
    first, table = velocity(u), _chebyshev()

    def stage(j: Any, pair: Any) -> Any:
        keep, mu, nu, now_by, first_by = jnp.asarray(table)[j]
        before, now = pair
        moved = h * (now_by * velocity(now) + first_by * first)
        return now, keep * u + mu * now + nu * before + moved

    start = (u, u + table[1, 3] * h * first)
    return jax.lax.fori_loop(2, STAGES + 1, stage, start)[1]


def _chebyshev() -> np.ndarray:
    """Row j: (1 − μ_j − ν_j, μ_j, ν_j, μ̃_j, γ̃_j) from Chebyshev polynomials and their derivatives at 1 + ε/s²."""
    w0 = 1 + DAMPING / STAGES**2
    polynomials = [np.polynomial.Chebyshev.basis(j) for j in range(STAGES + 1)]
    value, slope, curvature = (np.array([p.deriv(k)(w0) if k else p(w0) for p in polynomials]) for k in range(3))
    w1 = slope[STAGES] / curvature[STAGES]
    b = np.array([0.0, 1 / w0, *(curvature[2:] / slope[2:] ** 2)])
    b[0] = b[2]
    table = np.zeros((STAGES + 1, 5))
    table[1, 3] = b[1] * w1
    for j in range(2, STAGES + 1):
        mu, nu, tilde = 2 * b[j] * w0 / b[j - 1], -b[j] / b[j - 2], 2 * b[j] * w1 / b[j - 1]
        table[j] = 1 - mu - nu, mu, nu, tilde, -(1 - b[j - 1] * value[j - 1]) * tilde
    return table
