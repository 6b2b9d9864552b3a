"""What a process does for a sweep: it runs a block, and returns arrays. It writes nothing."""

import functools
import json
import threading
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from equipoise.core.errors import InputError
from equipoise.core.messages import reason
from equipoise.core.status import Status
from equipoise.core.types import RealNumber
from equipoise.machine import versions
from equipoise.results import Case, Run, simulate, simulate_together
from equipoise.results.dataset import REJECTED, settings_of
from equipoise.simulation import AbstractEngine, Record
from equipoise.simulation.setup import Rules, set_up
from equipoise.sweeps.fingerprints import Fingerprint, fingerprint
from equipoise.sweeps.points import Point, in_words
from equipoise.sweeps.study import Study

one_at_a_time = threading.Lock()
"""Two computations of XLA in threads of one process can wait for each other forever (`simulation/replicates.py`)."""


class Orders(NamedTuple):
    """What all blocks of a sweep have in common.

    - `study`: the study.
    - `record`: its recording, also at the steps at which it ended before.
    - `versions`: those of the packages of the process that stores the results.
    """

    study: Study
    record: Record
    versions: dict[str, str]


class Earlier(NamedTuple):
    """Where the replicates of a point stand: their recordings at the last step, θ, the method's state, and endings."""

    values: dict[str, np.ndarray]
    theta: tuple[np.ndarray, ...]
    state: dict[str, np.ndarray]
    status: np.ndarray
    end_step: np.ndarray


class Part(NamedTuple):
    """What is particular to a block.

    - `points`, `fingerprints`: its points, and what `make` gave for them in the process that stores the results.
    - `replicates`: the first replicate, and the one after the last.
    - `done`: the number of steps taken already; −1 if nothing was run.
    - `earlier`: where each point stands if something was.
    """

    points: tuple[Point, ...]
    fingerprints: tuple[Fingerprint, ...]
    replicates: tuple[int, int]
    done: int = -1
    earlier: tuple[Earlier, ...] = ()


class Result(NamedTuple):
    """The arrays of a block, each with the axes (point, replicate, …); points that failed hold zeros and NaN.

    - `steps`: the recorded steps.
    - `values`: the recordings by name, (point, replicate, step, …).
    - `about`: for each recording, the names of its further axes, and its attributes.
    - `theta`, `state`: the final θ, and the final state of the method by path.
    - `status`, `end_step`: the codes of the endings, and the numbers of steps taken.
    - `failed`: the sentences of the points that failed, by their place in the block.
    - `engine`: the engine that was used.
    - `seconds`: the time that the block took.
    - `rejected`: how many draws of each start were rejected; None without a condition on the starts.
    """

    steps: np.ndarray
    values: dict[str, np.ndarray]
    about: dict[str, tuple[tuple[str, ...], dict[str, str]]]
    theta: tuple[np.ndarray, ...]
    state: dict[str, np.ndarray]
    status: np.ndarray
    end_step: np.ndarray
    failed: dict[int, str]
    engine: str
    seconds: float
    rejected: np.ndarray | None = None


def run_block(orders: bytes, part: bytes) -> Result:
    """Run a block; both arguments were pickled by `packed`.

    A point whose `make` or run raises is in `failed` of the result. Raises `InputError` if the packages here are of
    other versions than where the results are stored.
    """
    with one_at_a_time:
        return computed(_orders(orders), _unpacked(part))


def computed(orders: Orders, part: Part) -> Result:
    """Run a block in this process."""
    begin = time.perf_counter()
    _check_versions(orders.versions)
    cases, failed = _cases(orders.study, part)
    runs = _runs(orders, part, cases, failed)
    for run in runs.values():
        if Status.interrupted in run.status:
            raise KeyboardInterrupt
    return _joined(part, runs, failed, time.perf_counter() - begin)


def packed(value: Orders | Part) -> bytes:
    """A value as bytes that another process can unpack; functions of a script are sent along.

    Raises `InputError` for what cannot be sent.
    """
    import cloudpickle

    try:
        return cloudpickle.dumps(value)
    except Exception as error:  # what cannot be pickled fails in its own way
        raise InputError(
            f"The study cannot be sent to another process ({reason(error)}); let make open files and connections by "
            "itself, or run with jobs=1."
        ) from error


def sentence(error: Exception) -> str:
    """What went wrong, in one sentence."""
    return str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {reason(error)}."


@functools.lru_cache(maxsize=2)
def _orders(orders: bytes) -> Orders:
    """Unpacked once in a process, so that functions stay the same from block to block, and with them the programs."""
    return _unpacked(orders)


def _unpacked(data: bytes) -> Any:
    import pickle

    return pickle.loads(data)


def _check_versions(wanted: dict[str, str]) -> None:
    here = versions()
    for name, version in wanted.items():
        if here.get(name) != version:
            raise InputError(f"A worker has {name} {here.get(name)}, but the sweep {version}; install the same there.")


def _cases(study: Study, part: Part) -> tuple[dict[int, Case], dict[int, str]]:
    """The cases of the points by their place, and the sentences of those that cannot be made."""
    cases: dict[int, Case] = {}
    failed: dict[int, str] = {}
    for i, point in enumerate(part.points):
        try:
            cases[i] = study.case(**point)
            if fingerprint(cases[i]) != part.fingerprints[i]:
                raise InputError(
                    f"make gives something else in another process at {in_words(point)}; draw its random numbers from "
                    "a fixed seed, and let it depend on its arguments alone."
                )
        except Exception as error:  # the user's make may raise anything; the other points run on
            cases.pop(i, None)
            failed[i] = sentence(error)
    return cases, failed


