"""Timestamps: whole seconds, or dates and times of ISO 8601."""

import importlib

import numpy as np
from jaxtyping import Int64

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt
from equipoise.datasets.tables.table import Table


def timestamps_of(table: Table, k: int) -> Int64[np.ndarray, " rows"]:
    """Return column k as whole numbers; dates become seconds since 1970, in UTC where no zone is given.

    Raises `InputError` at the first cell that is neither.
    """
    column = table.columns[k]
    if column.dtype.kind in "iu":
        return column.astype(np.int64)
    if column.dtype.kind == "f":
        sound = np.isfinite(column) & (np.abs(column) < 2.0**63)
        sound[sound] = column[sound] == np.floor(column[sound])
        if sound.all():
            return column.astype(np.int64)
        raise _no_time(table, int(np.argmin(sound)), k)
    pandas = importlib.import_module("pandas")
    read = pandas.to_datetime(pandas.Series(column.tolist(), dtype=object), format="ISO8601", utc=True, errors="coerce")
    if read.isna().any():
        raise _no_time(table, int(np.argmax(read.isna().to_numpy())), k)
    return read.to_numpy().astype("datetime64[s]").astype(np.int64)


def _no_time(table: Table, row: int, k: int) -> InputError:
    return InputError(
        f"{table.place(row, k)} holds {excerpt(table.cell(row, k).strip())}, which is not a timestamp; "
        "write whole seconds or a date such as 2024-05-01 there, or choose three columns with columns=."
    )
