"""A model read from its folder. Nothing in it is trusted: what does not fit is refused with one sentence."""

import hashlib
import io
import json
import math
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from equipoise.core.errors import InputError
from equipoise.core.messages import reason, shown_path
from equipoise.core.version import __version__
from equipoise.datasets import Triplets
from equipoise.estimators.complete import Means, Prediction
from equipoise.estimators.complete.units import Units
from equipoise.estimators.model.ids import restored
from equipoise.estimators.model.model import CompletionModel
from equipoise.estimators.model.origin import Origin
from equipoise.estimators.model.ridge import Ridge
from equipoise.estimators.model.saving import ARRAYS, DESCRIPTION, FORMAT, UNITS, VERSION

_LONGEST = 2**26
"""The length in bytes of the longest model.json that is read."""
_NAME = re.compile(ARRAYS.replace("*", "[0-9a-f]{12}").replace(".", r"\."))


def load_model(folder: str | Path) -> CompletionModel:
    """Read the model that `equipoise complete --out` or `CompletionModel.save` wrote; it predicts the same numbers.

    - `folder`: the folder, or model.json in it.

    Nothing in the files can run code. Raises `InputError`, of one sentence, if there is no model, if it is of a newer
    version, or if a file is damaged or was changed.
    """
    given = Path(folder)
    path = given if given.name == DESCRIPTION and not given.is_dir() else given / DESCRIPTION
    name = shown_path(path)
    if not path.is_file():
        there = f"{shown_path(given)} holds no model" if given.exists() else f"There is no folder {shown_path(given)}"
        raise InputError(f"{there}; give the folder that equipoise complete --out wrote.")
    try:
        description = _description(path, name)
        content = _content(path.parent, description["arrays"], name)
        return _model(description, _arrays(content), path.parent)
    except InputError:
        raise
    except MemoryError as error:
        raise InputError(f"The model {name} does not fit in memory; use a machine with more.") from error
    except Exception as error:
        if isinstance(error, OSError) and error.filename is not None:
            raise InputError(f"Cannot read the model {name}: {reason(error)}; check its permissions.") from error
        raise InputError(f"The model {name} is damaged ({reason(error)}); complete the table again.") from error


def _description(path: Path, name: str) -> dict[str, Any]:
    """What model.json says, after its format and version are checked."""
    if path.stat().st_size > _LONGEST:
        raise ValueError("it is too long")
    read = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(read, dict) or read.get("format") != FORMAT:
        raise InputError(f"{name} is not the model of a completion; give a folder that equipoise complete --out wrote.")
    version = read.get("version")
    if type(version) is not int or version < 1:
        raise ValueError("it has no version")
    if version > VERSION:
        raise InputError(
            f"The model {name} has version {version} of the format, made by equipoise {_short(read.get('equipoise'))}, "
            f"but equipoise {__version__} reads versions up to {VERSION}; update equipoise."
        )
    return read


def _content(folder: Path, arrays: Mapping[str, Any], name: str) -> bytes:
    """The bytes of the file of arrays, which must be those that model.json was written with."""
    file = str(arrays["file"])
    if not _NAME.fullmatch(file):
        raise ValueError("the name of its arrays is none")
    if not (folder / file).is_file():
        raise InputError(f"The model {name} lacks its file {file}; copy the whole folder, or complete the table again.")
    content = (folder / file).read_bytes()
    if hashlib.sha256(content).hexdigest() != arrays["sha256"]:
        raise InputError(
            f"The file {file} of the model {name} was damaged or changed, for its SHA-256 differs; copy it again, or "
            "complete the table again."
        )
    return content


