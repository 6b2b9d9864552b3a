"""Runs groups of replicates one after the other, and joins their recordings, also after an interruption."""

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from equipoise.core.observable import Variable
from equipoise.core.status import Status
from equipoise.core.trees import on_host
from equipoise.simulation.batch import Batch, Experiment
from equipoise.simulation.devices import spread
from equipoise.simulation.ending import RUNNING, endings
from equipoise.simulation.engines import AbstractEngine
from equipoise.simulation.look import flat
from equipoise.simulation.memory import explained_if_full
from equipoise.simulation.plan import Plan
from equipoise.simulation.progress import progress_bar
from equipoise.simulation.walk import Kept, Recorded, Walk


class Ensemble(NamedTuple):
    """Recorded replicates as NumPy arrays.

    - `steps`: the recorded steps.
    - `values`: the recorded values by name, each (replicate, step, …).
    - `variables`: the description of each recorded variable.
    - `theta`: the final θ, each array (replicate, …).
    - `state`: the final state of the method, arrays (replicate, …) by path.
    - `status`, `end_step`: how each replicate ended, and after how many steps.
    - `numbers`: the numbers of the replicates.
    - `seconds`: the duration of the run.
    """

    steps: np.ndarray
    values: dict[str, np.ndarray]
    variables: dict[str, Variable]
    theta: tuple[np.ndarray, ...]
    state: dict[str, np.ndarray]
    status: tuple[Status, ...]
    end_step: np.ndarray
    numbers: np.ndarray
    seconds: float


class Group(NamedTuple):
    """Replicates at the same step: their numbers, the step, and a function that makes their batch.

    `seen_there` says whether this step is recorded already.
    """

    numbers: np.ndarray
    step: int
    begin: Callable[[], Batch]
    seen_there: bool = False


class Part(NamedTuple):
    """A group that was run: its recordings, its last batch, the step of that batch, and whether it was interrupted."""

    group: Group
    looks: list[Recorded]
    batch: Batch
    step: int
    interrupted: bool


def run_ensemble(
    engine: AbstractEngine, experiment: Experiment, groups: Sequence[Group], plan: Plan, before: Ensemble | None = None
) -> Ensemble:
    """Run every replicate to its end; `before` is the earlier recording of a run that is continued.

    Ctrl-C returns what has been recorded so far; groups that have not begun stay at their first step. Ctrl-C is passed
    on before anything is recorded, and if it comes again while the groups that have not begun get their first look.
    Groups run one after the other, because batched LAPACK calls from two threads block each other in XLA's thread pool.
    """
    begin = time.perf_counter()
    parts: list[Part] = []
    ahead = sum((plan.schedule.last_step - group.step) * group.numbers.size for group in groups)
    with progress_bar(ahead, plan.progress) as tell:
        for group in groups:
            walk = Walk(engine, experiment, plan.schedule, plan.pace, tell=tell)
            waits = bool(parts) and parts[-1].interrupted
            parts.append(_only_begun(walk, group) if waits else _run(walk, group, bool(parts)))
    return assembled(parts, experiment, plan, before, time.perf_counter() - begin)


def _run(walk: Walk, group: Group, others: bool) -> Part:
    """The group at its end. After Ctrl-C it is at its last look, or only begun if it has none but `others` have."""
    kept = Kept()
    try:
        with explained_if_full(group.numbers.size):
            batch = _placed(walk, group)
            for looks in walk.looks(batch, group.step, seen_there=group.seen_there):
                kept.add(looks)
    except KeyboardInterrupt:
        if kept.last is not None:
            return part_of(group, kept, interrupted=True)
        if not others:
            raise
        return _only_begun(walk, group)
    return part_of(group, kept) if kept.last is not None else Part(group, [], batch, group.step, False)


def _placed(walk: Walk, group: Group) -> Batch:
    """The batch of a group where the engine wants it."""
    batch = group.begin()
    return spread(batch) if walk.engine.is_traced else batch


def part_of(group: Group, kept: Kept, *, interrupted: bool = False) -> Part:
    """The group at its last look."""
    assert kept.last is not None
    return Part(group, kept.recorded, kept.last.batch, kept.last.recorded.steps[-1], interrupted)


def _only_begun(walk: Walk, group: Group) -> Part:
    """The group at its first step, as interrupted."""
    batch = _placed(walk, group)
    if group.seen_there:
        return Part(group, [], batch, group.step, True)
    first = next(walk.looks(batch, group.step))
    return Part(group, [first.recorded], first.batch, group.step, True)


