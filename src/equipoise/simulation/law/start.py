"""Starts in the reduced coordinates."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from equipoise.core.draws import standard_normal
from equipoise.core.initial import AbstractInitial
from equipoise.core.problem import AbstractProblem
from equipoise.core.schedules import PerFactor
from equipoise.core.types import AnyArray, Key, StepIndex
from equipoise.simulation.law.method import Side
from equipoise.simulation.law.triangles import bartlett, entries_of_triangle, triangle_of


class ReducedGaussian(AbstractInitial):
    """Independent N(0, std²) entries: normal rows on the singular vectors, and a triangular factor for the rest.

    - `pieces`: the laws of the diagonals of the triangular factors (`chi.py`).
    """

    std: PerFactor
    pieces: tuple[Float[AnyArray, "x 4 terms"], Float[AnyArray, "y 4 terms"]]
    sides: tuple[Side, Side] = eqx.field(static=True)

    def sample(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> tuple[Array, ...]:
        """A start of the reduced shapes."""
        dtype, width = problem.dtype, problem.shapes[0][1]
        stds = self.std.at(0, 2, dtype)
        on = [(side.on, width) for side in self.sides]
        off = [(entries_of_triangle(side.off, width),) for side in self.sides]
        numbers = standard_normal(key, (*on, *off), dtype)
        rest = [bartlett(z, pieces, width) for z, pieces in zip(numbers[2:], self.pieces, strict=True)]
        return tuple(s * jnp.concatenate([p, r]) for s, p, r in zip(stds, numbers[:2], rest, strict=True))


class Projected(AbstractInitial):
    """Another start, drawn in the full space and then reduced.

    - `start`, `whole`: the other start, and the problem that it is for.
    - `bases`: the singular vectors of M, d1 x k and d2 x k.
    - `sides`: the coordinates of X and of Y.
    """

    start: AbstractInitial
    whole: AbstractProblem
    bases: tuple[Float[np.ndarray, "d1 k"], Float[np.ndarray, "d2 k"]]
    sides: tuple[Side, Side] = eqx.field(static=True)

    def replicates(self, problem: AbstractProblem) -> int | None:
        """The number of replicates for which the other start has one."""
        return self.start.replicates(self.whole)

    @property
    def is_conditional(self) -> bool:
        """Whether draws of the other start are rejected."""
        return self.start.is_conditional

    def rejected(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> Int[AnyArray, ""]:
        """How many draws of the other start are rejected."""
        return self.start.rejected(key, replicate, self.whole)

    def sample(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> tuple[Array, ...]:
        """A start of the reduced shapes."""
        drawn = self.start.sample(key, replicate, self.whole)
        return tuple(
            _coordinates(w, jnp.asarray(basis, w.dtype), side)
            for w, basis, side in zip(drawn, self.bases, self.sides, strict=True)
        )


def _coordinates(w: Array, basis: Array, side: Side) -> Array:
    """The rows on the basis, and the triangular factor of the rest."""
    on = basis.T @ w
    rest = w - basis @ on
    rest = rest - basis @ (basis.T @ rest)  # the second projection removes the rounding error of the first
    if side.off == 0:
        return on
    triangle = triangle_of(rest)
    return jnp.concatenate([on, triangle[: side.off]])
