"""The ensemble: chunk after chunk of replicates, and what they hold when interrupted."""

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

    Chunks run one after the other: batched LAPACK calls from two threads block each other in XLA's own thread pool.
    """
    begin = time.perf_counter()
    size = plan.chunk or plan.replicates
    parts: list[Part] = []
    with progress_bar(plan.steps * plan.replicates, plan.progress) as tell:
        for first in range(0, plan.replicates, size):
            numbers = np.arange(first, min(first + size, plan.replicates))
            cut = plan._replace(steps=0) if parts and parts[-1].interrupted else plan
            part = Chunk(engine, experiment, cut, numbers, tell).run(init)
            parts.append(part._replace(interrupted=part.interrupted or cut is not plan))
    return assemble(parts, plan, time.perf_counter() - begin)