def assembled(
    parts: list[Part], experiment: Experiment, plan: Plan, before: Ensemble | None, seconds: float
) -> Ensemble:
    """The ensemble of all parts: one array for each variable, with the replicates in order."""
    numbers = np.concatenate([part.group.numbers for part in parts])
    order = np.argsort(numbers, kind="stable")
    ended = [endings(part.batch, part.step, plan.schedule.last_step) for part in parts]
    statuses = [status for group, _ in ended for status in group]
    steps = _steps(parts, before)
    blocks = [_block(part, steps, before) for part in parts]
    return Ensemble(
        steps=steps,
        values={name: np.concatenate([block[name] for block in blocks])[order] for name in blocks[0]},
        variables=_variables(parts, experiment, before),
        theta=_joined([part.batch.theta for part in parts], order),
        state=_joined([on_host(part.batch.state) for part in parts], order),
        status=tuple(statuses[i] for i in order),
        end_step=np.concatenate([end_step for _, end_step in ended])[order],
        numbers=numbers[order],
        seconds=seconds,
    )


def _steps(parts: list[Part], before: Ensemble | None) -> np.ndarray:
    """The recorded steps up to the first at which no replicate runs; calls with time left make looks beyond it."""
    recorded = [np.array([step for seen in part.looks for step in seen.steps], int) for part in parts]
    earlier = np.empty(0, int) if before is None else before.steps
    ends = [steps[_last_running(part)] for part, steps in zip(parts, recorded, strict=True) if steps.size]
    last = max([*ends, *earlier[-1:]])
    steps = np.unique(np.concatenate([earlier, *recorded]))
    return steps[steps <= last]


def _last_running(part: Part) -> int:
    """The index of the first look after which no replicate runs, or of the last look."""
    runs = np.concatenate([seen.running for seen in part.looks]).any(axis=1)
    return runs.size - 1 if runs.all() else int(np.argmin(runs))


def _block(part: Part, steps: np.ndarray, before: Ensemble | None) -> dict[str, np.ndarray]:
    """The values of a group at all `steps`: NaN if not recorded; a replicate that has ended keeps its last values."""
    own, own_steps = _seen(part)
    earlier = _earlier(part, before)
    kept = own_steps <= steps[-1]
    ended = np.asarray(part.batch.status) != RUNNING
    last = int(np.searchsorted(steps, min(part.step, steps[-1])))
    block = {}
    for name, like in (own or earlier).items():
        filled = np.full((like.shape[0], steps.size, *like.shape[2:]), np.nan, like.dtype)
        if before is not None:
            filled[:, np.searchsorted(steps, before.steps)] = earlier[name]
        if own:
            filled[:, np.searchsorted(steps, own_steps[kept])] = own[name][:, kept]
        filled[ended, last + 1 :] = filled[ended, last : last + 1]
        block[name] = filled
    return block


def _seen(part: Part) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The group's own recordings by name, (replicate, look, …), and the steps of its looks."""
    steps = np.array([step for seen in part.looks for step in seen.steps], int)
    looks = [flat(seen.values) for seen in part.looks]
    names = looks[0] if looks else {}
    return {name: np.swapaxes(np.concatenate([seen[name] for seen in looks]), 0, 1) for name in names}, steps


def _earlier(part: Part, before: Ensemble | None) -> dict[str, np.ndarray]:
    """The values of the group that were recorded in the earlier run."""
    if before is None:
        return {}
    rows = np.searchsorted(before.numbers, part.group.numbers)
    return {name: array[rows] for name, array in before.values.items()}


def _variables(parts: list[Part], experiment: Experiment, before: Ensemble | None) -> dict[str, Variable]:
    """The description of each variable, from the observable that returned it."""
    looked = next((part.looks[0] for part in parts if part.looks), None)
    if looked is None:
        assert before is not None
        return before.variables
    return {
        name: observable.describe(name, array.ndim - 2)
        for observable, given in zip(experiment.observables, looked.values, strict=True)
        for name, array in given.items()
    }


def _joined(trees: list[Any], order: np.ndarray) -> Any:
    """Pytrees of the same form joined into one: their arrays concatenated, with the replicates in order."""
    return jax.tree.map(lambda *arrays: np.concatenate([np.asarray(array) for array in arrays])[order], *trees)