def _arrays(content: bytes) -> dict[str, np.ndarray]:
    """The arrays of an .npz archive that are stored as they are, so that they are no longer than the file."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        packed = any(member.compress_type != zipfile.ZIP_STORED for member in members)
        if packed or sum(member.file_size for member in members) > len(content):
            raise ValueError("its arrays are packed")
        found = {}
        for member in members:
            with archive.open(member) as stream:
                found[member.filename.removesuffix(".npy")] = _array(stream, member.file_size)
    return found


def _array(stream: Any, size: int) -> np.ndarray:
    """One array, after its header is seen to promise no more than there is."""
    version = np.lib.format.read_magic(stream)
    header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran, dtype = header(stream)
    count = math.prod(shape)
    if dtype.hasobject or dtype.kind not in "biuf" or not 0 <= count * dtype.itemsize <= size:
        raise ValueError("an array is not one of numbers, or longer than its file")
    data = stream.read(count * dtype.itemsize)
    return np.frombuffer(data, dtype, count).reshape(shape, order="F" if fortran else "C").copy()


def _model(said: Mapping[str, Any], arrays: Mapping[str, np.ndarray], folder: Path) -> CompletionModel:
    known = Triplets(
        arrays["rows"],
        arrays["columns"],
        arrays["values"],
        restored(arrays, "row_ids"),
        restored(arrays, "column_ids"),
        source=str(said["source"]),
    )
    _check(arrays, known.shape)
    means = Means(
        float(arrays["mean"]),
        arrays["row_means"],
        arrays["column_means"],
        arrays["seen_rows"],
        arrays["seen_columns"],
        arrays.get("linked_rows"),
        arrays.get("linked_columns"),
    )
    units = Units(*(arrays[name] for name in UNITS)) if UNITS[0] in arrays else None
    limits = None if said["limits"] is None else _range(said["limits"])
    rows, columns, values = (str(title) for title in said["titles"])
    if not isinstance(said["centered"], bool) or not isinstance(said["summary"], dict):
        raise ValueError("a field of model.json has another type")
    return CompletionModel(
        Prediction(arrays["left"], arrays["right"], means, said["centered"], units, limits),
        known,
        Ridge(_number(said["penalty"], least=0.0), arrays["root"]),
        (rows, columns, values),
        said["summary"],
        None if said["origin"] is None else _origin(said["origin"]).beside(folder),
        version=str(said["equipoise"]),
    )


def _check(arrays: Mapping[str, np.ndarray], shape: tuple[int, int]) -> None:
    """Raise `ValueError` unless all arrays have their types and fit each other."""
    d1, d2 = shape
    k = arrays["left"].shape[-1] if arrays["left"].ndim else 0
    numbers = {"left": (d1, k), "right": (d2, k), "root": (k, k), "mean": (), "row_means": (d1,), "column_means": (d2,)}
    _check_each(arrays, numbers, np.float64)
    _check_each(arrays, {"seen_rows": (d1,), "seen_columns": (d2,)}, np.bool_)
    if "linked_rows" in arrays or "linked_columns" in arrays:
        _check_each(arrays, {"linked_rows": (d1,), "linked_columns": (d2,)}, np.int32)
        if min(arrays["linked_rows"].min(), arrays["linked_columns"].min()) < -1:
            raise ValueError("a part of the table has a number below 0")
    if any(name in arrays for name in UNITS):
        _check_each(arrays, {name: (d1,) if name.startswith("row") else (d2,) for name in UNITS}, np.float64)
        if any((arrays[name] <= 0).any() for name in UNITS if "scales" in name):
            raise ValueError("a scale is not above 0")


def _check_each(arrays: Mapping[str, np.ndarray], shapes: Mapping[str, tuple[int, ...]], kind: type) -> None:
    for name, shape in shapes.items():
        array = arrays[name]
        if array.dtype != kind or array.shape != shape or not np.isfinite(array).all():
            raise ValueError(f"its array {name} should have {np.dtype(kind)} finite, in the shape {shape}")


def _number(value: Any, *, least: float = -math.inf) -> float:
    number = float(value)
    if isinstance(value, bool | str) or not math.isfinite(number) or number < least:
        raise ValueError("a number of model.json is none")
    return number


def _range(value: Any) -> tuple[float, float]:
    low, high = (_number(each) for each in value)
    if low > high:
        raise ValueError("its clip range is empty")
    return low, high


def _origin(value: Mapping[str, Any]) -> Origin:
    return Origin(str(value["file"]), int(value["size"]), str(value["sha256"]))


def _short(value: Any) -> str:
    return "of an unknown version" if not isinstance(value, str) else value[:20]
