"""What a noise law is."""

import abc

import equinox as eqx
from jaxtyping import Array, DTypeLike, Float

from equipoise.core.types import Key, Shapes, StepIndex


class AbstractNoise(eqx.Module):
    """A law of independent, centred perturbations (ξ1, ξ2, …), one for each factor, fresh at each step."""

    @abc.abstractmethod
    def sample(self, key: Key, step: StepIndex, shapes: Shapes, dtype: DTypeLike) -> tuple[Array, ...]:
        """The perturbations of step number `step`, of the given shapes."""

    @abc.abstractmethod
    def second_moments(
        self, step: StepIndex, shapes: Shapes, dtype: DTypeLike
    ) -> tuple[Float[Array, "rank rank"], ...]:
        """E[ξᵀξ] for each factor (rank x rank): all that the smoothed objective depends on. May be infinite."""
