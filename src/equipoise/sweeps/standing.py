"""How far a sweep has come, as its store says."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from equipoise.core.errors import InputError
from equipoise.core.messages import shown_path
from equipoise.sweeps.store import manifest as manifests
from equipoise.sweeps.store.journal import Journal
from equipoise.sweeps.store.lock import is_locked


class Progress(NamedTuple):
    """How far a sweep has come; the counts are of replicates of all points.

    - `points`, `replicates`, `steps`: the size of the study.
    - `done`: those that are stored.
    - `failed`: those of points that failed.
    - `interrupted`: those of blocks that were at work when a sweep ended, or at work now if one is running.
    - `to_do`: the others.
    - `running`: whether a sweep is writing into the store now.
    - `failures`: why points failed: the sentences, each with the number of points.
    - `seconds`: the time of all blocks that are done, summed.
    """

    points: int
    replicates: int
    steps: int
    done: int
    failed: int
    interrupted: int
    to_do: int
    running: bool
    failures: dict[str, int]
    seconds: float

    @property
    def total(self) -> int:
        """The number of replicates of all points."""
        return self.points * self.replicates


def status(store: str | Path) -> Progress:
    """How far the sweep in a store has come, also while it runs; raises `InputError` if there is no store."""
    folder = Path(store)
    if not manifests.exists(folder):
        raise InputError(f"There is no store of a sweep in {shown_path(folder)}; check the path.")
    manifest = manifests.read(folder)
    state = Journal(folder).state(len(manifest.rows), manifest.replicates)
    done = state.reached >= manifest.steps
    failed = ~done & (state.failed >= 0)
    begun = ~done & ~failed & state.begun
    failures: dict[str, int] = {}
    for numbers in state.failed:
        for number in np.unique(numbers[numbers >= 0]).tolist():
            failures[state.sentences[number]] = failures.get(state.sentences[number], 0) + 1
    return Progress(
        points=len(manifest.rows),
        replicates=manifest.replicates,
        steps=manifest.steps,
        done=int(done.sum()),
        failed=int(failed.sum()),
        interrupted=int(begun.sum()),
        to_do=int((~done & ~failed & ~begun).sum()),
        running=is_locked(folder),
        failures=failures,
        seconds=float(sum(state.seconds)),
    )
