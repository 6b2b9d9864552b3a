"""The step of (Perturbed) gradient descent in the reduced coordinates."""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, DTypeLike, Float, Int

from equipoise.core.draws import standard_normal
from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.problem import AbstractProblem
from equipoise.core.schedules import PerFactor
from equipoise.core.types import AnyArray, Key, StepIndex, Theta
from equipoise.simulation.law.triangles import bartlett, entries_of_triangle, triangle_of

NO_END = 2**62
"""The last step of noise that does not end."""


class Side(NamedTuple):
    """The coordinates of one factor.

    - `on`: k, the number of rows on the singular vectors of M.
    - `off`: the number of rows beside them: those of the triangular factor, or all there are if they are fewer.
    - `beyond`: the number of rows of the triangular factor of what noise adds in further dimensions.
    """

    on: int
    off: int
    beyond: int


class Noise(eqx.Module):
    """Isotropic Gaussian noise of `std`, which ends at step `last`."""

    std: PerFactor
    last: Int[AnyArray, ""]


class ReducedDescent(AbstractDynamics):
    """θ ← θ − η ∇loss(θ + ξ) for θ in reduced coordinates; the noise beyond them enters by its triangular factor.

    - `step_size`, `noise`: η and ξ as in `PerturbedGD`; no noise is gradient descent.
    - `sides`: the coordinates of X and of Y.
    - `pieces`: the laws of the diagonals of what noise adds beyond X and Y (`chi.py`).
    - `factor`: c if the loss is c/2 ‖XYᵀ − M‖².

    The noise has the same law as in the full space, but other numbers. They are the normal numbers of one vector: the
    rows of X, those of Y, and the entries of the two triangular factors, row by row.
    """

    step_size: PerFactor
    noise: Noise | None
    singular_values: Float[AnyArray, " k"]
    pieces: tuple[Float[AnyArray, "x 4 terms"], Float[AnyArray, "y 4 terms"]]
    sides: tuple[Side, Side] = eqx.field(static=True)
    factor: float = eqx.field(static=True)

    def init(self, problem: AbstractProblem, theta: Theta) -> None:
        """None: the method needs no state."""

    def step(
        self, problem: AbstractProblem, theta: Theta, state: None, key: Key, step: StepIndex
    ) -> tuple[Theta, None]:
        """One step; the rows that noise adds are taken back into the triangular factor."""
        dtype = problem.dtype
        moved, beyond = self._perturbed(theta, key, step, dtype)
        grams = [w.T @ w + t.T @ t for w, t in zip(moved, beyond, strict=True)]
        sizes = self.step_size.at(step, 2, dtype)
        new = []
        for i, (w, side) in enumerate(zip(theta, self.sides, strict=True)):
            other = self._times_values(moved[1 - i], side)
            eta = self.factor * sizes[i]
            at = jnp.asarray(w) - eta * (moved[i] @ grams[1 - i] - other)
            new.append(_folded(at, -eta * (beyond[i] @ grams[1 - i]), side))
        return tuple(new), None

    def _perturbed(self, theta: Theta, key: Key, step: StepIndex, dtype: DTypeLike) -> tuple[list[Array], list[Array]]:
        """Both factors with noise, and the triangular factors of what the noise adds beyond their rows."""
        width = theta[0].shape[1]
        heights = [side.beyond for side in self.sides]
        if self.noise is None:
            return [jnp.asarray(w) for w in theta], [jnp.zeros((0, width), dtype) for _ in heights]
        noise = self.noise

        def drawn() -> tuple[tuple[Array, ...], tuple[Array, ...]]:
            stds = noise.std.at(step, 2, dtype)
            entries = [(entries_of_triangle(height, width),) for height in heights]
            numbers = standard_normal(key, (*(w.shape for w in theta), *entries), dtype)
            near = tuple(s * z for s, z in zip(stds, numbers[:2], strict=True))
            far = tuple(
                s * bartlett(z, pieces, width) for s, z, pieces in zip(stds, numbers[2:], self.pieces, strict=True)
            )
            return near, far

        def none() -> tuple[tuple[Array, ...], tuple[Array, ...]]:
            return tuple(jnp.zeros_like(w) for w in theta), tuple(jnp.zeros((h, width), dtype) for h in heights)

        near, far = jax.lax.cond(jnp.asarray(step < noise.last), drawn, none)
        return [w + z for w, z in zip(theta, near, strict=True)], list(far)

    def _times_values(self, other: Array, side: Side) -> Array:
        """M times the other factor, or Mᵀ: the singular values times its first rows, and zeros."""
        values = jnp.asarray(self.singular_values, other.dtype)[:, None]
        return jnp.concatenate([values * other[: side.on], jnp.zeros((side.off, other.shape[1]), other.dtype)])


def _folded(at: Array, beyond: Array, side: Side) -> Array:
    """The rows `at` with those beyond them folded into the triangular factor."""
    if beyond.shape[0] == 0:
        return at
    return jnp.concatenate([at[: side.on], triangle_of(jnp.concatenate([at[side.on :], beyond]))])
