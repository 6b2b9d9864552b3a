"""A call of the compiled code that advances an ensemble: what it reads, and what it writes."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np

from equipoise.machine.native import asked_build, threads
from equipoise.simulation.batch import Batch, Experiment
from equipoise.simulation.ending import RUNNING, largest_size
from equipoise.simulation.engines.interface import Visits
from equipoise.simulation.engines.native.numbers import numbers_of


def visits_by(
    advance: Callable[..., None],
    target: tuple[Any, ...],
    factor: float,
    experiment: Experiment,
    batch: Batch,
    step: int,
    counts: Sequence[int],
    room: int,
) -> Visits:
    """The positions at the looks, by a compiled function; Ctrl-C is answered within a tenth of a second.

    - `target`: M as the function reads it.
    - `factor`: c if the loss is c/2 ‖XYᵀ − M‖².
    - `step`, `counts`, `room`: as for `AbstractVisitingEngine.visit`.
    """
    dtype = experiment.problem.dtype
    theta = tuple(np.array(w, dtype, order="C") for w in batch.theta)
    seen = tuple(np.zeros((room, *w.shape), w.dtype) for w in theta)
    visits = np.cumsum(counts, dtype=np.int64)
    lost_after = np.where(np.asarray(batch.status) == RUNNING, -1, 0).astype(np.int64)
    advance(
        *theta,
        np.ascontiguousarray(jax.random.key_data(batch.noise_key), np.uint32),
        lost_after,
        *seen,
        visits,
        *target,
        *numbers_of(experiment, batch, step, int(visits[-1])),
        factor,
        largest_size(dtype),
        step,
        threads(),
        asked_build(),
    )
    return Visits(seen, theta, lost_after)


def refusal_here() -> str:
    """Why the compiled code, which computes on the CPU, is not used here; empty if it is."""
    platform = jax.default_backend()
    return "" if platform == "cpu" else f"computes on the CPU, but JAX computes on the {platform} here"
