"""Noise that fades out: schedules of the standard deviation that fall to 0, and a law that ends at a step."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, DTypeLike, Int

from equipoise.core.checks import as_array, non_negative_number, positive_number, whole_number
from equipoise.core.noise import AbstractNoise
from equipoise.core.types import AnyArray, Key, RealNumber, Scalar, Shapes, StepIndex


class Annealed(eqx.Module):
    """The schedule std(t) = std √((1 − t/last)/(1 + t/time)), 0 from step `last` on.

    The variance falls as 1/t, the fastest decay that still restores the balance: with the rate 2ηb(t) = c/(t + time)
    the imbalance falls as t^−c, whereas after a faster decay part of it would remain forever.

    - `std`: the standard deviation at step 0, in the unit of θ.
    - `time`: the number of steps that halves the variance, apart from the factor 1 − t/last.
    - `last`: the first step without noise.

    Raises `InputError` for a negative std, and a time or last step that is not greater than 0.
    """

    std: Scalar
    time: Scalar
    last: Scalar

    def __init__(self, std: RealNumber, time: RealNumber, last: RealNumber) -> None:
        self.std = as_array(non_negative_number("std", std))
        self.time, self.last = as_array(positive_number("time", time)), as_array(positive_number("last", last))

    def __call__(self, step: StepIndex) -> Array:
        """The standard deviation at `step`."""
        t = jnp.asarray(step, jnp.result_type(float))
        return jnp.asarray(self.std) * jnp.sqrt(jnp.maximum(1 - t / self.last, 0.0) / (1 + t / self.time))


class Fading(eqx.Module):
    """The schedule std(t) = std (1 − t/last), 0 from step `last` on; the induced penalty falls to 0 as its square.

    - `std`: the standard deviation at step 0, in the unit of θ.
    - `last`: the first step without noise.

    Raises `InputError` for a negative std, and a last step that is not greater than 0.
    """

    std: Scalar
    last: Scalar

    def __init__(self, std: RealNumber, last: RealNumber) -> None:
        self.std = as_array(non_negative_number("std", std))
        self.last = as_array(positive_number("last", last))

    def __call__(self, step: StepIndex) -> Array:
        """The standard deviation at `step`."""
        t = jnp.asarray(step, jnp.result_type(float))
        return jnp.asarray(self.std) * jnp.maximum(1 - t / self.last, 0.0)


class Until(AbstractNoise):
    """A noise law that ends at step `last`; from then on there is no noise, and no random number is drawn.

    - `law`: the noise law before step `last`.
    - `last`: the first step without noise, 0 or greater.

    Raises `InputError` for a `last` that is not a whole number of 0 or greater.
    """

    law: AbstractNoise
    last: Int[AnyArray, ""]

    def __init__(self, law: AbstractNoise, last: int) -> None:
        self.law, self.last = law, np.asarray(whole_number("last", last, 0))

    def sample(self, key: Key, step: StepIndex, shapes: Shapes, dtype: DTypeLike) -> tuple[Array, ...]:
        """The law's perturbations, or zeros."""
        return jax.lax.cond(
            jnp.asarray(step < self.last),
            lambda: self.law.sample(key, step, shapes, dtype),
            lambda: tuple(jnp.zeros(shape, dtype) for shape in shapes),
        )

    def second_moments(self, step: StepIndex, shapes: Shapes, dtype: DTypeLike) -> tuple[Array, ...]:
        """The law's second moments, or zeros."""
        moments = self.law.second_moments(step, shapes, dtype)
        return tuple(jnp.where(jnp.asarray(step < self.last), m, 0.0) for m in moments)
