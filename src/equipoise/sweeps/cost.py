"""What a sweep will cost, before it is run."""

import copy
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from equipoise.machine import versions
from equipoise.sweeps.blocks import Block
from equipoise.sweeps.making import survey
from equipoise.sweeps.plan import bytes_of, fingerprint_of, new_plan, wider_plan
from equipoise.sweeps.store import manifest as manifests
from equipoise.sweeps.store.journal import Journal, State
from equipoise.sweeps.study import Study
from equipoise.sweeps.work import Orders, Part, computed


class Estimate(NamedTuple):
    """What a sweep will cost.

    - `points`, `replicates`, `steps`: the size of the study.
    - `failures`: the number of points that cannot be made.
    - `programs`: the number of programs to compile.
    - `blocks`: the number of blocks to run; those that the store has already are not counted.
    - `bytes`: the bytes of the whole dataset, before they are compressed.
    - `block_bytes`: the bytes of a block, which a process holds.
    - `block_seconds`: the time of a block, from a short run of the first one; 0 if there is none to run.
    - `seconds`: the time of all blocks in one process with all cores, which several processes seldom exceed.
    """

    points: int
    replicates: int
    steps: int
    failures: int
    programs: int
    blocks: int
    bytes: int
    block_bytes: int
    block_seconds: float
    seconds: float


def estimate(study: Study, store: str | Path | None = None) -> Estimate:
    """What a sweep of the study will cost, given what a store has already; a part of the first block is run.

    Raises `InputError` if the store cannot hold the study.
    """
    surveyed = survey(study)
    folder = None if store is None else Path(store)
    if folder is not None and manifests.exists(folder):
        plan = wider_plan(study, surveyed, manifests.read(folder), folder, other_versions=True)
        state = Journal(folder).state(len(plan.manifest.rows), plan.manifest.replicates)
    else:
        plan = new_plan(study, surveyed, None)
        shape = (len(plan.manifest.rows), plan.manifest.replicates)
        state = State(np.full(shape, -1), np.zeros(shape, bool), np.full(shape, -1), [], [], [])
    blocks = plan.blocks(state, study)
    largest = max(blocks, key=lambda block: block.paths, default=None)
    looks = len(manifests.looks(study.record, study.steps))
    seconds = 0.0
    if largest is not None:
        rows = range(*largest.rows)
        points = tuple(plan.manifest.rows[row].point for row in rows)
        prints = tuple(fingerprint_of(plan.manifest, row) for row in rows)
        seconds = _seconds(study, Part(points, prints, largest.replicates))
    return Estimate(
        points=len(study.points),
        replicates=study.replicates,
        steps=study.steps,
        failures=len(plan.failures),
        programs=len({plan.programs[block.rows[0]] for block in blocks}),
        blocks=len(blocks),
        bytes=bytes_of(study, surveyed),
        block_bytes=0 if largest is None else largest.paths * surveyed.largest.bytes(looks),
        block_seconds=seconds,
        seconds=sum(_share(block, largest, study.steps) * seconds for block in blocks if largest is not None),
    )


def _share(block: Block, largest: Block, steps: int) -> float:
    """The work of a block, in parts of the largest's."""
    left = 1.0 if steps == 0 else (steps - max(block.done, 0)) / steps
    return left * block.paths / largest.paths


def _seconds(study: Study, part: Part) -> float:
    """The time of a block, from two short runs of it after one that compiles."""
    few = max(1, study.steps // 50)
    many = min(4 * few, study.steps)
    short, longer = (_timed(study, part, steps) for steps in (few, many))
    return short if many <= few else short + max(longer - short, 0.0) * (study.steps - few) / (many - few)


def _timed(study: Study, part: Part, steps: int) -> float:
    shorter = copy.copy(study)
    shorter.steps = steps
    times = []
    for _ in range(2):  # the first one compiles
        begin = time.perf_counter()
        computed(Orders(shorter, study.record, versions()), part)
        times.append(time.perf_counter() - begin)
    return times[-1]
