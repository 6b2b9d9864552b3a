"""Isotropic Gaussian noise, and how to balance it."""

from jaxtyping import Array, DTypeLike

from equipoise.core.checks import positive_number, real_number
from equipoise.core.draws import isotropic_moments, standard_normal
from equipoise.core.noise import AbstractNoise
from equipoise.core.schedules import PerFactor, PerFactorLike, Scaled, Value, per_factor
from equipoise.core.types import Key, RealNumber, Shapes, StepIndex


class Gaussian(AbstractNoise):
    """ξ ~ N(0, std²), independently for each entry.

    - `std`: one value or one per factor, each a number or a schedule, in the unit of the factors.

    Raises `InputError` for a negative or non-finite `std`. Source: Liu et al. (2021), Section 2.
    """

    std: PerFactor

    def __init__(self, std: PerFactorLike) -> None:
        self.std = per_factor("std", std, positive=False)

    def sample(self, key: Key, step: StepIndex, shapes: Shapes, dtype: DTypeLike) -> tuple[Array, ...]:
        """Fresh perturbations for one step."""
        stds = self.std.at(step, len(shapes), dtype)
        return tuple(s * z for s, z in zip(stds, standard_normal(key, shapes, dtype, step), strict=True))

    def second_moments(self, step: StepIndex, shapes: Shapes, dtype: DTypeLike) -> tuple[Array, ...]:
        """rows · std² · I for each factor."""
        stds = self.std.at(step, len(shapes), dtype)
        return isotropic_moments(tuple(s**2 for s in stds), shapes)


def balanced(gamma: RealNumber, std_y: Value, shape: tuple[int, int]) -> Gaussian:
    """γ-balanced Gaussian noise: E‖ξ₁‖² = γ² E‖ξ₂‖², with which Perturbed GD ends at balance γ.

    - `gamma`: γ, greater than 0.
    - `std_y`: the standard deviation of ξ₂, a number or a schedule; that of ξ₁ is γ · std_y · √(d2/d1).
    - `shape`: (d1, d2) of M.

    Raises `InputError` unless γ is finite and greater than 0, and for a negative or non-finite `std_y`.
    Source: Liu et al. (2021), Lemma 3.
    """
    ratio = positive_number("gamma", gamma) * (shape[1] / shape[0]) ** 0.5
    if callable(std_y):
        return Gaussian(std=(Scaled(std_y, ratio), std_y))
    return Gaussian(std=(ratio * real_number("std_y", std_y, least=0), std_y))
