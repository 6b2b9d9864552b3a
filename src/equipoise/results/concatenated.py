"""Runs of several seeds, of some replicates, or of consecutive steps as one dataset."""

import itertools
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from equipoise.core.differences import differences
from equipoise.core.errors import InputError
from equipoise.results.run import Run

_OF_REPLICATES = ("replicates",)
_OF_STEPS = ("init", "first_step", "steps", "record", "resumed_at")


def concatenate(parts: Sequence[Run | xr.Dataset], dim: str = "replicate") -> xr.Dataset:
    """The datasets of several runs as one, along "replicate" (the default) or "step".

    - `parts`: runs or their datasets, of the same problem and method.
    - `dim`: along "replicate" they may have other seeds and numbers: the coordinates `seed` and `replicate` tell them
      apart, and the attribute `seed` lists all seeds. Along "step" each part goes on where the one before it ended;
      the step that both recorded is kept once.

    Raises `InputError` for runs that differ in more than this, for a replicate that is there twice, and for a gap
    between steps.
    """
    datasets = [part.dataset if isinstance(part, Run) else part for part in parts]
    if not datasets or not all({"seed", "settings"} <= set(each.attrs) for each in datasets):
        raise InputError("There is no recorded run among the parts; give runs of simulate, or their datasets.")
    if dim not in ("replicate", "step"):
        raise InputError(f"dim is {dim!r}; it must be 'replicate' or 'step'.")
    settings = [json.loads(each.attrs["settings"]) for each in datasets]
    free = _OF_REPLICATES if dim == "replicate" else _OF_STEPS
    for other in settings[1:]:
        found = differences(_without(other, free), _without(settings[0], free))
        if found:
            raise InputError(f"The runs differ: {', '.join(found[:3])}; concatenate runs of the same settings.")
    return _along_replicates(datasets, settings) if dim == "replicate" else _along_steps(datasets, settings)


def _along_replicates(datasets: list[xr.Dataset], settings: list[dict[str, Any]]) -> xr.Dataset:
    pairs = [pair for each in datasets for pair in zip(each["seed"].values, each["replicate"].values, strict=True)]
    if len(set(pairs)) < len(pairs):
        raise InputError("A replicate of the same seed and number is there twice; leave one of its runs out.")
    whole = xr.concat(datasets, "replicate", data_vars="minimal", coords="minimal", compat="override", join="outer")
    seeds = sorted({int(seed) for seed, _ in pairs})
    whole.attrs = _attributes(datasets, {**settings[0], "replicates": [int(number) for _, number in pairs]})
    whole.attrs["seed"] = ", ".join(map(str, seeds))
    return whole


def _along_steps(datasets: list[xr.Dataset], settings: list[dict[str, Any]]) -> xr.Dataset:
    pieces = [datasets[0]]
    for before, after in itertools.pairwise(datasets):
        same = all(np.array_equal(before[name].values, after[name].values) for name in ("seed", "replicate"))
        last, first = int(before["step"].values[-1]), int(after["step"].values[0])
        if not same:
            raise InputError("The runs have other replicates or seeds; along steps give parts of the same replicates.")
        if first != last:
            raise InputError(f"A part ends at step {last}, but the next begins at step {first}; give parts that meet.")
        pieces.append(after.isel(step=slice(1, None)))
    ends = {name: datasets[-1][name] for name in ("status", "end_step")}
    moving = [piece.drop_vars(list(ends)) for piece in pieces]
    whole = xr.concat(moving, "step", data_vars="minimal", coords="minimal", compat="override").assign(ends)
    taken = sum(int(each["steps"]) for each in settings)
    whole.attrs = _attributes(datasets, {**settings[0], "steps": taken})
    return whole


def _attributes(datasets: list[xr.Dataset], settings: dict[str, Any]) -> dict[str, Any]:
    """The attributes of the first part, with these settings and the time that all took together."""
    seconds = float(sum(each.attrs.get("seconds", 0.0) for each in datasets))
    text = json.dumps(settings, ensure_ascii=False)
    return {**datasets[0].attrs, "settings": text, "seconds": seconds}


def _without(settings: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name not in names}
