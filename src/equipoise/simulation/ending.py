"""How a replicate ends: it diverges at a step, or meets a stop rule at a look. From then on it does not move."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, DTypeLike, PyTree

from equipoise.core.status import Status
from equipoise.core.types import StepIndex, Theta
from equipoise.simulation.batch import Batch

RUNNING = Status.completed.code
"""The status code of a replicate that takes part in the next step."""


def bounded(theta: Theta) -> Bool[Array, ""]:
    """Whether every parameter is a number, and small enough that its fourth power, and so the loss, can be computed."""
    limit = largest_size(theta[0].dtype)
    return jnp.stack([jnp.sum(jnp.abs(w)) <= limit for w in theta]).all()  # False for NaN


def largest_size(dtype: DTypeLike) -> float:
    """The largest sum of magnitudes of a factor that counts as bounded."""
    return float(jnp.finfo(dtype).max) ** 0.2


def after_step(at: Batch, theta: Theta, state: PyTree[Any], step: StepIndex) -> Batch:
    """One replicate after step number `step`: at the new (θ, state), or where it was if it had ended before.

    A replicate whose new θ is not bounded ends as diverged and keeps its last bounded θ.
    """
    running, computable = at.status == RUNNING, bounded(theta)
    moved = running & computable
    kept = jax.tree.map(lambda new, old: jnp.where(moved, new, old), (theta, state), (at.theta, at.state))
    lost = running & ~computable
    status = jnp.where(lost, Status.diverged.code, at.status)
    end_step = jnp.where(lost, step + 1, at.end_step)
    return at._replace(theta=kept[0], state=kept[1], status=status, end_step=end_step)


def after_look(at: Batch, met: Bool[Array, ""], step: StepIndex) -> Batch:
    """One replicate after a look at `step` steps; `met` says whether it met a stop rule there."""
    stopped = (at.status == RUNNING) & met
    status = jnp.where(stopped, Status.stopped.code, at.status)
    return at._replace(status=status, end_step=jnp.where(stopped, step, at.end_step))


def stopped_at(batch: Batch, step: int) -> Batch:
    """The batch in which every replicate that was still running has ended as stopped, after `step` steps."""
    status, end_step = np.asarray(batch.status), np.asarray(batch.end_step)
    runs = status == RUNNING
    stopped = np.where(runs, Status.stopped.code, status), np.where(runs, step, end_step)
    return batch._replace(status=jnp.asarray(stopped[0]), end_step=jnp.asarray(stopped[1]))


def has_diverged(at: Batch) -> Bool[Array, ""]:
    """Whether this replicate has ended as diverged."""
    return at.status == Status.diverged.code


def endings(batch: Batch, step: int, last_step: int) -> tuple[list[Status], np.ndarray]:
    """The status of each replicate and the number of its steps, for a batch after `step` steps of `last_step`."""
    statuses = [Status.of_code(code) for code in np.asarray(batch.status)]
    end_step = np.array(batch.end_step)
    for i, status in enumerate(statuses):
        if status is Status.completed:
            end_step[i] = step
            if step < last_step:
                statuses[i] = Status.interrupted
    return statuses, end_step


def codes(statuses: Sequence[Status], end_step: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`Batch.status` and `Batch.end_step` of replicates that ended like this; completed and interrupted ones run on."""
    runs = np.array([status in (Status.completed, Status.interrupted) for status in statuses])
    code = np.array([status.code for status in statuses])
    return np.where(runs, RUNNING, code), np.where(runs, -1, end_step)
