"""The two orders of entries."""

import numpy as np

from equipoise.problems.observed import orders_of

ROWS, COLUMNS, SHAPE = np.array([2, 0, 2, 2, 1, 2]), np.array([1, 1, 0, 3, 2, 1]), (5, 4)


def test_entries_are_sorted_by_rows_and_by_columns_and_repeated_ones_are_kept():
    for found, own, other, size in zip(
        orders_of(ROWS, COLUMNS, SHAPE), (ROWS, COLUMNS), (COLUMNS, ROWS), SHAPE, strict=True
    ):
        sorted_own = own[found.order]
        assert np.diff(found.start).tolist() == np.bincount(own, minlength=size).tolist()
        assert found.others.tolist() == other[found.order].tolist()
        assert sorted(zip(sorted_own, found.others, strict=True)) == list(zip(sorted_own, found.others, strict=True))
        assert sorted(found.order.tolist()) == list(range(ROWS.size))
