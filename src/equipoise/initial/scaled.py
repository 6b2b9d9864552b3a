"""Starts of a given size."""

import jax.numpy as jnp
from jaxtyping import Array

from equipoise.core.checks import as_array, non_negative_number
from equipoise.core.draws import standard_normal
from equipoise.core.errors import InputError
from equipoise.core.initial import AbstractInitial
from equipoise.core.problem import AbstractProblem
from equipoise.core.schedules import PerFactor, PerFactorLike, per_factor
from equipoise.core.types import AnyArray, Key, RealNumber, StepIndex


class GaussianOfNorm(AbstractInitial):
    """A Gaussian direction for each array of θ, scaled so that its Frobenius norm is exactly `norm`.

    - `norm`: one number for all arrays, or one for each, in the unit of θ.

    Raises `InputError` for a norm that is negative or not finite. Source: Gunasekar et al. (2017), Section 2.
    """

    norm: PerFactor

    def __init__(self, norm: PerFactorLike) -> None:
        self.norm = per_factor("norm", norm, positive=False)

    def sample(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> tuple[Array, ...]:
        """A start of the problem's shapes."""
        drawn = standard_normal(key, problem.shapes, problem.dtype)
        norms = self.norm.at(0, len(problem.shapes), problem.dtype)
        return tuple(w * (norm / jnp.linalg.norm(w)) for w, norm in zip(drawn, norms, strict=True))


class Identity(AbstractInitial):
    """α times the identity (ones on the main diagonal of each array), in the unit of θ.

    Raises `InputError` for an α that is negative or not finite. Source: Gunasekar et al. (2017), Theorem 1.
    """

    alpha: AnyArray

    def __init__(self, alpha: RealNumber) -> None:
        self.alpha = as_array(non_negative_number("alpha", alpha))

    def sample(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> tuple[Array, ...]:
        """The same for every replicate; `InputError` for a problem with arrays that are not matrices."""
        odd = [shape for shape in problem.shapes if len(shape) != 2]
        if odd:
            raise InputError(
                f"Identity needs matrices, but {type(problem).__name__} has an array of shape {odd[0]}; use "
                "equipoise.initial.Gaussian."
            )
        alpha = jnp.asarray(self.alpha, problem.dtype)
        return tuple(alpha * jnp.eye(shape[0], shape[1], dtype=problem.dtype) for shape in problem.shapes)
