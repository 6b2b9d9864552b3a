"""Heavy-tailed noise."""

import math

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, DTypeLike

from equipoise.core.errors import InputError
from equipoise.core.noise import AbstractNoise
from equipoise.core.schedules import PerFactor, PerFactorLike, per_factor
from equipoise.core.types import Key, RealNumber, Shapes, StepIndex
from equipoise.noise.normal import isotropic_moments, split_flat


class StudentT(AbstractNoise):
    """ξ = scale · t_ν, entry by entry, with ν `degrees_of_freedom`; the variance is scale² ν/(ν−2), infinite for ν ≤ 2.

    `scale` is one value or one per factor, each a number or a schedule. Raises `InputError` for ν ≤ 0 or a negative
    scale. Source: Liu et al. (2021), Section 6 (heavy-tailed noise).
    """

    scale: PerFactor
    degrees_of_freedom: float = eqx.field(static=True)

    def __init__(self, scale: PerFactorLike, *, degrees_of_freedom: RealNumber) -> None:
        if not degrees_of_freedom > 0:
            raise InputError(f"degrees_of_freedom is {degrees_of_freedom}; it must be greater than 0.")
        self.scale = per_factor("scale", scale, positive=False)
        self.degrees_of_freedom = float(degrees_of_freedom)

    def sample(self, key: Key, step: StepIndex, shapes: Shapes, dtype: DTypeLike) -> tuple[Array, ...]:
        """Fresh perturbations for one step."""
        total = sum(math.prod(shape) for shape in shapes)
        drawn = split_flat(jax.random.t(key, self.degrees_of_freedom, (total,), dtype), shapes)
        return tuple(s * z for s, z in zip(self.scale.at(step, len(shapes), dtype), drawn, strict=True))

    def second_moments(self, step: StepIndex, shapes: Shapes, dtype: DTypeLike) -> tuple[Array, ...]:
        """rows · scale² ν/(ν−2) · I for each factor; infinite for ν ≤ 2."""
        nu = self.degrees_of_freedom
        factor = nu / (nu - 2) if nu > 2 else jnp.inf
        scales = self.scale.at(step, len(shapes), dtype)
        return isotropic_moments(tuple(factor * s**2 for s in scales), shapes)
