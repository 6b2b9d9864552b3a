"""The base class of noise laws."""

import abc

import equinox as eqx
from jaxtyping import Array, DTypeLike, Float

from equipoise.core.hashing import hash_of_form
from equipoise.core.types import Key, Shapes, StepIndex


class AbstractNoise(eqx.Module):
    """A law of independent perturbations (ξ1, ξ2, …) of mean zero, one for each factor, drawn anew at each step."""

    __hash__ = hash_of_form

    @abc.abstractmethod
    def sample(self, key: Key, step: StepIndex, shapes: Shapes, dtype: DTypeLike) -> tuple[Array, ...]:
        """The perturbations of step number `step`, of the given shapes."""

    @abc.abstractmethod
    def second_moments(
        self, step: StepIndex, shapes: Shapes, dtype: DTypeLike
    ) -> tuple[Float[Array, "rank rank"], ...]:
        """E[ξᵀξ] for each factor (rank x rank), possibly infinite; the smoothed objective depends on nothing else."""
