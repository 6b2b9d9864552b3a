"""Rounds, each of some steps and a look; one call makes several of them."""

from collections.abc import Sequence
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from equipoise.core.precision import numerics
from equipoise.core.types import StepIndex
from equipoise.simulation.batch import Batch, Experiment
from equipoise.simulation.engines import AbstractEngine, AbstractVisitingEngine
from equipoise.simulation.look import Recording, look_at_all
from equipoise.simulation.room import MOST_LOOKS, room_for
from equipoise.simulation.settled import settled
from equipoise.simulation.visited import room_for_visits, visited


class Rounds(NamedTuple):
    """The batch after some rounds, and their recordings on the host.

    - `batch`: the batch after the last round.
    - `values`: the recorded values by name for each observable, arrays (look, replicate, …).
    - `running`: which replicates were still running after each look, (look, replicate).
    - `room`: the number of looks of this size that one call may make.
    """

    batch: Batch
    values: tuple[dict[str, np.ndarray], ...]
    running: np.ndarray
    room: int


def rounds(engine: AbstractEngine, experiment: Experiment, batch: Batch, step: int, counts: Sequence[int]) -> Rounds:
    """One round for each of at most `MOST_LOOKS` `counts`: `count` steps, then a look. The first step is `step`."""
    with numerics():
        if engine.is_traced:
            padded = np.zeros(MOST_LOOKS, int)
            padded[: len(counts)] = counts
            numbers = (jnp.asarray(step), jnp.asarray(padded), jnp.asarray(len(counts)))
            batch, seen = settled(_compiled_rounds(engine, experiment, batch, *numbers, jnp.asarray(1)))
            room = seen.running.shape[0]
        elif isinstance(engine, AbstractVisitingEngine):
            batch, seen = visited(engine, experiment, batch, step, counts)
            room = room_for_visits(experiment, batch)
        else:
            batch, seen = _rounds_in_turn(engine, experiment, batch, step, counts)
            room = 1
    # copied, so that the memory of unused looks is freed
    values, running = jax.tree.map(lambda array: np.asarray(array)[: len(counts)].copy(), tuple(seen))
    return Rounds(batch, values, running, room)


def steps_alone(engine: AbstractEngine, experiment: Experiment, batch: Batch, step: int, count: int) -> Batch:
    """The batch after `count` steps without a look; the first of them is number `step`."""
    with numerics():
        if not engine.is_traced:
            return settled(engine.advance(experiment, batch, step, count))
        padded = np.zeros(MOST_LOOKS, int)
        padded[0] = count
        numbers = (jnp.asarray(step), jnp.asarray(padded), jnp.asarray(1))
        return settled(_compiled_rounds(engine, experiment, batch, *numbers, jnp.asarray(0)))[0]


@eqx.filter_jit
def _compiled_rounds(
    engine: AbstractEngine,
    experiment: Experiment,
    batch: Batch,
    first: Array,
    counts: Array,
    rounds: Array,
    looks_each: Array,
) -> tuple[Batch, Recording]:
    """One program for any number of steps and rounds, with a look in every round or in none (`looks_each` is 1 or 0).

    Entries beyond `rounds` of the recording are undefined.
    """
    shapes = jax.eval_shape(lambda at: look_at_all(experiment, at, first)[1], batch)
    room = room_for(shapes)
    blank = jax.tree.map(lambda s: jnp.zeros((room, *s.shape), s.dtype), shapes)

    def one_round(number: Array, held: tuple[Batch, Recording, Array]) -> tuple[Batch, Recording, Array]:
        now, recorded, step = held
        now = engine.advance(experiment, now, step, counts[number])
        after = step + counts[number]

        def look(_: Array, seen: tuple[Batch, Recording]) -> tuple[Batch, Recording]:
            looked, new = look_at_all(experiment, seen[0], after)
            return looked, jax.tree.map(lambda all_, one: all_.at[number].set(one), seen[1], new)

        # a loop of one round or none changes the recording in place; a conditional does not guarantee that
        now, recorded = jax.lax.fori_loop(0, looks_each, look, (now, recorded))
        return now, recorded, after

    batch, recording, _ = jax.lax.fori_loop(0, rounds, one_round, (batch, blank, first))
    return batch, recording


def _rounds_in_turn(
    engine: AbstractEngine, experiment: Experiment, batch: Batch, step: int, counts: Sequence[int]
) -> tuple[Batch, Recording]:
    """The rounds of an engine that is not JAX code: steps by the engine, then a compiled look."""
    seen = []
    for count in counts:
        batch = engine.advance(experiment, batch, step, count) if count else batch
        step += count
        batch, recording = settled(_compiled_look(experiment, batch, jnp.asarray(step)))
        seen.append(recording)
    return batch, jax.tree.map(lambda *arrays: np.stack(arrays), *seen)


@eqx.filter_jit
def _compiled_look(experiment: Experiment, batch: Batch, step: StepIndex) -> tuple[Batch, Recording]:
    return look_at_all(experiment, batch, step)
