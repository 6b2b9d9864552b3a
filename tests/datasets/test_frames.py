"""Data frames of pandas and polars, as they are in memory."""

import importlib

import numpy as np
import pytest

from equipoise.core.errors import InputError
from equipoise.datasets import matrix_from_frame, triplets_from_frame, triplets_from_matrix

MATRIX = np.array([[1.5, np.nan], [0.25, 4.0]])


def _frame(library, columns):
    return pytest.importorskip(library, reason=f"{library} is optional").DataFrame(columns)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_entries(library):
    frame = _frame(library, {"stars": [5, 3], "film": ["heat", "alien"], "user": [8, 7], "age": [30, 40]})
    found = triplets_from_frame(frame)
    assert found.users.tolist() == [8, 7]
    assert (found.items.tolist(), found.values.tolist()) == (["heat", "alien"], [5.0, 3.0])
    assert triplets_from_frame(frame, columns=("user", "film", "age")).values.tolist() == [30.0, 40.0]


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_matrices(library):
    frame = _frame(library, {"name": ["a", "b"], "x": MATRIX[:, 0], "y": [None, 4.0]})
    found = matrix_from_frame(frame, missing="allowed")
    np.testing.assert_array_equal(found.matrix, MATRIX)
    assert (found.row_labels.tolist(), found.column_labels.tolist()) == (["a", "b"], ["x", "y"])
    assert triplets_from_matrix(frame).row_ids.tolist() == ["a", "b"]
    with pytest.raises(InputError, match=r"^Row 1, column 3 \('y'\) of The data frame"):
        matrix_from_frame(frame)


def test_the_index_of_pandas_has_the_labels():
    pandas = importlib.import_module("pandas")
    found = matrix_from_frame(pandas.DataFrame(MATRIX, index=[10, 20], columns=[1999, 2000]), missing="allowed")
    assert (found.row_labels.tolist(), found.column_labels.tolist()) == ([10, 20], [1999, 2000])


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_what_is_refused(library):
    with pytest.raises(InputError, match="is empty"):
        triplets_from_frame(_frame(library, {"user": [], "item": [], "rating": []}))
    with pytest.raises(InputError, match="has ids that are no whole numbers"):
        triplets_from_frame(_frame(library, {"user": [0.5], "item": [1], "rating": [1.0]}))
    with pytest.raises(InputError, match="is no data frame"):
        triplets_from_frame([1, 2])


def test_ids_of_mixed_types():
    pandas = importlib.import_module("pandas")
    frame = pandas.DataFrame({"user": [1, "a"], "item": [1, 2], "rating": [1.0, 2.0]})
    with pytest.raises(InputError, match=r"^Column 'user' of the data frame mixes numbers and text"):
        triplets_from_frame(frame)
