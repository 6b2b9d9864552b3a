"""The known entries of a completion problem as the compiled code reads them: by rows, and by columns."""

from typing import Any

import numpy as np
from jaxtyping import Int

from equipoise.machine.native import compiled
from equipoise.problems.measurements import LinearMap
from equipoise.problems.observed import orders_of
from equipoise.problems.operators import Entries


def entries_of(measurement: LinearMap, dtype: np.dtype) -> Any:
    """The places and values of the entries, in both orders."""
    module = compiled()
    assert module is not None
    rows, columns = _places(measurement)
    by_rows, by_columns = orders_of(rows, columns, measurement.shape)
    values = np.asarray(measurement.data).astype(dtype, copy=False)
    make = module.KnownEntries64 if dtype == np.float64 else module.KnownEntries32
    return make(
        by_rows.start,
        by_rows.others,
        values[by_rows.order],
        by_columns.start,
        by_columns.others,
        values[by_columns.order],
    )


def are_inside(measurement: LinearMap) -> bool:
    """Whether all places lie within the matrix."""
    return all(
        index.size == 0 or (index.min() >= 0 and index.max() < size)
        for index, size in zip(_places(measurement), measurement.shape, strict=True)
    )


def _places(measurement: LinearMap) -> tuple[Int[np.ndarray, " m"], Int[np.ndarray, " m"]]:
    operator = measurement.operator
    assert isinstance(operator, Entries)
    return np.asarray(operator.rows), np.asarray(operator.columns)
