"""The first batch of a run: from starts that are drawn, or from where an earlier run ended."""

from collections.abc import Mapping
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PyTree
from jaxtyping import Key as KeyOf

from equipoise.core.errors import InputError
from equipoise.core.initial import AbstractInitial
from equipoise.core.precision import numerics
from equipoise.core.problem import AbstractProblem
from equipoise.core.stream import initial_key, noise_key, replicate_key, with_own_keys
from equipoise.core.trees import with_named_leaves
from equipoise.core.types import AnyArray, Key
from equipoise.simulation.batch import Batch, Experiment, with_own
from equipoise.simulation.ending import RUNNING

Keys = KeyOf[Array, " replicates"]
"""One key for each replicate."""


def begin(
    experiment: Experiment,
    init: AbstractInitial,
    seed: int | np.ndarray,
    numbers: np.ndarray,
    own: Any = None,
    own_start: Any = None,
    rows: np.ndarray | None = None,
) -> Batch:
    """The replicates of the given `numbers` before their first step; each depends on (seed, number) alone.

    - `seed`: the seed of all replicates, or an array with one for each.
    - `own`, `own_start`: the numbers of the experiment and of the start that differ between replicates, as in
      `Batch.own`; None, the default, if all are shared.
    - `rows`: which of the given starts each replicate takes; by default that of its number.
    """
    with numerics():
        theta = starts(experiment.problem, init, seed, numbers, None if own is None else own.problem, own_start, rows)
        _, noise_keys = _keys(*_seeds(seed, numbers))
        state = with_own_keys(_state(experiment, theta, own), noise_keys)
        running = jnp.full(numbers.shape, RUNNING, int)
        return Batch(theta, state, noise_keys, running, jnp.full(numbers.shape, -1, int), own)


def starts(
    problem: AbstractProblem,
    init: AbstractInitial,
    seed: int | np.ndarray,
    numbers: np.ndarray,
    own_problem: Any = None,
    own_start: Any = None,
    rows: np.ndarray | None = None,
) -> tuple[Array, ...]:
    """θ₀ of the replicates of the given `numbers`, with the replicates along the leading axis."""
    with numerics():
        keys, _ = _keys(*_seeds(seed, numbers))
        places = jnp.asarray(numbers if rows is None else rows)
        if init.is_conditional:
            _check_met(_rejected(problem, init, keys, places, own_problem, own_start), numbers)
        return _start(problem, init, keys, places, own_problem, own_start)


def rejected_starts(
    problem: AbstractProblem, init: AbstractInitial, seed: int, numbers: np.ndarray
) -> np.ndarray | None:
    """How many draws were rejected before the start of each replicate; None if the start has no condition."""
    if not init.is_conditional:
        return None
    with numerics():
        keys, _ = _keys(*_seeds(seed, numbers))
        return np.asarray(_rejected(problem, init, keys, jnp.asarray(numbers), None, None))


def _check_met(rejected: Array, numbers: np.ndarray) -> None:
    """Raise `InputError` if no draw of some replicate met the condition of its start."""
    lost = np.asarray(numbers)[np.asarray(rejected) < 0]
    if lost.size:
        raise InputError(
            f"No draw met the condition on the start for {lost.size} of {numbers.size} replicates, the first of them "
            f"number {lost[0]}; give a condition that holds more often, or a larger most=."
        )


def _seeds(seed: int | np.ndarray, numbers: np.ndarray) -> tuple[Array, Array]:
    """The seed and the number of each replicate."""
    return jnp.asarray(np.broadcast_to(np.asarray(seed), numbers.shape)), jnp.asarray(numbers)


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
        _, noise_keys = _keys(*_seeds(seed, numbers))
        dtype = experiment.problem.dtype
        at = tuple(jnp.asarray(w, dtype) for w in theta)
        fresh = _state(experiment, at, None)
        status, end_step = (jnp.asarray(each, int) for each in codes)
        return Batch(at, with_named_leaves(fresh, state), noise_keys, status, end_step)


@eqx.filter_jit
def _keys(seeds: Array, replicates: Array) -> tuple[Keys, Keys]:
    """The keys of the start and of the noise of each replicate; compiled once for all problems and starts."""

    def one(seed: Array, replicate: Array) -> tuple[Key, Key]:
        key = replicate_key(seed, replicate)
        return initial_key(key), noise_key(key)

    return jax.vmap(one)(seeds, replicates)


@eqx.filter_jit
def _start(
    problem: AbstractProblem, init: AbstractInitial, keys: Keys, replicates: Array, own_problem: Any, own_start: Any
) -> tuple[Array, ...]:
    """θ₀ of each replicate; compiled separately from the steps, on which it does not depend."""

    def one(key: Key, replicate: Array, own_problem: Any, own_start: Any) -> tuple[Array, ...]:
        return with_own(init, own_start).sample(key, replicate, with_own(problem, own_problem))

    return jax.vmap(one)(keys, replicates, own_problem, own_start)


@eqx.filter_jit
def _rejected(
    problem: AbstractProblem, init: AbstractInitial, keys: Keys, replicates: Array, own_problem: Any, own_start: Any
) -> Array:
    """The number of draws rejected for each replicate, as `AbstractInitial.rejected` counts them."""

    def one(key: Key, replicate: Array, own_problem: Any, own_start: Any) -> Array:
        return jnp.asarray(with_own(init, own_start).rejected(key, replicate, with_own(problem, own_problem)))

    return jax.vmap(one)(keys, replicates, own_problem, own_start)


def _state(experiment: Experiment, theta: tuple[AnyArray, ...], own: Any) -> PyTree[Any]:
    """The state of the method before the first step of each replicate."""

    def one(theta: tuple[AnyArray, ...], own: Any) -> PyTree[Any]:
        alone = with_own(experiment, own)
        return alone.dynamics.init(alone.problem, theta)

    return jax.vmap(one)(theta, own)
