"""A run rebuilt from the settings that its dataset holds."""

import itertools
import json
from typing import Any

import xarray as xr

from equipoise.core.describe import describe
from equipoise.core.differences import differences
from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.errors import InputError
from equipoise.core.initial import AbstractInitial
from equipoise.core.problem import AbstractProblem
from equipoise.results.recipe import read
from equipoise.results.resume import recorded_before
from equipoise.results.run import Run
from equipoise.results.simulate import simulate
from equipoise.simulation import Record, StopWhen

_WORDS = {"problem": "problem", "dynamics": "method", "init": "start"}


def rebuild(
    dataset: xr.Dataset | Run,
    *,
    problem: AbstractProblem | None = None,
    dynamics: AbstractDynamics | None = None,
    init: AbstractInitial | None = None,
    record: Record | None = None,
    progress: bool | None = None,
) -> Run:
    """The run that made a dataset, computed again from the settings in it: the same numbers to the last bit.

    - `dataset`: that of a run, also one that was saved and read, or the run itself.
    - `problem`, `dynamics`, `init`, `record`: the parts that the dataset cannot hold: those with code of your own, such
      as a loss, a schedule or an optimizer of optax, and problems with large arrays. They are checked against the
      settings. By default those of the dataset.
    - `progress`: as for `equipoise.simulate`.

    A run that was continued is continued again. Another machine or version may round differently. Raises `InputError`
    for a dataset without settings or of several seeds, and with its name for a part that is missing or differs.
    """
    source = dataset.dataset if isinstance(dataset, Run) else dataset
    known = source.attrs
    if not {"seed", "settings", "engine"} <= set(known) or not str(known["seed"]).isdigit():
        raise InputError("The dataset is not that of one run with one seed; give run.dataset, or one that was saved.")
    settings: dict[str, Any] = json.loads(known["settings"])
    kept = json.loads(known.get("recipe", "{}"))
    parts = {
        name: _part(name, given, kept, settings)
        for name, given in {"problem": problem, "dynamics": dynamics, "init": init}.items()
    }
    first, last = int(settings["first_step"]), int(settings["first_step"]) + int(settings["steps"])
    ends = [*settings.get("resumed_at", []), last]
    shared: dict[str, Any] = {
        "record": recorded_before(settings) if record is None else record,
        "stop": [StopWhen(rule["variable"], rule["below"], rule["above"]) for rule in settings["stop"]],
        "engine": str(known["engine"]),
        "progress": progress,
    }
    run = simulate(
        **parts,
        seed=int(known["seed"]),
        steps=ends[0] - first,
        first_step=first,
        replicates=settings["replicates"],
        **shared,
    )
    for before, end in itertools.pairwise(ends):
        run = simulate(parts["problem"], parts["dynamics"], resume=run, steps=end - before, **shared)
    return run


def _part(name: str, given: Any, kept: dict[str, Any], settings: dict[str, Any]) -> Any:
    """The part that was given, or that of the dataset; `InputError` if it is missing or is another one."""
    stored = kept.get(name, {"missing": "no recipe: it was recorded before datasets had one"})
    if given is None and "missing" in stored:
        raise InputError(
            f"The {_WORDS[name]} cannot be rebuilt from the dataset, because of {stored['missing']}; pass it as "
            f"{name}=."
        )
    part = read(stored["written"]) if given is None else given
    found = differences(describe(part), settings[name])
    if found:
        raise InputError(f"The {_WORDS[name]} is not that of the run: {', '.join(found[:3])}; pass the same {name}.")
    return part
