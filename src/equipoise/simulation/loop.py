"""The ensemble: chunk after chunk of replicates, and what they hold when interrupted."""

import dataclasses
import time

import numpy as np

from equipoise.core.initial import AbstractInitial
from equipoise.simulation.assemble import assemble
from equipoise.simulation.chunk import Chunk, Part
from equipoise.simulation.engines import AbstractEngine, Experiment
from equipoise.simulation.plan import Ensemble, Plan
from equipoise.simulation.progress import progress_bar


def run_ensemble(engine: AbstractEngine, experiment: Experiment, init: AbstractInitial, plan: Plan) -> Ensemble:
    """Run every replicate to its end. Ctrl-C returns what is recorded until then; chunks not begun stay at their start.

    Ctrl-C while nothing is recorded yet, or once more while the chunks not begun are looked at, is passed on.

    Chunks run one after the other: batched LAPACK calls from two threads block each other in XLA's own thread pool.
    """
    begin = time.perf_counter()
    size = plan.chunk or plan.replicates
    parts: list[Part] = []
    with progress_bar(plan.steps * plan.replicates, plan.progress) as tell:
        for first in range(0, plan.replicates, size):
            numbers = np.arange(first, min(first + size, plan.replicates))
            chunk = Chunk(engine, experiment, plan, numbers, tell)
            parts.append(
                _only_begun(chunk, init) if parts and parts[-1].interrupted else _run(chunk, init, bool(parts))
            )
    return assemble(parts, plan, time.perf_counter() - begin)


def _run(chunk: Chunk, init: AbstractInitial, others: bool) -> Part:
    """The chunk to its end; only its start if Ctrl-C comes before its first look and there are `others` to keep."""
    try:
        return chunk.run(init)
    except KeyboardInterrupt:
        if not others:
            raise
        return _only_begun(chunk, init)


def _only_begun(chunk: Chunk, init: AbstractInitial) -> Part:
    """The chunk at its start, as interrupted."""
    begun = dataclasses.replace(chunk, plan=chunk.plan._replace(steps=0))
    return begun.run(init)._replace(interrupted=True)
