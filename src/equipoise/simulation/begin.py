"""The first batch of a run: from starts that are drawn, or from where an earlier run ended."""

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
    """The replicates of the given `numbers` before their first step; each depends on (seed, number) alone."""
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
    """The replicates of the given `numbers` at the position where an earlier run ended.

    - `theta`: θ of each replicate.
    - `state`: the state of the method as arrays by path (`equipoise.core.trees.on_host`).
    - `codes`: `Batch.status` and `Batch.end_step`.

    Raises `InputError` for a state that is not one of the method.
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
    """θ₀ of each replicate; compiled separately from the steps, on which it does not depend."""
    return jax.vmap(lambda key, replicate: init.sample(key, replicate, problem))(keys, replicates)


def _state(dynamics: AbstractDynamics, problem: AbstractProblem, theta: tuple[AnyArray, ...]) -> PyTree[Any]:
    """The state of the method before the first step of each replicate."""
    return jax.vmap(lambda at: dynamics.init(problem, at))(theta)
