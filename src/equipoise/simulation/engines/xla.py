"""The engine on JAX: replicates vectorized by vmap, steps compiled into one loop by XLA."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Int
from jaxtyping import Key as KeyOf

from equipoise.core.errors import InputError
from equipoise.core.initial import AbstractInitial
from equipoise.core.problem import AbstractProblem
from equipoise.core.status import Status
from equipoise.core.stream import initial_key, noise_key, replicate_key, step_key
from equipoise.core.types import Key, StepIndex, Theta
from equipoise.simulation.engines.interface import AbstractEngine, Batch, Experiment, Recording

_RUNNING = Status.completed.code

Keys = KeyOf[Array, " replicates"]
"""One key for each replicate."""


class XLA(AbstractEngine):
    """Runs on whatever device JAX computes on."""

    def start(
        self, experiment: Experiment, init: AbstractInitial, seed: int, replicates: Int[Array, " replicates"]
    ) -> Batch:
        """The replicates of the given numbers at step 0."""
        problem, dynamics = experiment.problem, experiment.dynamics
        initial_keys, noise_keys = _keys(jnp.asarray(seed), replicates)
        theta = _start(problem, init, initial_keys, replicates)
        state = jax.vmap(lambda at: dynamics.init(problem, at))(theta)
        running = jnp.full(replicates.shape, _RUNNING)
        return Batch(theta, state, noise_keys, running, jnp.full(replicates.shape, -1))

    def advance(self, experiment: Experiment, batch: Batch, step: int, count: int) -> Batch:
        """The batch after `count` more steps; their number is an argument of the compiled loop, not part of it."""
        return _advance(experiment, batch, jnp.asarray(step), jnp.asarray(count))

    def advance_and_look(
        self, experiment: Experiment, batch: Batch, step: int, every: int, looks: int, room: int
    ) -> tuple[Batch, Recording]:
        """One compiled loop for any number of looks that `room` holds."""
        numbers = (jnp.asarray(step), jnp.asarray(every), jnp.asarray(looks))
        return _advance_and_look(experiment, batch, *numbers, room)


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


def _bounded(theta: Theta) -> Bool[Array, ""]:
    """Whether every parameter is a number whose fourth power, and so the loss, can still be computed."""
    limit = float(jnp.finfo(theta[0].dtype).max) ** 0.2
    return jnp.stack([jnp.sum(jnp.abs(w)) <= limit for w in theta]).all()  # False for NaN


def _steps(experiment: Experiment, batch: Batch, first: StepIndex, count: StepIndex) -> Batch:
    """One replicate, `count` steps on; it stands still once it has ended."""
    problem, dynamics = experiment.problem, experiment.dynamics

    def body(i: Array, at: Batch) -> Batch:
        step = first + i
        theta, state = dynamics.step(problem, at.theta, at.state, step_key(at.noise_key, step), step)
        running, bounded = at.status == _RUNNING, _bounded(theta)
        moved = running & bounded
        theta, state = jax.tree.map(lambda new, old: jnp.where(moved, new, old), (theta, state), (at.theta, at.state))
        lost = running & ~bounded
        status = jnp.where(lost, Status.diverged.code, at.status)
        return Batch(theta, state, at.noise_key, status, jnp.where(lost, step + 1, at.end_step))

    return jax.lax.fori_loop(0, count, body, batch)


def _measured(experiment: Experiment, theta: tuple[Array, ...]) -> dict[str, Array]:
    """Every observable's variables; `InputError` where two give one of the same name."""
    values: dict[str, Array] = {}
    for observable in experiment.observables:
        for name, value in observable(experiment.problem, theta).items():
            if name in values:
                raise InputError(f"The variable {name} is recorded twice; keep one of its observables.")
            values[name] = jnp.asarray(value)
    return values


def _look(experiment: Experiment, batch: Batch, step: StepIndex) -> tuple[Batch, Recording]:
    """One replicate's observables; NaN once it has diverged, which its status says."""
    values = _measured(experiment, batch.theta)
    met = jnp.asarray(False)
    for rule in experiment.stop:
        met = met | rule.met(values)
    running = batch.status == _RUNNING
    stopped = running & met
    diverged = batch.status == Status.diverged.code
    shown = {name: jnp.where(diverged, jnp.nan, v) for name, v in values.items()}
    status = jnp.where(stopped, Status.stopped.code, batch.status)
    end_step = jnp.where(stopped, step, batch.end_step)
    return batch._replace(status=status, end_step=end_step), Recording(shown, running & ~met)


@eqx.filter_jit
def _advance(experiment: Experiment, batch: Batch, first: Array, count: Array) -> Batch:
    return _together(lambda at: _steps(experiment, at, first, count), batch)


def _together(function: Callable[[Batch], Batch], batch: Batch) -> Batch:
    """`function` of all replicates at once; of a lone one in float32 without the axis of replicates.

    With that axis XLA copies matrices before it multiplies them, which takes a network a tenth of its time. In float64
    the copies are worth it: the product with a transposed matrix takes XLA on a CPU 2.5 times as long (jaxlib 0.10).
    """
    if batch.status.size == 1 and batch.theta[0].dtype == jnp.float32:
        alone = function(jax.tree.map(lambda array: array[0], batch))
        return jax.tree.map(lambda array: array[None], alone)
    return jax.vmap(function)(batch)


@eqx.filter_jit
def _advance_and_look(
    experiment: Experiment, batch: Batch, first: Array, every: Array, looks: Array, room: int
) -> tuple[Batch, Recording]:
    def look(at: Batch, step: StepIndex) -> tuple[Batch, Recording]:
        return _one_by_one(lambda one: _look(experiment, one, step), at)

    def round_of_steps(number: Array, held: tuple[Batch, Recording]) -> tuple[Batch, Recording]:
        begin = first + number * every
        now, seen = look(_advance(experiment, held[0], begin, every), begin + every)
        return now, jax.tree.map(lambda all_, new: all_.at[number].set(new), held[1], seen)

    shapes = jax.eval_shape(lambda at: look(at, first)[1], batch)
    blank = jax.tree.map(lambda s: jnp.zeros((room, *s.shape), s.dtype), shapes)
    batch, recording = jax.lax.fori_loop(0, looks, round_of_steps, (batch, blank))
    return batch, jax.tree.map(lambda array: jnp.swapaxes(array, 0, 1), recording)


def _one_by_one(function: Callable[[Batch], tuple[Batch, Recording]], batch: Batch) -> tuple[Batch, Recording]:
    """`function` of each replicate: in turn on a CPU, at once elsewhere.

    On a CPU a batched decomposition waits, on a thread of XLA's pool, for other threads of that pool; two of them at
    the same time can wait for each other for ever (jaxlib 0.10: two batched QRs on two cores do). Unbatched ones don't.
    """
    if jax.default_backend() == "cpu":
        return jax.lax.map(function, batch)
    return jax.vmap(function)(batch)
