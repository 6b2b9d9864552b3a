"""The chunks of an ensemble put side by side."""

import numpy as np

from equipoise.core.status import Status
from equipoise.simulation.chunk import Part
from equipoise.simulation.plan import Ensemble, Plan


def assemble(parts: list[Part], plan: Plan, seconds: float) -> Ensemble:
    """One array for each variable, with the replicates in order."""
    stacked = [_stacked(part) for part in parts]
    looks = max(_looks(part) for part in parts)
    values = {
        name: np.concatenate([_padded(s[name], looks, p) for s, p in zip(stacked, parts, strict=True)])
        for name in stacked[0]
    }
    factors = zip(*(part.batch.theta for part in parts), strict=True)
    endings = [_endings(part, plan.last_step) for part in parts]
    return Ensemble(
        steps=plan.recorded_steps[:looks],
        values=values,
        theta=tuple(np.concatenate([np.asarray(w) for w in factor]) for factor in factors),
        status=tuple(status for statuses, _ in endings for status in statuses),
        end_step=np.concatenate([end_step for _, end_step in endings]),
        seconds=seconds,
    )


def _looks(part: Part) -> int:
    """The looks up to the first at which nothing runs any more: how many a call makes beyond it is a matter of pace."""
    runs = np.concatenate([recording.running for recording in part.recordings], axis=1).any(axis=0)
    return runs.size if runs.all() else int(np.argmin(runs)) + 1


def _stacked(part: Part) -> dict[str, np.ndarray]:
    """Each variable with all the chunk's looks along the second axis."""
    names = part.recordings[0].values
    return {name: np.concatenate([r.values[name] for r in part.recordings], axis=1) for name in names}


def _padded(array: np.ndarray, looks: int, part: Part) -> np.ndarray:
    """To `looks` looks: a replicate that has ended keeps its last values, an interrupted one has NaN."""
    missing = looks - array.shape[1]
    if missing <= 0:
        return array[:, :looks]
    ended = ~part.recordings[-1].running[:, -1]
    filler = np.where(ended.reshape((-1,) + (1,) * (array.ndim - 1)), array[:, -1:], np.nan)
    return np.concatenate([array, np.repeat(filler, missing, axis=1)], axis=1)


def _endings(part: Part, last_step: int) -> tuple[list[Status], np.ndarray]:
    """Each replicate's status, and the number of steps it took."""
    statuses = [Status.of_code(code) for code in np.asarray(part.batch.status)]
    end_step = np.asarray(part.batch.end_step).copy()
    for i, status in enumerate(statuses):
        if status is Status.completed:
            end_step[i] = part.step
            if part.step < last_step:
                statuses[i] = Status.interrupted
    return statuses, end_step
