"""Bounded noise."""

import math

import jax
from jaxtyping import Array, DTypeLike

from equipoise.core.draws import isotropic_moments, split_flat
from equipoise.core.noise import AbstractNoise
from equipoise.core.schedules import PerFactor, PerFactorLike, per_factor
from equipoise.core.types import Key, Shapes, StepIndex


class Uniform(AbstractNoise):
    """ξ uniform on [−√3 std, √3 std], independently for each entry; its standard deviation is `std`.

    - `std`: one value or one per factor, each a number or a schedule, in the unit of the factors.

    Raises `InputError` for a negative `std`.
    """

    std: PerFactor

    def __init__(self, std: PerFactorLike) -> None:
        self.std = per_factor("std", std, positive=False)

    def sample(self, key: Key, step: StepIndex, shapes: Shapes, dtype: DTypeLike) -> tuple[Array, ...]:
        """Fresh perturbations for one step."""
        total, half_width = sum(math.prod(shape) for shape in shapes), math.sqrt(3)
        drawn = split_flat(jax.random.uniform(key, (total,), dtype, -half_width, half_width), shapes)
        return tuple(s * z for s, z in zip(self.std.at(step, len(shapes), dtype), drawn, strict=True))

    def second_moments(self, step: StepIndex, shapes: Shapes, dtype: DTypeLike) -> tuple[Array, ...]:
        """rows · std² · I for each factor."""
        stds = self.std.at(step, len(shapes), dtype)
        return isotropic_moments(tuple(s**2 for s in stds), shapes)
