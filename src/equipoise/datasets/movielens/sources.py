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
_IN_PACKAGE = Path("data", "movielens100k.csv")


class Published(NamedTuple):
    """A table of ratings as its owner publishes it, and where it can be found."""

    ratings: int
    """The number of ratings."""
    sha256: str
    """The hash of the file: one line for every rating, its user, item, rating and timestamp separated by tabs."""
    sha256_without_timestamps: str
    """The hash of the same lines without the last column."""
    url: str
    package: str
    """An installed package that may contain the table."""
    most_bytes: int
    """A larger file cannot be this table."""
    terms: str
    """The terms of use, printed once."""


MOVIELENS_100K = Published(
    ratings=100_000,
    sha256="06416e597f82b7342361e41163890c81036900f418ad91315590814211dca490",
    sha256_without_timestamps="4656d5876b31da5c4d5aad9ea7a7bea052377bc9e35f4771606e935834e701f5",
    url="https://files.grouplens.org/datasets/movielens/ml-100k/u.data",
    package="neighbors",
    most_bytes=20_000_000,  # ten times the size of the table
    terms=(
        "MovieLens 100K belongs to GroupLens, University of Minnesota. Use it for research; do not pass it on or use "
        "it commercially without their permission. It comes without warranty. Cite it as F. M. Harper and "
        "J. A. Konstan, ACM TiiS 5(4), 2015, doi:10.1145/2827872.\n"
    ),
)


class Source(NamedTuple):
    """The bytes of a table of ratings, its name for messages, and the delimiter of its cells."""

    content: bytes
    name: str
    delimiter: str


def find(path: str | os.PathLike[str] | None, published: Published) -> Source:
    """Return the table at `path`, or from an installed package, or downloaded; raise `InputError` if there is none."""
    if path is not None:
        return _given(Path(path), shown_path(path), published)
    carried = _carried(published.package)
    if carried is not None:
        return Source(carried.read_bytes(), shown_path(carried), ",")
    fetched = _fetched(published)
    return Source(fetched.read_bytes(), shown_path(fetched), "\t")


def _given(file: Path, name: str, published: Published) -> Source:
    if file.is_dir():
        inside = [file / "u.data", file / "ml-100k" / "u.data"]
        found = [candidate for candidate in inside if candidate.is_file()]
        if not found:
            raise InputError(f"The folder {name} holds neither u.data nor ml-100k/u.data; get ml-100k.zip from {PAGE}.")
        return _given(found[0], shown_path(found[0]), published)
    check_file(file, name)
    if zipfile.is_zipfile(file):
        return _zipped(file, name, published.most_bytes)
    _check_size(file.stat().st_size, name, published.most_bytes)
    return Source(file.read_bytes(), name, "," if file.suffix.lower() == ".csv" else "\t")


def _zipped(file: Path, name: str, most_bytes: int) -> Source:
    with zipfile.ZipFile(file) as archive:
        found = [info for info in archive.infolist() if info.filename in ("u.data", "ml-100k/u.data")]
        if not found:
            raise InputError(f"{name} holds neither u.data nor ml-100k/u.data; get ml-100k.zip from {PAGE}.")
        member = f"{found[0].filename} in {name}"
        _check_size(found[0].file_size, member, most_bytes)
        try:
            return Source(archive.read(found[0]), member, "\t")
        except Exception as error:  # zip files can be broken in many ways
            raise InputError(f"{member} is damaged ({reason(error)}); get ml-100k.zip again from {PAGE}.") from error


def _check_size(size: int, name: str, most_bytes: int) -> None:
    if size > most_bytes:
        raise InputError(f"{name} has {size:,} bytes, far more than MovieLens 100K; give u.data from {PAGE}.")


def _carried(package: str) -> Path | None:
    """Return the file in an installed package, if it exists; no code of the package is run."""
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):  # a broken installation, or a module made by hand
        return None
    folders = (spec.submodule_search_locations if spec else None) or []
    files = [Path(folder) / _IN_PACKAGE for folder in folders]
    return next((file for file in files if file.is_file()), None)


def _fetched(published: Published) -> Path:
    """Return the path in pooch's cache, after a download if needed; pooch checks the hash each time."""
    try:
        pooch = importlib.import_module("pooch")
    except ImportError as error:
        raise InputError(
            f"MovieLens 100K is not on this machine; get ml-100k.zip from {PAGE} and give its path, or install pooch "
            f"to download it (pip install pooch), or install {published.package}, a package that contains it."
        ) from error
    folder = Path(pooch.os_cache("equipoise"), "ml-100k")
    try:
        known = f"sha256:{published.sha256}"
        return Path(pooch.retrieve(published.url, known_hash=known, fname="u.data", path=folder))
    except Exception as error:  # each protocol, proxy and disk fails in its own way
        failed = f"Cannot download {published.url} ({reason(error)})"
        raise InputError(f"{failed}; get ml-100k.zip from {PAGE} yourself and give its path.") from error
