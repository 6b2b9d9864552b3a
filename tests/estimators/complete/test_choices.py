"""What a completion chooses by its held-out entries, and what it says of it, on tables that once went wrong."""

import numpy as np
import pytest

from equipoise.datasets import Triplets, hold_out_fraction, triplets_from_matrix
from equipoise.estimators import complete


@pytest.fixture(scope="module")
def uneven():
    """Ratings by halves, from ½ to 5, of items of very unequal popularity."""
    users, items = 100, 400
    rng = np.random.default_rng(1)
    popularity, activity = 1 / np.arange(1, items + 1) ** 1.2, rng.lognormal(0, 1, users)
    share = np.outer(activity / activity.sum(), popularity / popularity.sum())
    rows, columns = np.nonzero(rng.random((users, items)) < np.minimum(1, share * share.size * 0.03))
    left, right = rng.standard_normal((users, 2)), rng.standard_normal((items, 2))
    values = 3.5 + 0.3 * rng.standard_normal(users)[rows] + 0.4 * rng.standard_normal(items)[columns]
    values += 0.3 * np.einsum("ij,ij->i", left[rows], right[columns]) + 0.6 * rng.standard_normal(rows.size)
    values = np.clip(np.round(2 * values) / 2, 0.5, 5)
    entries = Triplets(rows, columns, values, np.arange(users), np.arange(items))
    return hold_out_fraction(entries, 0.1, seed=0)


def test_on_an_unevenly_known_table_the_training_error_falls_at_every_look(uneven):
    found = complete(*uneven, progress=False)
    errors = found.fit.run.dataset["training_rmse"].values[0]
    assert (np.diff(errors) <= 1e-6 * errors[:-1]).all()
    least = found.fit.run.dataset["held_out_rmse"].values.min()
    assert found.score.held_out_rmse == pytest.approx(min(least, found.score.held_out_rmse), rel=1e-9)
    assert found.score.held_out_rmse <= min(score.held_out_rmse for score in found.scores[-2:])


def test_a_fit_does_not_stop_while_the_held_out_error_falls():
    rng = np.random.default_rng(1)
    whole = rng.standard_normal((30, 2)) @ rng.standard_normal((2, 12)) + 3
    holes = np.where(rng.random(whole.shape) < 0.2, np.nan, whole)
    holes[:, 4] = np.nan
    unknown = np.isnan(holes)
    unknown[:, 4] = False
    found = complete(*hold_out_fraction(triplets_from_matrix(holes), 0.1, seed=0), progress=False)
    assert np.sqrt(np.mean((found.dense() - whole)[unknown] ** 2)) < 0.05


def test_isolated_entries_get_the_means_and_a_note():
    rng = np.random.default_rng(1)
    holes = np.full((30, 2), np.nan)
    rows = np.arange(30)
    holes[rows, rows % 2] = np.where(rows % 2, 6.0, 2.0) + 0.5 * rng.standard_normal(30)
    found = complete(*hold_out_fraction(triplets_from_matrix(holes), 0.1, seed=0), progress=False)
    assert found.keeps_baseline
    assert "no method is better than the row and column means" in found.notes[0]
    assert any("fall into 2 parts" in note for note in found.notes)
    unknown = found.prediction.dense()[np.isnan(holes)]
    assert (unknown > 1.5).all()
    assert (unknown < 7.0).all()


def test_a_few_huge_entries_leave_it_no_worse_than_the_mean():
    rng = np.random.default_rng(2)
    rows, columns = np.nonzero(rng.random((60, 40)) < 0.4)
    values = np.where(rng.random(rows.size) < 0.05, rng.integers(214, 661, rows.size), 1).astype(float)
    entries = Triplets(rows, columns, values, np.arange(60), np.arange(40))
    training, held_out = hold_out_fraction(entries, 0.2, seed=0)
    found = complete(training, held_out, progress=False)
    mean = np.sqrt(np.mean((training.values.mean() - held_out.values) ** 2))
    assert found.score.held_out_rmse <= mean * (1 + 1e-9)


def test_zeros_and_ones_are_predicted_between_them():
    rng = np.random.default_rng(3)
    rows, columns = np.nonzero(rng.random((40, 30)) < 0.5)
    likes = np.sign(rng.standard_normal((40, 1)) * rng.standard_normal((1, 30))) > 0
    entries = Triplets(rows, columns, likes[rows, columns].astype(float), np.arange(40), np.arange(30))
    clipped, free = (complete(entries, center=True, steps=150, clip=clip).prediction.dense() for clip in (None, False))
    assert (clipped.min(), clipped.max()) == (0.0, 1.0)
    assert free.max() > 1.0 > 0.0 > free.min()


def test_the_transposed_and_the_permuted_table_give_the_same_answer():
    rng = np.random.default_rng(4)
    whole = rng.standard_normal((20, 2)) @ rng.standard_normal((2, 14))
    rows, columns = np.nonzero(rng.random(whole.shape) < 0.7)
    ids = np.array([f"r{i}" for i in range(20)], object), np.array([f"c{j}" for j in range(14)], object)
    entries = Triplets(rows, columns, whole[rows, columns], *ids)
    of_rows, of_columns = rng.permutation(20), rng.permutation(14)
    moved = Triplets(
        np.argsort(of_rows)[rows], np.argsort(of_columns)[columns], entries.values, ids[0][of_rows], ids[1][of_columns]
    )
    first, turned, permuted = (
        complete(*hold_out_fraction(each, 0.1, seed=0, by_ids=True), center=False, steps=200, progress=False)
        for each in (entries, entries.transposed, moved)
    )
    expected = first.prediction.dense()
    np.testing.assert_allclose(turned.prediction.dense().T, expected, atol=1e-8)
    np.testing.assert_allclose(permuted.prediction.dense(), expected[np.ix_(of_rows, of_columns)], atol=1e-8)
