"""Sharpness-aware minimization, around any method."""

from equipoise.core.checks import as_array, positive_number
from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.types import AnyArray, Number, Theta
from equipoise.dynamics.uphill import AbstractAscent, AbstractUphillMethod, over_norm


class _Euclidean(AbstractAscent):
    """θ + ρ g/‖g‖."""

    radius: AnyArray

    def __call__(self, theta: Theta, gradient: Theta) -> Theta:
        """The point at distance ρ along the gradient."""
        length = over_norm(self.radius, gradient)
        return tuple(w + length * g for w, g in zip(theta, gradient, strict=True))


class SharpnessAware(AbstractUphillMethod):
    """A method with every gradient taken at θ + ρ g/‖g‖ in place of θ, where g is the gradient at θ.

    - `dynamics`: the method that uses these gradients.
    - `radius`: ρ, in the unit of θ.

    ‖g‖ is the Euclidean norm over all arrays. Inside `Minibatch` both gradients are those of one batch, as is usual.
    Raises `InputError` for a radius that is not greater than 0.
    Source: P. Foret, A. Kleiner, H. Mobahi and B. Neyshabur, Sharpness-aware minimization for efficiently improving
    generalization (2021), Eq. (2).
    """

    radius: AnyArray

    def __init__(self, dynamics: AbstractDynamics, radius: Number) -> None:
        self.dynamics = dynamics
        self.radius = as_array(positive_number("radius", radius))

    def ascent(self) -> AbstractAscent:
        """ρ g/‖g‖ away."""
        return _Euclidean(self.radius)
