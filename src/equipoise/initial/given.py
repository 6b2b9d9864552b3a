"""Starts that are not drawn."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from equipoise.core.errors import InputError
from equipoise.core.initial import AbstractInitial
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import AnyArray, Key, StepIndex


class Given(AbstractInitial):
    """Start from given arrays: the same for every replicate, or one for each along a leading axis.

    `Given(run.theta)` takes up where a run ended. Raises `InputError` for what is no array of finite numbers, and where
    the shapes are not the problem's.
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
                f"The start has arrays of shapes {shapes}, but the problem's are {problem.shapes}, "
                "with at most one leading axis for the replicates, the same for all."
            )
        return tuple(jnp.asarray(array, problem.dtype)[replicate] for array in self.theta)

    def replicates(self, problem: AbstractProblem) -> int | None:
        """How many starts are given, or None if one serves all."""
        shapes = tuple(array.shape for array in self.theta)
        return None if shapes == problem.shapes else min((shape[0] for shape in shapes if shape), default=None)


class Saddle(AbstractInitial):
    """Start exactly at the saddle θ = 0, where the gradient vanishes. Source: Liu et al. (2021), Lemma 1."""

    def sample(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> tuple[Array, ...]:
        """Zeros."""
        return tuple(jnp.zeros(shape, problem.dtype) for shape in problem.shapes)
