"""Weights of entries: what they do to the loss, the means and the answer, and which are refused."""

import numpy as np
import pytest

from equipoise.core.errors import InputError
from equipoise.datasets import Triplets, hold_out_fraction
from equipoise.datasets.entries.triplets import with_weights
from equipoise.estimators import RatingsFactorization, complete
from equipoise.estimators.complete.means import SHRINKAGE, means_of
from equipoise.estimators.complete.parts import joined

SHAPE = (40, 30)


@pytest.fixture(scope="module")
def rough():
    """(the whole, the known entries of which a third is very rough, weights that are small there)."""
    rng = np.random.default_rng(0)
    whole = rng.standard_normal((SHAPE[0], 2)) @ rng.standard_normal((2, SHAPE[1]))
    rows, columns = np.nonzero(rng.random(SHAPE) < 0.5)
    bad = rng.random(rows.size) < 0.3
    values = whole[rows, columns] + np.where(bad, 3.0, 0.05) * rng.standard_normal(rows.size)
    entries = Triplets(rows, columns, values, *map(np.arange, SHAPE))
    return whole, entries, np.where(bad, 0.01, 1.0)


@pytest.mark.parametrize("by", ["small-init", "penalized"])
def test_rough_entries_of_small_weight_do_little_harm(rough, by):
    whole, entries, weights = rough
    errors = []
    for each in (None, weights, 1000 * weights):
        given = entries if each is None else with_weights(entries, each)
        found = complete(*hold_out_fraction(given, 0.1, seed=0), by=by, center=False, steps=150, progress=False)
        errors.append(float(np.sqrt(np.mean((found.prediction.dense() - whole) ** 2))))
    assert errors[1] < 0.75 * errors[0]
    assert errors[2] == pytest.approx(errors[1], rel=1e-3)  # weights are relative


@pytest.mark.parametrize("by", ["small-init", "penalized"])
def test_equal_weights_change_nothing(rough, by):
    entries = rough[1]
    options = {"by": by, "center": False, "steps": 20, "progress": False}
    plain = complete(entries, **options).fit
    equal = complete(entries, weights=np.full(len(entries), 3.0), **options).fit
    product = plain.left @ plain.right.T
    np.testing.assert_allclose(equal.left @ equal.right.T, product, atol=1e-3 * np.abs(product).max())


def test_means_are_the_weighted_least_squares_fit(rough):
    _, entries, weights = rough
    means = means_of(with_weights(entries, weights))
    relative = weights / weights.mean()
    assert means.mean == pytest.approx(np.average(entries.values, weights=weights))
    left = relative * (entries.values - means.at(entries.rows, entries.columns))
    np.testing.assert_allclose(np.bincount(entries.rows, left), SHRINKAGE * means.rows, atol=1e-7)
    np.testing.assert_allclose(np.bincount(entries.columns, left), SHRINKAGE * means.columns, atol=1e-7)


def test_parts_keep_their_weights(rough):
    _, entries, weights = rough
    given = with_weights(entries, weights)
    training, held_out = hold_out_fraction(given, 0.2, seed=0)
    both = joined(training, held_out)
    order = np.lexsort((both.columns, both.rows))
    np.testing.assert_array_equal(both.weights[order], weights)
    np.testing.assert_array_equal(given.transposed.weights, weights)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_ratings_take_them_as_sample_weights(rough):
    _, entries, weights = rough
    ratings = (entries.rows, entries.columns, entries.values)
    first, second = (
        RatingsFactorization(steps=20, width=4).fit(ratings, sample_weight=w) for w in (weights, 7 * weights)
    )
    plain = RatingsFactorization(steps=20, width=4).fit(ratings)
    np.testing.assert_allclose(second.user_means_, first.user_means_, rtol=1e-4, atol=1e-6)
    assert np.abs(plain.user_means_ - first.user_means_).max() > 0.1


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda n: np.zeros(n), r"weights\[0\] is 0.0; give positive numbers"),
        (lambda n: np.full(n, np.nan), r"weights\[0\] is nan"),
        (lambda n: np.ones(n - 1), "give one number for each of the"),
        (lambda n: np.ones((n, 1)), "weights has shape .* give one number"),
        (lambda n: np.full(n, "x"), "weights cannot be made an array of numbers"),
    ],
)
def test_what_are_no_weights_is_refused(rough, made, said):
    entries = rough[1]
    with pytest.raises(InputError, match=said):
        complete(entries, weights=made(len(entries)))
