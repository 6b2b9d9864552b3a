"""The input of `equipoise complete`: a table of triplets or a matrix, and the entries to hold out."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from equipoise.cli.reading import Reading

if TYPE_CHECKING:
    from equipoise.datasets import OpenFile, Triplets
    from equipoise.datasets.user_file import Lean

MOVIELENS = "movielens-100k"


class Source(NamedTuple):
    """The known entries, in words what they were read as, and the titles of row ids, column ids and values."""

    entries: "Triplets"
    said: str
    titles: tuple[str, str, str] = ("row", "column", "value")


def read(file: Path, how: Reading, weights: str | None = None) -> Source:
    """The entries in `file`, or of the data set of that name; raises `InputError` for an option that does not apply."""
    from equipoise.core.errors import InputError
    from equipoise.datasets import matrix_in, movielens_100k, open_file, triplets_from_matrix, triplets_in

    if str(file) == MOVIELENS and not file.exists():
        if weights is not None:
            raise InputError(f"--weights is for a table of triplets, but {MOVIELENS} has no further column; drop it.")
        return Source(movielens_100k(), "the data set of that name", ("user", "item", "rating"))
    options = dataclasses.replace(how.options(), weights=weights)
    lean: Lean = "neither" if weights is None else "triplets"
    with open_file(file, how.kind, options=options, format=how.file_format, lean=lean) as opened:
        _check_options(opened.name, opened.kind, how)
        _check_weights(opened, weights)
        found = opened.kind if how.kind != "auto" else f"{opened.kind}, as --format auto finds"
        if opened.kind == "matrix":
            matrix = matrix_in(opened, missing="allowed", duplicates=how.duplicates)
            return Source(triplets_from_matrix(matrix), _said(f"a {found}", matrix.said))
        entries = triplets_in(opened, duplicates=how.duplicates)
        if opened.format.table is None:
            return Source(entries, found)
        return Source(entries, _said(found, opened.table.said), _titles(opened))


def _titles(opened: "OpenFile") -> tuple[str, str, str]:
    """The titles of row ids, column ids and values in a table of triplets, or general ones."""
    from equipoise.datasets.tables.to_entries import entry_positions

    positions = entry_positions(opened.table, opened.options.columns)[:3]
    row, column, value = (opened.table.title(k).strip() for k in positions)
    named = row and column and value
    return (row, column, value) if named else ("row", "column", "value")


def _check_weights(opened: "OpenFile", weights: str | None) -> None:
    """Raise `InputError` if there are to be weights, and the file has no columns."""
    from equipoise.core.errors import InputError

    if weights is not None and (opened.kind == "matrix" or opened.format.table is None):
        raise InputError(f"--weights is for a table of triplets, but {opened.name} is none; drop it.")


def _said(found: str, more: tuple[str, ...]) -> str:
    return ", ".join([found, *more])


def _check_options(name: str, kind: str, how: Reading) -> None:
    from equipoise.core.errors import InputError

    if kind == "matrix" and how.columns is not None:
        raise InputError(f"--columns is for triplets, but {name} is read as a matrix; add --format triplets.")
    if kind == "triplets" and how.labels is not None:
        raise InputError(f"--labels is for a matrix, but {name} is read as triplets; add --format matrix.")


class Parts(NamedTuple):
    """The entries for training, the held-out ones that make the choices, and those for the final test."""

    training: "Triplets"
    held_out: "Triplets | None"
    test: "Triplets | None"


def split(entries: "Triplets", hold_out: float | None, per_row: int | None, test: float | None, seed: int) -> Parts:
    """First the test part, a fraction of all entries; then from the rest a fraction, or a number of each row.

    By default a tenth of the rest is held out, and nothing if there are few, since one or two would choose by chance.
    The choice goes by ids, so that it does not depend on the order of the file.
    """
    from equipoise.core.checks import whole_number
    from equipoise.core.errors import InputError
    from equipoise.datasets import hold_out_fraction, hold_out_per_row
    from equipoise.estimators.complete.target import FEWEST, HELD_OUT_SHARE

    whole_number("seed", seed, 0)
    if hold_out is not None and per_row is not None:
        raise InputError("--hold-out and --hold-out-per-row exclude each other; give one of them.")
    for name, fraction in (("--hold-out", hold_out), ("--test", test)):
        if fraction is not None and not 0 <= fraction < 1:
            raise InputError(f"{name} is {fraction:g}; it must be 0 (for none) or greater, and below 1.")
    kept = None
    if test:
        entries, kept = hold_out_fraction(entries, test, seed=seed + 1, by_ids=True)
    if per_row is not None:
        training, held_out = hold_out_per_row(entries, per_row, seed=seed, by_ids=True)
        return Parts(training, held_out, kept)
    if hold_out == 0 or (hold_out is None and len(entries) < FEWEST):
        return Parts(entries, None, kept)
    share = HELD_OUT_SHARE if hold_out is None else hold_out
    training, held_out = hold_out_fraction(entries, share, seed=seed, by_ids=True)
    return Parts(training, held_out, kept)
