"""Where replicates begin: at a start that is drawn, or where they stood before."""

from collections.abc import Mapping
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PyTree
from jaxtyping import Key as KeyOf

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.initial import AbstractInitial
from equipoise.core.precision import numerics
from equipoise.core.problem import AbstractProblem
from equipoise.core.stream import initial_key, noise_key, replicate_key
from equipoise.core.trees import with_named_leaves
from equipoise.core.types import AnyArray, Key
from equipoise.simulation.batch import Batch, Experiment
from equipoise.simulation.ending import RUNNING

Keys = KeyOf[Array, " replicates"]
"""One key for each replicate."""


def begin(experiment: Experiment, init: AbstractInitial, seed: int, numbers: np.ndarray) -> Batch:
    """The replicates of the given `numbers` before their first step, each depending on (seed, number) alone."""
    with numerics():
        theta = starts(experiment.problem, init, seed, numbers)
        _, noise_keys = _keys(jnp.asarray(seed), jnp.asarray(numbers))
        state = _state(experiment.dynamics, experiment.problem, theta)
        running = jnp.full(numbers.shape, RUNNING, int)
        return Batch(theta, state, noise_keys, running, jnp.full(numbers.shape, -1, int))


def starts(problem: AbstractProblem, init: AbstractInitial, seed: int, numbers: np.ndarray) -> tuple[Array, ...]:
    """θ₀ of the replicates of the given `numbers`, with the replicates along the leading axis."""
    with numerics():
        replicates = jnp.asarray(numbers)
        keys, _ = _keys(jnp.asarray(seed), replicates)
        return _start(problem, init, keys, replicates)


def take_up(
    experiment: Experiment,
    seed: int,
    numbers: np.ndarray,
    theta: tuple[np.ndarray, ...],
    state: Mapping[str, np.ndarray],
    codes: tuple[np.ndarray, np.ndarray],
) -> Batch:
    """The replicates of the given `numbers` where they stood: θ, the method's state by its leaves' names, the endings.

    `codes` are `Batch.status` and `Batch.end_step`. Raises `InputError` for a state that is not the method's.
    """
    with numerics():
        _, noise_keys = _keys(jnp.asarray(seed), jnp.asarray(numbers))
        dtype = experiment.problem.dtype
        at = tuple(jnp.asarray(w, dtype) for w in theta)
        fresh = _state(experiment.dynamics, experiment.problem, at)
        status, end_step = (jnp.asarray(each, int) for each in codes)
        return Batch(at, with_named_leaves(fresh, state), noise_keys, status, end_step)


@eqx.filter_jit
def _keys(seed: Array, replicates: Array) -> tuple[Keys, Keys]:
    """The keys of the start and of the noise of each replicate; compiled once for all problems and starts."""

    def one(replicate: Array) -> tuple[Key, Key]:
        key = replicate_key(seed, replicate)
        return initial_key(key), noise_key(key)

    return jax.vmap(one)(replicates)


@eqx.filter_jit
def _start(problem: AbstractProblem, init: AbstractInitial, keys: Keys, replicates: Array) -> tuple[Array, ...]:
    """θ₀ of each replicate; compiled apart from what follows, which it does not depend on."""
    return jax.vmap(lambda key, replicate: init.sample(key, replicate, problem))(keys, replicates)


def _state(dynamics: AbstractDynamics, problem: AbstractProblem, theta: tuple[AnyArray, ...]) -> PyTree[Any]:
    """The method's state before the first step of each replicate."""
    return jax.vmap(lambda at: dynamics.init(problem, at))(theta)
