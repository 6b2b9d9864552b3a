"""Looks at the positions that an engine outside JAX returns: one program for all looks of a call."""

from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool

from equipoise.core.status import Status
from equipoise.core.types import AnyArray, StepIndex
from equipoise.simulation.batch import Batch, Experiment
from equipoise.simulation.ending import RUNNING
from equipoise.simulation.engines import AbstractVisitingEngine, Visits
from equipoise.simulation.look import Recording, look_at_all
from equipoise.simulation.room import MOST_LOOKS, room_for
from equipoise.simulation.settled import settled


def visited(
    engine: AbstractVisitingEngine, experiment: Experiment, batch: Batch, step: int, counts: Sequence[int]
) -> tuple[Batch, Recording]:
    """The batch after all `counts`, and the recording of a look after each of them; later entries are undefined."""
    visits = engine.visit(experiment, batch, step, counts, room_for_visits(experiment, batch))
    steps = jnp.asarray(step) + jnp.cumsum(jnp.asarray([*counts, *[0] * (MOST_LOOKS - len(counts))]))
    return settled(_compiled_looks(experiment, batch, jax.device_put(visits), steps, jnp.asarray(len(counts))))


def room_for_visits(experiment: Experiment, batch: Batch) -> int:
    """The number of looks in one call: the positions and the recordings of all of them are kept at once."""
    leaves, structure = jax.tree.flatten((experiment, batch))
    kinds = tuple((leaf.shape, str(leaf.dtype)) if hasattr(leaf, "dtype") else leaf for leaf in map(_array, leaves))
    key = structure, kinds
    if key not in _ROOMS:
        if len(_ROOMS) >= _MOST_ROOMS:
            _ROOMS.clear()
        _ROOMS[key] = room_for((batch.theta, _shapes(experiment, batch)), _MOST_BYTES)
    return _ROOMS[key]


_ROOMS: dict[Any, int] = {}
"""The rooms found so far, since finding one traces a look."""
_MOST_ROOMS = 64
_MOST_BYTES = 2**24
"""Of the positions of a call, which are copied whether they are all used or not."""


def _array(leaf: Any) -> Any:
    """A number as an array, an array or anything else as it is."""
    return np.asarray(leaf) if isinstance(leaf, (bool, int, float)) else leaf


@eqx.filter_jit
def _compiled_looks(
    experiment: Experiment, batch: Batch, visits: Visits, steps: Array, looks: Array
) -> tuple[Batch, Recording]:
    """The looks in turn, since a stop rule that is met at one of them ends a replicate before the next."""
    room = visits.seen[0].shape[0]
    blank = jax.tree.map(lambda s: jnp.zeros((room, *s.shape), s.dtype), _shapes(experiment, batch))

    def look(number: Array, held: tuple[Batch, Recording]) -> tuple[Batch, Recording]:
        now, recorded = held
        there = _arrived(now, visits, number, steps[number])
        seen, new = look_at_all(experiment, there, steps[number])
        return seen, jax.tree.map(lambda all_, one: all_.at[number].set(one), recorded, new)

    return jax.lax.fori_loop(0, looks, look, (batch, blank))


def _arrived(now: Batch, visits: Visits, number: Array, step: StepIndex) -> Batch:
    """The batch at look `number`: where the engine saw the replicates that run, and the others where they were."""
    running = now.status == RUNNING
    lost = running & (visits.lost_after >= 0) & (visits.lost_after <= step)

    def where(which: Bool[Array, " replicates"], yes: AnyArray, no: AnyArray) -> Array:
        return jnp.where(which.reshape(-1, *[1] * (no.ndim - 1)), yes, no)

    seen = (where(running, position[number], w) for position, w in zip(visits.seen, now.theta, strict=True))
    theta = tuple(where(lost, last, w) for last, w in zip(visits.theta, seen, strict=True))
    status = jnp.where(lost, Status.diverged.code, now.status)
    return now._replace(theta=theta, status=status, end_step=jnp.where(lost, visits.lost_after, now.end_step))


def _shapes(experiment: Experiment, batch: Batch) -> Recording:
    """The shapes of the recording of one look."""
    return jax.eval_shape(lambda at: look_at_all(experiment, at, 0)[1], batch)
