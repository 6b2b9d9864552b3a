"""Adaptive sharpness-aware minimization, around any method."""

import jax.numpy as jnp

from equipoise.core.checks import as_array, non_negative_number, positive_number
from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.types import AnyArray, Number, Theta
from equipoise.dynamics.uphill import AbstractAscent, AbstractUphillMethod, over_norm


class _Elementwise(AbstractAscent):
    """θ + ρ T²g/‖Tg‖ with T = |θ| + floor, entry by entry."""

    radius: AnyArray
    floor: AnyArray

    def __call__(self, theta: Theta, gradient: Theta) -> Theta:
        """The point at distance ρ in the norm ‖T⁻¹ ·‖, to first order the highest there."""
        sizes = tuple(jnp.abs(w) + jnp.asarray(self.floor, w.dtype) for w in theta)
        scaled = tuple(t * g for t, g in zip(sizes, gradient, strict=True))
        length = over_norm(self.radius, scaled)
        return tuple(w + length * t * s for w, t, s in zip(theta, sizes, scaled, strict=True))


class AdaptiveSharpnessAware(AbstractUphillMethod):
    """A method with every gradient taken at θ + ρ T²g/‖Tg‖ in place of θ; g is the gradient, T = |θ| + floor.

    - `dynamics`: the method that uses these gradients.
    - `radius`: ρ, without a unit: to first order it is the root of the summed squares of the relative changes.
    - `floor`: added to |θ|, entry by entry, so that entries of 0 move too, in the unit of θ; 0.01 by default.

    With floor 0 the way uphill follows θ under X → cX, Y → Y/c, unlike that of `SharpnessAware`; but it depends on the
    basis of the columns. Raises `InputError` for a radius that is not greater than 0 and for a negative floor.
    Source: J. Kwon, J. Kim, H. Park and I. K. Choi, ASAM: adaptive sharpness-aware minimization for scale-invariant
    learning of deep neural networks (2021), with the element-wise normalization.
    """

    radius: AnyArray
    floor: AnyArray

    def __init__(self, dynamics: AbstractDynamics, radius: Number, floor: Number = 0.01) -> None:
        self.dynamics = dynamics
        self.radius = as_array(positive_number("radius", radius))
        self.floor = as_array(non_negative_number("floor", floor))

    def ascent(self) -> AbstractAscent:
        """ρ T²g/‖Tg‖ away."""
        return _Elementwise(self.radius, self.floor)
