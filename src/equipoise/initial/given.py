"""Starts that are given, not drawn at random."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from equipoise.core.errors import InputError
from equipoise.core.initial import AbstractInitial
from equipoise.core.problem import AbstractProblem
from equipoise.core.schedules import PerFactor, PerFactorLike, per_factor
from equipoise.core.types import AnyArray, Key, StepIndex


class Given(AbstractInitial):
    """A given start, the same for every replicate or one for each.

    - `theta`: the arrays of θ₀ in the shapes of the problem, or each with one leading axis for the replicates.

    `Given(run.theta)` starts where a run ended. Raises `InputError` unless these are arrays of finite numbers, and if
    the shapes do not fit the problem.
    """

    theta: tuple[AnyArray, ...]

    def __init__(self, theta: Any) -> None:
        try:
            self.theta = tuple(np.asarray(array, dtype=float) for array in theta)
        except (TypeError, ValueError) as error:
            raise InputError(f"The start is not a tuple of arrays of numbers ({error}).") from error
        for number, array in enumerate(self.theta, start=1):
            if not np.all(np.isfinite(array)):
                raise InputError(f"Array {number} of the start has NaN or infinite entries; replace them.")

    def sample(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> tuple[Array, ...]:
        """The start of this replicate."""
        shapes = tuple(array.shape for array in self.theta)
        if shapes == problem.shapes:
            return tuple(jnp.asarray(array, problem.dtype) for array in self.theta)
        if tuple(shape[1:] for shape in shapes) != problem.shapes or len({shape[:1] for shape in shapes}) > 1:
            raise InputError(
                f"The start has arrays of shapes {shapes}, but the problem needs {problem.shapes}, "
                "alone or with one leading axis for the replicates, of the same length in all arrays."
            )
        return tuple(jnp.asarray(array, problem.dtype)[replicate] for array in self.theta)

    def replicates(self, problem: AbstractProblem) -> int | None:
        """The number of given starts, or None if one start serves all replicates."""
        shapes = tuple(array.shape for array in self.theta)
        return None if shapes == problem.shapes else min((shape[0] for shape in shapes if shape), default=None)


class Saddle(AbstractInitial):
    """The saddle θ₀ = 0, where the gradient is zero. Source: Liu et al. (2021), Lemma 1."""

    def sample(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> tuple[Array, ...]:
        """Zeros."""
        return tuple(jnp.zeros(shape, problem.dtype) for shape in problem.shapes)


class Constant(AbstractInitial):
    """Every entry of θ₀ is the same number: the start U = V = α of diagonal networks.

    - `value`: α, one number for all arrays or one for each, in the unit of θ.

    Raises `InputError` for a number that is negative or not finite.
    Source: B. Woodworth et al., Kernel and rich regimes in overparametrized models (2020), Section 4.
    """

    value: PerFactor

    def __init__(self, value: PerFactorLike) -> None:
        self.value = per_factor("value", value, positive=False)

    def sample(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> tuple[Array, ...]:
        """The same for every replicate."""
        values = self.value.at(0, len(problem.shapes), problem.dtype)
        return tuple(jnp.full(shape, value, problem.dtype) for shape, value in zip(problem.shapes, values, strict=True))
