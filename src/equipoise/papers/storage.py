"""The data of an entry on disk: one netCDF file for each Dataset, all marked as of the same run."""

import datetime
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import xarray as xr

from equipoise.core.errors import InputError
from equipoise.papers.entry import Data, Entry
from equipoise.results import load_dataset, save_dataset


class Stored(NamedTuple):
    """An entry's data as read from disk, its files, and how it was made."""

    data: dict[str, xr.Dataset]
    files: tuple[Path, ...]
    quick: bool
    seed: int
    seconds: float


def save_data(entry: Entry, data: Data, folder: Path, *, quick: bool, seed: int, seconds: float) -> None:
    """Write each Dataset as folder/<entry>.<name>.nc, whole or not at all, with how it was made in its attributes.

    `seconds` is what the run took. Raises `InputError` if the folder cannot be written.
    """
    made = {
        "paper": entry.paper,
        "entry": entry.id,
        "quick": int(quick),
        "entry_seed": seed,
        "entry_made": datetime.datetime.now(datetime.UTC).isoformat(),
        "entry_seconds": float(seconds),
        "entry_parts": json.dumps(list(data)),
    }
    for name, dataset in data.items():
        save_dataset(dataset.assign_attrs(made), _path(entry, name, folder))


def load_data(entry: Entry, folder: Path, *, command: str) -> Stored:
    """Read what `save_data` wrote last; `InputError`, with the command that makes it, if it is missing or mixed."""
    remedy = f"make it with: {command}"
    read = {path: load_dataset(path) for path in sorted(folder.glob(f"{entry.id}.*.nc"))}
    ours = {
        path: dataset
        for path, dataset in read.items()
        if (dataset.attrs.get("paper"), dataset.attrs.get("entry")) == (entry.paper, entry.id)
    }
    if not ours:
        raise InputError(f"There is no data of {entry.id} of {entry.paper} in {folder}; {remedy}")
    latest = max(str(dataset.attrs["entry_made"]) for dataset in ours.values())
    newest = next(dataset for dataset in ours.values() if dataset.attrs["entry_made"] == latest)
    names: Sequence[str] = json.loads(newest.attrs["entry_parts"])
    files = tuple(_path(entry, name, folder) for name in names)
    if any(path not in ours or ours[path].attrs["entry_made"] != latest for path in files):
        raise InputError(f"The data of {entry.id} in {folder} is not all of one run; {remedy}")
    if "entry_seed" not in newest.attrs:
        raise InputError(f"The data of {entry.id} in {folder} is of an older version, without its seed; {remedy}")
    data = {name: ours[path] for name, path in zip(names, files, strict=True)}
    made = newest.attrs
    return Stored(data, files, bool(made["quick"]), int(made["entry_seed"]), float(made["entry_seconds"]))


def _path(entry: Entry, name: str, folder: Path) -> Path:
    return folder / f"{entry.id}.{name}.nc"
