import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.core.errors import InputError
from equipoise.datasets import Triplets, hold_out_fraction, hold_out_per_row, movielens_split, triplets_from_matrix


def _shuffled(rows: int, columns: int, seed: int) -> Triplets:
    """All entries of a matrix, in a random order, numbered in that order."""
    order = np.random.default_rng(seed).permutation(rows * columns)
    stamps = np.arange(order.size)
    ids = np.arange(rows), np.arange(columns)
    return Triplets(order // columns, order % columns, stamps.astype(float), *ids, timestamps=stamps)


def _both_sides(triplets: Triplets, training: Triplets, test: Triplets) -> None:
    """Every entry is on one side, and both keep the order."""
    assert training.shape == test.shape == triplets.shape
    assert (np.diff(training.timestamps) > 0).all()
    assert (np.diff(test.timestamps) > 0).all()
    together = np.concatenate([training.timestamps, test.timestamps])
    assert sorted(together.tolist()) == triplets.timestamps.tolist()
    for part in (training, test):
        np.testing.assert_array_equal(part.rows, triplets.rows[part.timestamps])
        np.testing.assert_array_equal(part.columns, triplets.columns[part.timestamps])
        np.testing.assert_array_equal(part.values, triplets.values[part.timestamps])


@given(rows=st.integers(1, 5), columns=st.integers(2, 6), seed=st.integers(0, 99), data=st.data())
def test_of_every_row_so_many_are_held_out(rows, columns, seed, data):
    triplets = _shuffled(rows, columns, seed)
    count = data.draw(st.integers(1, columns - 1))
    for options in ({"first": True}, {"seed": seed}):
        training, test = hold_out_per_row(triplets, count, **options)
        _both_sides(triplets, training, test)
        assert np.bincount(test.rows, minlength=rows).tolist() == [count] * rows
    _, first = hold_out_per_row(triplets, count, first=True)
    for row in range(rows):
        own = triplets.timestamps[triplets.rows == row]
        assert first.timestamps[first.rows == row].tolist() == own[:count].tolist()


def test_a_random_choice_depends_on_the_seed_alone():
    triplets = _shuffled(20, 12, seed=0)
    held = [hold_out_per_row(triplets, 3, seed=seed)[1].timestamps.tolist() for seed in (1, 1, 2)]
    assert held[0] == held[1] != held[2]
    held = [hold_out_fraction(triplets, 0.2, seed=seed)[1].timestamps.tolist() for seed in (1, 1, 2)]
    assert held[0] == held[1] != held[2]


def test_every_entry_of_a_row_is_held_out_equally_often():
    """Of 6 entries 2: each is held out in a third of 3000 rows; 5 standard errors are 0.043."""
    triplets = _shuffled(3000, 6, seed=5)
    _, test = hold_out_per_row(triplets, 2, seed=7)
    shares = np.bincount(test.columns, minlength=6) / 3000
    assert np.abs(shares - 1 / 3).max() < 5 * np.sqrt(2 / 9 / 3000)


@given(columns=st.integers(2, 40), fraction=st.floats(0.01, 0.99), seed=st.integers(0, 99))
def test_a_fraction_is_held_out(columns, fraction, seed):
    triplets = _shuffled(3, columns, seed)
    count = round(fraction * len(triplets))
    if not 0 < count < len(triplets):
        with pytest.raises(InputError, match="choose one that leaves entries on both sides"):
            hold_out_fraction(triplets, fraction, seed=seed)
        return
    training, test = hold_out_fraction(triplets, fraction, seed=seed)
    _both_sides(triplets, training, test)
    assert len(test) == count


def test_rows_without_entries_stay_so():
    triplets = triplets_from_matrix([[1.0, 2.0], [np.nan, np.nan], [3.0, 4.0]])
    training, test = hold_out_per_row(triplets, 1, first=True)
    assert training.rows.tolist() == test.rows.tolist() == [0, 2]


def test_rows_of_too_few_entries_are_named():
    triplets = triplets_from_matrix([[1.0, 2.0], [np.nan, 3.0]])
    with pytest.raises(InputError) as caught:
        hold_out_per_row(triplets, 1, seed=0)
    assert str(caught.value) == (
        "The row with the id 1 has too few entries (1; at least 2 are needed to have some on both sides); "
        "hold out fewer, or leave out such rows."
    )


def test_the_second_ten_take_twenty():
    whole = _shuffled(3, 20, seed=0)
    training, test = movielens_split(whole, "ub")
    _both_sides(whole, training, test)
    with pytest.raises(InputError, match=r"^The row with the id 0 has too few entries \(19; at least 20 are needed"):
        movielens_split(_shuffled(3, 19, seed=0), "ub")
    with pytest.raises(InputError, match=r"^The row with the id 0 has too few entries \(10; at least 11 are needed"):
        movielens_split(_shuffled(3, 10, seed=0), "ua")


def test_either_a_seed_or_the_first():
    triplets = _shuffled(2, 3, seed=0)
    for options in ({}, {"seed": 0, "first": True}):
        with pytest.raises(InputError, match=r"^Give either seed= for a random choice or first=True for the first"):
            hold_out_per_row(triplets, 1, **options)


@pytest.mark.usefixtures("unchecked")
def test_numbers_that_cannot_be():
    triplets = _shuffled(2, 3, seed=0)
    with pytest.raises(InputError, match=r"^count is 0; it must be a whole number, 1 or greater\.$"):
        hold_out_per_row(triplets, 0, first=True)
    with pytest.raises(InputError, match=r"^seed is -1; it must be a whole number, 0 or greater\.$"):
        hold_out_per_row(triplets, 1, seed=-1)
    for fraction in (0.0, 1, -0.5, float("nan"), "half"):
        with pytest.raises(InputError, match=r"^fraction is .*; it must be finite, greater than 0 and smaller than 1"):
            hold_out_fraction(triplets, fraction, seed=0)
    with pytest.raises(InputError, match=r"^which is 'u1'; it must be 'ua' \(each user's first ten\) or 'ub'"):
        movielens_split(triplets, "u1")
