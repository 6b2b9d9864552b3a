import dataclasses

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from equipoise.core.errors import InputError
from equipoise.datasets import Triplets, hold_out_fraction, read_triplets, triplets_from_matrix

with_gaps = arrays(
    np.float64,
    array_shapes(min_dims=2, max_dims=2, max_side=6),
    elements=st.one_of(st.just(np.nan), st.floats(allow_nan=False, allow_infinity=False)),
)

FIELDS = {
    "rows": np.array([1, 0, 1]),
    "columns": np.array([0, 2, 2]),
    "values": np.array([5.0, 3.0, 1.0]),
    "row_ids": np.array(["ann", "bob"], dtype=object),
    "column_ids": np.array([10, 20, 30]),
}


@pytest.fixture
def triplets():
    return Triplets(**FIELDS, timestamps=np.array([7, 8, 9]), source="memory")


@given(matrix=with_gaps)
def test_a_matrix_comes_back_from_its_triplets(matrix):
    if np.isnan(matrix).all():
        with pytest.raises(InputError, match=r"^The matrix has no known entry; give at least one number\.$"):
            triplets_from_matrix(matrix)
        return
    triplets = triplets_from_matrix(matrix)
    assert len(triplets) == (~np.isnan(matrix)).sum()
    np.testing.assert_array_equal(triplets.dense(np.nan), matrix)


def test_a_sparse_matrix_knows_what_it_stores():
    sparse = scipy.sparse.coo_array((np.array([0.0, 2.0, 3.0]), ([0, 1, 1], [1, 0, 0])), shape=(3, 2))
    triplets = triplets_from_matrix(sparse)
    np.testing.assert_array_equal(triplets.dense(np.nan), [[np.nan, 0.0], [5.0, np.nan], [np.nan, np.nan]])


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[np.inf, 1.0]], "The matrix has 1 infinite entries, the first in row 1, column 1"),
        (scipy.sparse.csr_array([[np.nan, 1.0]]), "The matrix has 1 NaN and 0 infinite entries, the first in row 1"),
        ([1.0, 2.0], "The matrix has shape (2,), but a matrix has two dimensions"),
        (scipy.sparse.csr_array((2, 2)), "The matrix has no known entry; give at least one number."),
    ],
)
def test_matrices_without_triplets(matrix, message):
    with pytest.raises(InputError) as caught:
        triplets_from_matrix(matrix)
    assert str(caught.value).startswith(message)


def test_what_triplets_say_of_themselves(triplets):
    assert triplets.shape == (2, 3)
    assert len(triplets) == 3
    assert repr(triplets) == "Triplets(3 entries of 2 x 3, with timestamps)"
    assert triplets.users.tolist() == ["bob", "ann", "bob"]
    assert triplets.items.tolist() == [10, 30, 30]
    np.testing.assert_array_equal(triplets.dense(0.0), [[0.0, 0.0, 3.0], [5.0, 0.0, 1.0]])


def test_triplets_do_not_change(triplets):
    with pytest.raises(dataclasses.FrozenInstanceError):
        triplets.values = np.zeros(3)
    with pytest.raises(ValueError, match="read-only"):
        triplets.values[0] = 4.0
    FIELDS["values"][0] = FIELDS["values"][0]  # the array given stays writable


def test_selected_entries_keep_order_shape_and_ids(triplets):
    part = triplets.select(triplets.values > 2)
    assert part.shape == triplets.shape
    assert part.values.tolist() == [5.0, 3.0]
    assert part.timestamps.tolist() == [7, 8]
    assert part.row_ids.tolist() == ["ann", "bob"]
    assert part.source == "memory"
    assert len(triplets.select([False] * 3)) == 0


def test_what_is_made_of_checked_triplets_is_frozen_and_shares_the_ids(triplets, tmp_path):
    (tmp_path / "t.csv").write_text("a,x,1\nb,x,2\n")
    found = [triplets.select(triplets.values > 2), *hold_out_fraction(triplets, 0.5, seed=0)]
    found += [triplets_from_matrix(np.eye(2)), read_triplets(tmp_path / "t.csv")]
    for each in found:
        assert not any(array.flags.writeable for array in (each.rows, each.columns, each.values, each.row_ids))
    assert all(part.row_ids is triplets.row_ids and part.column_ids is triplets.column_ids for part in found[:3])


