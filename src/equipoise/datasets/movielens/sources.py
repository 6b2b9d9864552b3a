"""The sources of MovieLens 100K: a file given by path, an installed package that contains it, or GroupLens' server."""

import importlib
import importlib.util
import os
import zipfile
from pathlib import Path
from typing import NamedTuple

from equipoise.core.errors import InputError
from equipoise.core.messages import reason, shown_path
from equipoise.datasets.user_file import check_file

PAGE = "https://grouplens.org/datasets/movielens/100k/"
_URL = "https://files.grouplens.org/datasets/movielens/ml-100k/u.data"
SHA256 = "06416e597f82b7342361e41163890c81036900f418ad91315590814211dca490"
_PACKAGE, _FILE_IN_PACKAGE = "neighbors", Path("data", "movielens100k.csv")
_MOST_BYTES = 20_000_000  # ten times the size of the table


class Source(NamedTuple):
    """The bytes of a table of ratings, its name for messages, and the delimiter of its cells."""

    content: bytes
    name: str
    delimiter: str


def find(path: str | os.PathLike[str] | None) -> Source:
    """Return the table at `path`, or from an installed package, or downloaded; raise `InputError` if there is none."""
    if path is not None:
        return _given(Path(path), shown_path(path))
    carried = _carried()
    if carried is not None:
        return Source(carried.read_bytes(), shown_path(carried), ",")
    fetched = _fetched()
    return Source(fetched.read_bytes(), shown_path(fetched), "\t")


def _given(file: Path, name: str) -> Source:
    if file.is_dir():
        inside = [file / "u.data", file / "ml-100k" / "u.data"]
        found = [candidate for candidate in inside if candidate.is_file()]
        if not found:
            raise InputError(f"The folder {name} holds neither u.data nor ml-100k/u.data; get ml-100k.zip from {PAGE}.")
        return _given(found[0], shown_path(found[0]))
    check_file(file, name)
    if zipfile.is_zipfile(file):
        return _zipped(file, name)
    _check_size(file.stat().st_size, name)
    return Source(file.read_bytes(), name, "," if file.suffix.lower() == ".csv" else "\t")


def _zipped(file: Path, name: str) -> Source:
    with zipfile.ZipFile(file) as archive:
        found = [info for info in archive.infolist() if info.filename in ("u.data", "ml-100k/u.data")]
        if not found:
            raise InputError(f"{name} holds neither u.data nor ml-100k/u.data; get ml-100k.zip from {PAGE}.")
        member = f"{found[0].filename} in {name}"
        _check_size(found[0].file_size, member)
        try:
            return Source(archive.read(found[0]), member, "\t")
        except Exception as error:  # zip files can be broken in many ways
            raise InputError(f"{member} is damaged ({reason(error)}); get ml-100k.zip again from {PAGE}.") from error


def _check_size(size: int, name: str) -> None:
    if size > _MOST_BYTES:
        raise InputError(f"{name} has {size:,} bytes, far more than MovieLens 100K; give u.data from {PAGE}.")


def _carried() -> Path | None:
    """Return the file in an installed package, if it exists; no code of the package is run."""
    try:
        spec = importlib.util.find_spec(_PACKAGE)
    except (ImportError, ValueError):  # a broken installation, or a module made by hand
        return None
    folders = (spec.submodule_search_locations if spec else None) or []
    files = [Path(folder) / _FILE_IN_PACKAGE for folder in folders]
    return next((file for file in files if file.is_file()), None)


def _fetched() -> Path:
    """Return the path in pooch's cache, after a download if needed; pooch checks the hash each time."""
    try:
        pooch = importlib.import_module("pooch")
    except ImportError as error:
        raise InputError(
            f"MovieLens 100K is not on this machine; get ml-100k.zip from {PAGE} and give its path, or install pooch "
            f"to download it (pip install pooch), or install {_PACKAGE}, a package that contains it."
        ) from error
    folder = Path(pooch.os_cache("equipoise"), "ml-100k")
    try:
        return Path(pooch.retrieve(_URL, known_hash=f"sha256:{SHA256}", fname="u.data", path=folder))
    except Exception as error:  # each protocol, proxy and disk fails in its own way
        raise InputError(
            f"Cannot download {_URL} ({reason(error)}); get ml-100k.zip from {PAGE} yourself and give its path."
        ) from error
