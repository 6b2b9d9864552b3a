"""What `equipoise complete` is given: a table of triplets or a matrix, and which entries to hold out."""

import gzip
import itertools
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from equipoise.datasets import Triplets

Format = Literal["auto", "triplets", "matrix"]
Duplicates = Literal["error", "mean", "last"]

MOVIELENS = "movielens-100k"
_MATRICES = (".npy", ".npz", ".mtx", ".mtx.gz")
_TEXT = {".csv": ",", ".csv.gz": ",", ".tsv": "\t", ".tsv.gz": "\t"}
_LINES = 10_000


class Reading(NamedTuple):
    """How a file is to be read; the fields are the options of the command."""

    format: Format
    columns: list[str] | None
    header: bool | None
    key: str | None
    duplicates: Duplicates


class Source(NamedTuple):
    """The known entries, and what they were read as, in words."""

    entries: "Triplets"
    said: str


def read(file: Path, how: Reading) -> Source:
    """The entries in `file`, or of the data set of that name; `InputError` for an option that means nothing there."""
    from equipoise.core.errors import InputError
    from equipoise.datasets import movielens_100k, read_matrix, read_triplets, triplets_from_matrix

    if str(file) == MOVIELENS and not file.exists():
        return Source(movielens_100k(), "the data set of that name")
    kind = _kind(file) if how.format == "auto" else how.format
    said = kind if how.format != "auto" else f"{kind}, as --format auto finds"
    if kind == "matrix":
        for name, given in (("--columns", how.columns), ("--duplicates", how.duplicates != "error")):
            if given:
                raise InputError(f"{name} is for triplets, but {file} is read as a matrix; add --format triplets.")
        matrix = read_matrix(file, key=how.key, header=how.header, missing="allowed")
        return Source(triplets_from_matrix(matrix), f"a {said}")
    if how.key is not None:
        raise InputError(f"--key is for .npz archives, but {file} is read as triplets; leave it out.")
    found = read_triplets(file, columns=how.columns, header=how.header, duplicates=how.duplicates)
    return Source(found, said)


def _kind(file: Path) -> Literal["triplets", "matrix"]:
    """A matrix by its extension, or a text of other than 3 or 4 columns, or one in which a cell is missing."""
    from equipoise.datasets import tables

    name = file.name.lower()
    if name.endswith(_MATRICES):
        return "matrix"
    delimiter = next((mark for extension, mark in _TEXT.items() if name.endswith(extension)), None)
    if delimiter is None:
        return "triplets"
    try:
        content = gzip.decompress(file.read_bytes()) if name.endswith(".gz") else file.read_bytes()
        lines = list(itertools.islice(tables.records(content, delimiter, name), _LINES))
    except (OSError, EOFError, ValueError, zlib.error):
        return "triplets"  # whose reader says what is wrong
    if not lines or len(lines[0][1]) not in (3, 4):
        return "matrix" if lines else "triplets"
    missing = any(tables.is_missing(cell) or cell.strip().lower() == "nan" for _, line in lines for cell in line)
    return "matrix" if missing else "triplets"


class Parts(NamedTuple):
    """The entries for training, those held out to choose by, and those kept for the test."""

    training: "Triplets"
    held_out: "Triplets | None"
    test: "Triplets | None"


def split(entries: "Triplets", hold_out: float | None, per_row: int | None, test: float | None, seed: int) -> Parts:
    """First the test part, a fraction of all; then of the rest a fraction, or so many of every row."""
    from equipoise.core.checks import whole_number
    from equipoise.core.errors import InputError
    from equipoise.datasets import hold_out_fraction, hold_out_per_row

    whole_number("seed", seed, 0)
    if hold_out is not None and per_row is not None:
        raise InputError("--hold-out and --hold-out-per-row say the same in two ways; give one of them.")
    for name, fraction in (("--hold-out", hold_out), ("--test", test)):
        if fraction is not None and not 0 <= fraction < 1:
            raise InputError(f"{name} is {fraction:g}; it must be a fraction from 0, for none, to below 1.")
    kept = None
    if test:
        entries, kept = hold_out_fraction(entries, test, seed=seed + 1)
    if per_row is not None:
        training, held_out = hold_out_per_row(entries, per_row, seed=seed)
        return Parts(training, held_out, kept)
    if hold_out == 0:
        return Parts(entries, None, kept)
    training, held_out = hold_out_fraction(entries, 0.1 if hold_out is None else hold_out, seed=seed)
    return Parts(training, held_out, kept)
