"""Starts of several kinds in one ensemble."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

import equipoise as eq
from equipoise.papers.liu2021.shared.settings import OBSERVABLES, descent


def mixed(problem: Any, starts: Mapping[str, Any], replicates: int, seed: int) -> tuple[Any, xr.DataArray]:
    """One start for each of `replicates`, of each kind in turn, and the name of each kind.

    - `problem`: the problem.
    - `starts`: the kinds of starts by name.
    - `replicates`: how many to draw.
    - `seed`: the seed of a run; start i is that of its replicate i.
    """
    drawn = [_drawn(problem, start, replicates, seed) for start in starts.values()]
    kinds = np.arange(replicates) % len(drawn)
    given = tuple(np.stack([drawn[kind][side][i] for i, kind in enumerate(kinds)]) for side in range(2))
    names = xr.DataArray(np.array(list(starts))[kinds], dims="replicate", attrs={"long_name": "start"})
    return eq.initial.Given(given), names


def _drawn(problem: Any, start: Any, replicates: int, seed: int) -> tuple[np.ndarray, ...]:
    """The starts of a run, from a run that takes no step."""
    still, record = descent(1.0), eq.Record(observables=OBSERVABLES)  # a program that is needed anyway
    settings: dict[str, Any] = {"steps": 0, "replicates": replicates, "record": record, "progress": False}
    return eq.simulate(problem, still, start, seed=seed, **settings).theta
