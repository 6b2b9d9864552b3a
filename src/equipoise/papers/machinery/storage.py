"""The data of a claim on disk: one netCDF file per Dataset, all marked as parts of one run."""

import datetime
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import xarray as xr

from equipoise.core.errors import InputError
from equipoise.papers.machinery.check import Data
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.form import Form
from equipoise.results import load_dataset, save_dataset

_HOW_MADE = ("paper", "claim", "quick", "claim_seed", "claim_made", "claim_seconds", "claim_parts")
_OF_SIMULATE = ("versions", "created", "seconds")


class Stored(NamedTuple):
    """The data of a claim as read from disk, its files, and how it was made; `seconds` is the time of the run."""

    data: dict[str, xr.Dataset]
    files: tuple[Path, ...]
    quick: bool
    seed: int
    seconds: float

    @property
    def settings(self) -> dict[str, dict[str, Any]]:
        """For each Dataset, by name, the attributes that describe the run."""
        return {name: _settings(dataset) for name, dataset in self.data.items()}


def save_data(claim: Claim, data: Data, form: Form, *, seconds: float) -> None:
    """Write each Dataset as `<claim>.<name>.nc`, whole or not at all, with attributes that say how it was made.

    `seconds` is the time of the run. Raises `InputError` if the folder cannot be written.
    """
    made = {
        "paper": form.paper,
        "claim": claim.id,
        "quick": int(form.quick),
        "claim_seed": form.seed,
        "claim_made": datetime.datetime.now(datetime.UTC).isoformat(),
        "claim_seconds": float(seconds),
        "claim_parts": json.dumps(list(data)),
    }
    for name, dataset in data.items():
        save_dataset(dataset.assign_attrs(made), _path(claim, name, form))


def load_data(claim: Claim, form: Form) -> Stored:
    """Read the last data that `save_data` wrote.

    Raises `InputError`, with the command that makes the data, if files are missing or come from different runs.
    """
    remedy = f"make it with: {form.command(claim)}"
    read = {path: load_dataset(path) for path in sorted(form.folder.glob(f"{claim.id}.*.nc"))}
    ours = {
        path: dataset
        for path, dataset in read.items()
        if (dataset.attrs.get("paper"), dataset.attrs.get("claim")) == (form.paper, claim.id)
    }
    if not ours:
        raise InputError(f"There is no data of {claim.id} of {form.paper} in {form.folder}; {remedy}")
    latest = max(str(dataset.attrs["claim_made"]) for dataset in ours.values())
    made = next(dataset.attrs for dataset in ours.values() if dataset.attrs["claim_made"] == latest)
    names: Sequence[str] = json.loads(made["claim_parts"])
    files = tuple(_path(claim, name, form) for name in names)
    if any(path not in ours or ours[path].attrs["claim_made"] != latest for path in files):
        raise InputError(f"The data of {claim.id} in {form.folder} comes from different runs; {remedy}")
    data = {name: ours[path] for name, path in zip(names, files, strict=True)}
    return Stored(data, files, bool(made["quick"]), int(made["claim_seed"]), float(made["claim_seconds"]))


def _path(claim: Claim, name: str, form: Form) -> Path:
    return form.folder / f"{claim.id}.{name}.nc"


def _settings(dataset: xr.Dataset) -> dict[str, Any]:
    """The attributes without those on how and when it was made; settings that `simulate` stores as JSON are parsed."""
    left_out = {*_HOW_MADE, *_OF_SIMULATE}
    kept = {str(name): value for name, value in dataset.attrs.items() if name not in left_out}
    return {**kept, "settings": json.loads(kept["settings"])} if "settings" in kept else kept
