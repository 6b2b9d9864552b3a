"""The input of `equipoise complete`: a table of triplets or a matrix, and the entries to hold out."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from equipoise.datasets import Triplets

Form = Literal["auto", "triplets", "matrix"]
Duplicates = Literal["error", "mean", "last"]

MOVIELENS = "movielens-100k"


class Reading(NamedTuple):
    """How to read a file; the fields are the options of the command."""

    format: Form
    columns: list[str] | None
    header: bool | None
    key: str | None
    duplicates: Duplicates


class Source(NamedTuple):
    """The known entries, and in words what they were read as."""

    entries: "Triplets"
    said: str


def read(file: Path, how: Reading) -> Source:
    """The entries in `file`, or of the data set of that name; raises `InputError` for an option that does not apply."""
    from equipoise.datasets import matrix_in, movielens_100k, open_file, triplets_from_matrix, triplets_in

    if str(file) == MOVIELENS and not file.exists():
        return Source(movielens_100k(), "the data set of that name")
    with open_file(file, how.format) as opened:
        _check_options(file, opened.kind, how)
        said = opened.kind if how.format != "auto" else f"{opened.kind}, as --format auto finds"
        if opened.kind == "matrix":
            matrix = matrix_in(opened, key=how.key, header=how.header, missing="allowed")
            return Source(triplets_from_matrix(matrix), f"a {said}")
        found = triplets_in(opened, columns=how.columns, header=how.header, duplicates=how.duplicates)
        return Source(found, said)


def _check_options(file: Path, kind: str, how: Reading) -> None:
    from equipoise.core.errors import InputError

    if kind == "triplets" and how.key is not None:
        raise InputError(f"--key is for .npz archives, but {file} is read as triplets; leave it out.")
    for name, given in (("--columns", how.columns), ("--duplicates", how.duplicates != "error")):
        if kind == "matrix" and given:
            raise InputError(f"{name} is for triplets, but {file} is read as a matrix; add --format triplets.")


class Parts(NamedTuple):
    """The entries for training, the held-out ones that make the choices, and those for the final test."""

    training: "Triplets"
    held_out: "Triplets | None"
    test: "Triplets | None"


def split(entries: "Triplets", hold_out: float | None, per_row: int | None, test: float | None, seed: int) -> Parts:
    """First the test part, a fraction of all entries; then from the rest a fraction, or a number of each row."""
    from equipoise.core.checks import whole_number
    from equipoise.core.errors import InputError
    from equipoise.datasets import hold_out_fraction, hold_out_per_row

    whole_number("seed", seed, 0)
    if hold_out is not None and per_row is not None:
        raise InputError("--hold-out and --hold-out-per-row exclude each other; give one of them.")
    for name, fraction in (("--hold-out", hold_out), ("--test", test)):
        if fraction is not None and not 0 <= fraction < 1:
            raise InputError(f"{name} is {fraction:g}; it must be 0 (for none) or greater, and below 1.")
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
