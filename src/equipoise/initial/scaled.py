"""Starts whose size is given."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from equipoise.core.draws import standard_normal
from equipoise.core.errors import InputError
from equipoise.core.initial import AbstractInitial
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import AnyArray, Key, RealNumber, StepIndex


class GaussianOfNorm(AbstractInitial):
    """A Gaussian direction for each array, scaled so that its Frobenius norm is exactly `norm`, in the unit of θ.

    Raises `InputError` for a norm that is negative or not finite. Source: Gunasekar et al. (2017), Section 2.
    """

    norm: AnyArray

    def __init__(self, norm: RealNumber) -> None:
        self.norm = _size("norm", norm)

    def sample(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> tuple[Array, ...]:
        """A start of the problem's shapes."""
        drawn = standard_normal(key, problem.shapes, problem.dtype)
        norm = jnp.asarray(self.norm, problem.dtype)
        return tuple(w * (norm / jnp.linalg.norm(w)) for w in drawn)


class Identity(AbstractInitial):
    """α times the identity (ones on the main diagonal of each array), in the unit of θ.

    Raises `InputError` for an α that is negative or not finite. Source: Gunasekar et al. (2017), Theorem 1.
    """

    alpha: AnyArray

    def __init__(self, alpha: RealNumber) -> None:
        self.alpha = _size("alpha", alpha)

    def sample(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> tuple[Array, ...]:
        """The same for every replicate."""
        alpha = jnp.asarray(self.alpha, problem.dtype)
        return tuple(alpha * jnp.eye(shape[0], shape[1], dtype=problem.dtype) for shape in problem.shapes)


def _size(name: str, value: RealNumber) -> np.ndarray:
    if not (np.isfinite(value) and value >= 0):
        raise InputError(f"{name} is {value}; it must be finite and 0 or greater.")
    return np.asarray(float(value))