def test_parts_know_what_is_known_of_the_ids(triplets):
    part = triplets.select(triplets.values > 2)
    assert part.index_of("bob", 30) == (1, 2)


@pytest.mark.parametrize("mask", [[True, False], [0, 1, 1], [[True, True, True]], "yes"])
def test_a_mask_has_one_bool_for_each(triplets, mask):
    with pytest.raises(InputError, match=r"^mask has shape .* and type .*; give one bool for each of the 3 entries\.$"):
        triplets.select(mask)


def test_ids_are_found(triplets):
    assert triplets.index_of("bob", 30) == (1, 2)
    assert triplets.index_of("ann", np.int64(10)) == (0, 0)


@pytest.mark.parametrize(
    ("row_id", "column_id", "message"),
    [
        ("eve", 10, "There is no row with the id 'eve'; the ids of the 2 rows are text, from 'ann' to 'bob'."),
        (3, 10, "There is no row with the id 3; the ids of the 2 rows are text, from 'ann' to 'bob'."),
        ([1], 10, "There is no row with the id [1]; the ids of the 2 rows are text, from 'ann' to 'bob'."),
        (
            "ann",
            "10",
            "There is no column with the id '10'; the ids of the 3 columns are whole numbers, from 10 to 30.",
        ),
        ("ann", 40, "There is no column with the id 40; the ids of the 3 columns are whole numbers, from 10 to 30."),
    ],
)
def test_unseen_ids(triplets, row_id, column_id, message):
    with pytest.raises(InputError) as caught:
        triplets.index_of(row_id, column_id)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"values": np.ones(2)}, "There are 3 rows, 3 columns, 2 values; give one of each for every entry."),
        (
            {"timestamps": np.ones(2, int)},
            "There are 3 rows, 3 columns, 3 values, 2 timestamps; give one of each for every entry.",
        ),
        ({"rows": np.array([0, 2, 1])}, "rows[1] is 2, but there are 2 rows; count them from 0."),
        ({"columns": np.array([0, 2, -1])}, "columns[2] is -1, but there are 3 columns; count them from 0."),
        (
            {"values": np.array([1.0, np.nan, 2.0])},
            "values[1] is nan; give finite numbers, and leave out unknown entries.",
        ),
        (
            {"rows": np.array([1, 0, 1]), "columns": np.array([2, 2, 2])},
            "Entries 0 and 2 (counted from 0) are both at row 1, column 2; give every place once.",
        ),
        (
            {"row_ids": np.array(["a", "a"], dtype=object)},
            "The ids of the rows are not all different; give every one of the 2 its own.",
        ),
        ({"column_ids": np.array([], dtype=int)}, "There are no ids of columns; give at least one row and one column."),
        (
            {"column_ids": np.array([1, 2, 3.5])},
            "The ids of the columns are neither all whole numbers nor all text; make them one or the other.",
        ),
        (
            {"row_ids": np.array([1, "a"], dtype=object)},
            "The ids of the rows are neither all whole numbers nor all text; make them one or the other.",
        ),
        ({"rows": np.ones((3, 1), int)}, "rows has shape (3, 1); give an array with one dimension."),
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_what_are_no_triplets(changes, message):
    with pytest.raises(InputError) as caught:
        Triplets(**{**FIELDS, **changes})
    assert str(caught.value) == message


@pytest.mark.usefixtures("unchecked")
def test_indices_are_whole_numbers():
    with pytest.raises(InputError, match=r"^rows cannot be made an array of whole numbers \(.*\); give one\.$"):
        Triplets(**{**FIELDS, "rows": np.array([0.5, 1.0, 0.0])})


def test_a_matrix_too_large_for_memory(triplets, monkeypatch):
    def refuse(*_, **__):
        raise MemoryError

    monkeypatch.setattr(np, "full", refuse)
    with pytest.raises(InputError, match=r"^A dense matrix of 2 x 3 does not fit in memory; keep it as triplets\.$"):
        triplets.dense(0.0)
