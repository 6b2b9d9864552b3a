"""The start: random directions of exact size."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from equipoise.core.initial import AbstractInitial
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import Key, RealNumber, Scalar, StepIndex
from equipoise.initial import Gaussian


class ExactNorms(AbstractInitial):
    """Gaussian factors scaled to ‖X‖_F, ‖Y‖_F = `norm_x`, `norm_y`, in the unit √[M]: no chance in their balance."""

    norm_x: Scalar
    norm_y: Scalar

    def __init__(self, norm_x: RealNumber, norm_y: RealNumber) -> None:
        self.norm_x, self.norm_y = np.asarray(float(norm_x)), np.asarray(float(norm_y))

    def sample(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> tuple[Array, ...]:
        """The start of this replicate; only for problems of two factors."""
        drawn = Gaussian(std=1.0).sample(key, replicate, problem)
        norms = (self.norm_x, self.norm_y)
        return tuple(w * (norm / jnp.linalg.norm(w)) for w, norm in zip(drawn, norms, strict=True))
