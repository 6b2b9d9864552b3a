"""Noise that fades: strong enough to mend the balance first, then gone."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, DTypeLike, Int

from equipoise.core.noise import AbstractNoise
from equipoise.core.types import AnyArray, Key, RealNumber, Scalar, Shapes, StepIndex


class Annealed(eqx.Module):
    """The schedule std(t) = std √((1 − t/last)/(1 + t/time)), 0 from step `last` on.

    The variance falls as 1/t, the fastest that still mends the balance: with the rate 2ηb(t) = c/(t + time) the
    unbalance falls as t^−c, while a variance that fell faster would leave a part of it for ever.
    """

    std: Scalar
    time: Scalar
    last: Scalar

    def __init__(self, std: RealNumber, time: RealNumber, last: RealNumber) -> None:
        self.std, self.time, self.last = (np.asarray(float(value)) for value in (std, time, last))

    def __call__(self, step: StepIndex) -> Array:
        """The standard deviation at `step`."""
        t = jnp.asarray(step, jnp.result_type(float))
        return jnp.asarray(self.std) * jnp.sqrt(jnp.maximum(1 - t / self.last, 0.0) / (1 + t / self.time))


class Until(AbstractNoise):
    """A law of noise up to step `last`, and none from then on: no random number is drawn there."""

    law: AbstractNoise
    last: Int[AnyArray, ""]

    def __init__(self, law: AbstractNoise, last: int) -> None:
        self.law, self.last = law, np.asarray(last)

    def sample(self, key: Key, step: StepIndex, shapes: Shapes, dtype: DTypeLike) -> tuple[Array, ...]:
        """The law's perturbations, or zeros."""
        return jax.lax.cond(
            jnp.asarray(step < self.last),
            lambda: self.law.sample(key, step, shapes, dtype),
            lambda: tuple(jnp.zeros(shape, dtype) for shape in shapes),
        )

    def second_moments(self, step: StepIndex, shapes: Shapes, dtype: DTypeLike) -> tuple[Array, ...]:
        """The law's, or zeros."""
        moments = self.law.second_moments(step, shapes, dtype)
        return tuple(jnp.where(jnp.asarray(step < self.last), m, 0.0) for m in moments)
