"""The base class of starts."""

import abc

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Int

from equipoise.core.hashing import hash_of_form
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import AnyArray, Key, StepIndex


class AbstractInitial(eqx.Module):
    """A law of starts θ₀, one for each replicate."""

    __hash__ = hash_of_form

    @property
    def needs_signal(self) -> bool:
        """Whether it needs the problem's known optimum."""
        return False

    def replicates(self, problem: AbstractProblem) -> int | None:
        """The number of replicates for which there is a start, or None if there is one for any number."""
        return None

    @property
    def is_conditional(self) -> bool:
        """Whether draws are rejected until one meets a condition."""
        return False

    def rejected(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> Int[AnyArray, ""]:
        """How many draws are rejected before the start of replicate number `replicate`; −1 if all of them are."""
        return jnp.asarray(0)

    @abc.abstractmethod
    def sample(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> tuple[Array, ...]:
        """The start of replicate number `replicate`; all its random numbers come from `key`."""