def _runs(orders: Orders, part: Part, cases: dict[int, Case], failed: dict[int, str]) -> dict[int, Run]:
    """The runs of the cases by their place: all together, or one by one if that fails; errors go to `failed`."""
    if part.done < 0 and len(cases) > 1:
        try:
            runs = _together(orders, part, list(cases.values()))
            return dict(zip(cases, runs, strict=True))
        except Exception:  # which of them it was is found below
            pass
    found: dict[int, Run] = {}
    for i, case in cases.items():
        try:
            found[i] = _continued(orders, part, i, case) if part.done >= 0 else _together(orders, part, [case])[0]
        except Exception as error:
            failed[i] = sentence(error)
    return found


def _together(orders: Orders, part: Part, cases: Sequence[Case]) -> list[Run]:
    first, last = part.replicates
    study = orders.study
    return simulate_together(
        cases,
        steps=study.steps,
        replicates=last - first,
        first_replicate=first,
        record=orders.record,
        stop=study.stop,
        progress=False,
        engine=study.engine,
    )


def _continued(orders: Orders, part: Part, i: int, case: Case) -> Run:
    """The run of a point from where it stands on."""
    study, earlier = orders.study, part.earlier[i]
    before = _run_so_far(study, orders.record, case, part, earlier)
    return simulate(
        case.problem,
        case.dynamics,
        resume=before,
        steps=study.steps - part.done,
        record=orders.record,
        stop=study.stop,
        progress=False,
        engine=study.engine,
    )


def _run_so_far(study: Study, record: Record, case: Case, part: Part, earlier: Earlier) -> Run:
    """The run of a point as far as it was taken, of which only the last recording is there."""
    first, last = part.replicates
    engine: str | AbstractEngine = study.engine
    rules: Rules = study.stop
    problem, dynamics, init, seed = case
    setup = set_up(
        problem, dynamics, init, seed=seed, steps=part.done, replicates=last, record=record, stop=rules, engine=engine
    )
    variables: dict[str, Any] = {
        name: (("replicate", "step", *(f"{name}_axis_{k}" for k in range(array.ndim - 2))), array)
        for name, array in earlier.values.items()
    }
    names = np.array([Status.of_code(code).name for code in earlier.status], dtype=object)
    variables["status"] = ("replicate", names)
    variables["end_step"] = ("replicate", earlier.end_step)
    coordinates = {"replicate": np.arange(first, last), "step": [part.done]}
    settings = json.dumps(settings_of(setup))
    dataset = xr.Dataset(variables, coordinates, {"seed": str(seed), "settings": settings, "seconds": 0.0})
    return Run(dataset, earlier.theta, tuple(Status.of_code(code) for code in earlier.status), earlier.state)


def _joined(part: Part, runs: dict[int, Run], failed: dict[int, str], seconds: float) -> Result:
    """The runs of a block as arrays; all have the same shapes, since they are of one program."""
    points, paths = len(part.points), part.replicates[1] - part.replicates[0]
    none = np.zeros((points, paths), int)
    empty = Result(np.empty(0, int), {}, {}, (), {}, none, none.copy(), failed, "", seconds)
    if not runs:
        return empty
    steps = max((run.dataset["step"].values for run in runs.values()), key=len)
    first = next(iter(runs.values()))
    names = [str(name) for name, v in first.dataset.data_vars.items() if v.dims[:2] == ("replicate", "step")]
    about = {
        name: (tuple(str(d) for d in v.dims[2:]), {str(k): str(a) for k, a in v.attrs.items()})
        for name, v in ((name, first.dataset[name]) for name in names)
    }
    stacked = functools.partial(_stacked, runs, points)
    return empty._replace(
        steps=steps,
        values={name: stacked(lambda run, name=name: _at(run, name, steps), np.nan) for name in names},
        about=about,
        theta=tuple(stacked(lambda run, k=k: run.theta[k], np.nan) for k in range(len(first.theta))),
        state={path: stacked(lambda run, path=path: run.state[path], 0) for path in first.state},
        status=stacked(lambda run: np.array([status.code for status in run.status]), 0),
        end_step=stacked(lambda run: run.dataset["end_step"].values, 0),
        engine=str(first.dataset.attrs["engine"]),
        rejected=stacked(lambda run: run.dataset[REJECTED].values, 0) if REJECTED in first.dataset else None,
    )


def _stacked(runs: dict[int, Run], points: int, of: Any, missing: RealNumber) -> np.ndarray:
    """An array of every run along a first axis of points, with `missing` for those that have no run."""
    arrays = {i: np.asarray(of(run)) for i, run in runs.items()}
    like = next(iter(arrays.values()))
    whole = np.full((points, *like.shape), missing if like.dtype.kind in "fc" else 0, like.dtype)
    for i, array in arrays.items():
        whole[i] = array
    return whole


def _at(run: Run, name: str, steps: np.ndarray) -> np.ndarray:
    """A recording at all `steps`; a run that ended before keeps its last values."""
    own = run.dataset["step"].values
    return run.dataset[name].values[:, np.searchsorted(own, steps, side="right") - 1]
