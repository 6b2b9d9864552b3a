"""The state of a monitor as texts, numbers and tensors, so that a checkpoint can keep it."""

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from equipoise.adapters.torch.law_watch import LawWatch
from equipoise.adapters.torch.pair_watch import PairWatch
from equipoise.core.errors import InputError
from equipoise.core.files import write_arrays

VERSION = 1


def saved(watch: PairWatch | LawWatch, count: int) -> dict[str, Any]:
    """The records of a monitor that has counted this many steps, and how far its laws are."""
    arrays = watch.history.state()
    return {
        "version": VERSION,
        "count": count,
        "described": json.dumps(watch.described()),
        "progress": json.dumps(watch.progress()),
        "arrays": {name: torch.from_numpy(np.array(values)) for name, values in arrays.items()},
    }


def restored(watch: PairWatch | LawWatch, state: Mapping[str, Any]) -> int:
    """Continue from a state, and return the number of steps counted; raises `InputError` if it does not fit."""
    try:
        if state["version"] != VERSION:
            raise InputError(f"The state is of version {state['version']}, but this is version {VERSION}; start anew.")
        described, progress = (json.loads(state[name]) for name in ("described", "progress"))
        arrays = {name: np.asarray(values) for name, values in state["arrays"].items()}
        count = int(state["count"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError("This is no state of a monitor; give what state_dict returned.") from error
    own = watch.described()
    for name, value in own.items():
        if described.get(name) != value:
            raise InputError(
                f"The state is of a monitor with other {name}; load it into one of the same model and options."
            )
    watch.restore(progress)
    watch.history.restore(arrays)
    return count


def write_state(path: Path, state: Mapping[str, Any]) -> None:
    """Write a state as an .npz file, whole or not at all."""
    header = json.dumps({name: value for name, value in state.items() if name != "arrays"})
    write_arrays(path, header=np.array(header), **{f"arrays/{name}": t.numpy() for name, t in state["arrays"].items()})


def read_state(path: Path) -> dict[str, Any]:
    """The state in an .npz file; raises `InputError` if there is none in it."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
            header = json.loads(str(arrays.pop("header")))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} is no state of a monitor; delete it to start anew.") from error
    return {**header, "arrays": {name.removeprefix("arrays/"): torch.from_numpy(a) for name, a in arrays.items()}}
