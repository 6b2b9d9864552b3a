import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.model_selection import GridSearchCV

from equipoise import InputError
from equipoise.datasets import triplets_from_frame
from equipoise.estimators import EntryKFold, RatingsFactorization


@pytest.fixture(scope="module")
def split(table):
    """Known and unknown ratings, apart for the first 24 users and the last 6."""
    known, unknown = table.triplets(), table.triplets(known=False)
    return known[known[:, 0] < 124], known[known[:, 0] >= 124], unknown[unknown[:, 0] >= 124]


@pytest.fixture
def fitted(split):
    return RatingsFactorization().fit(split[0])


def test_it_is_better_than_means_and_the_score_is_minus_the_error(rated, table):
    unknown, known = table.triplets(known=False), table.triplets()
    error = np.sqrt(np.mean((rated.predict(unknown[:, 0], unknown[:, 1]) - unknown[:, 2]) ** 2))
    assert rated.score(unknown) == pytest.approx(-error)
    assert rated.score(unknown[:, :2], unknown[:, 2]) == pytest.approx(-error)
    assert error < 0.7 * known[:, 2].std()


def test_predictions_are_those_of_the_factors_clipped_to_the_scale(rated, table):
    product = rated.user_factors_ @ rated.item_factors_.T + rated.mean_
    product += rated.user_means_[:, None] + rated.item_means_
    unknown = table.triplets(known=False)
    expected = product[unknown[:, 0].astype(int) - 100, unknown[:, 1].astype(int) - 7]
    np.testing.assert_allclose(rated.predict(unknown), np.clip(expected, 1, 5), rtol=1e-6)
    assert RatingsFactorization(clip=False).fit(table.triplets()).predict(unknown).max() > 5


def test_all_forms_of_a_table_are_the_same(rated, table):
    known, unknown = table.triplets(), table.triplets(known=False)
    rows, columns = np.nonzero(table.known)
    sparse = scipy.sparse.coo_array((known[:, 2], (rows, columns)), shape=table.known.shape)
    counted = np.column_stack([rows, columns, known[:, 2]])  # ids decide about the start, and these begin at 0
    frame = pd.DataFrame({"rating": known[:, 2], "item": columns + 7, "user": rows + 100})
    expected = rated.predict(unknown)
    arrays = tuple(known.T)
    for same in (frame, triplets_from_frame(frame), arrays, known.tolist()):
        np.testing.assert_allclose(RatingsFactorization().fit(same).predict(unknown), expected)
    places = unknown[:, 0] - 100, unknown[:, 1] - 7
    numbered, other = (RatingsFactorization().fit(same).predict(*places) for same in (sparse, counted))
    np.testing.assert_allclose(numbered, other)
    text = [(f"u{u:.0f}", f"i{i:.0f}", r) for u, i, r in known.tolist()]
    found = RatingsFactorization().fit(text).predict([f"u{u:.0f}" for u in unknown[:, 0]], ["i7"] * len(unknown))
    assert np.isfinite(found).all()


def test_unseen_ids_get_the_means(rated):
    mean, users, items = rated.mean_, rated.user_means_, rated.item_means_
    found = rated.predict([-1, -1, 100], [-1, 7, -1])
    np.testing.assert_allclose(found, [mean, mean + items[0], mean + users[0]])
    best, _ = rated.recommend(-1, 20)
    assert best.tolist() == (7 + np.argsort(-items, kind="stable")).tolist()


def test_recommendations_are_the_highest_predictions_of_what_is_not_seen(rated, table):
    items, ratings = rated.recommend(103, 4)
    unseen = np.flatnonzero(~table.known[3]) + 7
    predicted = rated.predict(np.full(unseen.size, 103), unseen)
    assert set(items) <= set(unseen)
    np.testing.assert_allclose(ratings, np.sort(predicted)[::-1][:4])
    assert rated.recommend(103, 50, exclude_seen=False)[0].size == 20


def test_new_users_are_folded_in(fitted, split):
    _, new, unknown = split
    before, factors = fitted.score(unknown), fitted.item_factors_
    fitted.fold_in(new)
    assert fitted.score(unknown) > 0.8 * before
    np.testing.assert_array_equal(fitted.item_factors_, factors)
    assert fitted.user_ids_.tolist() == list(range(100, 130))


def test_ratings_of_unknown_items_are_passed_over(fitted):
    with pytest.warns(UserWarning, match="1 of 2 ratings are of unknown items"):
        fitted.fold_in([(999, 7, 5.0), (999, 5555, 5.0)])
    assert 5555 not in fitted.item_ids_
    with pytest.raises(InputError, match="No rating is of a known item"):
        fitted.fold_in([(999, 5555, 5.0)])


def test_partial_fit_is_nearly_as_good_as_a_new_fit_and_keeps_the_rest(fitted, rated, split):
    _, new, unknown = split
    untouched = [(900, 8000, 4.0), (901, 8000, 5.0)]
    before = fitted.user_factors_.copy()
    fitted.partial_fit(untouched)
    np.testing.assert_array_equal(fitted.user_factors_[:24], before)
    assert fitted.predict([900], [8000])[0] > fitted.mean_
    fitted.partial_fit(new)
    assert fitted.score(unknown) == pytest.approx(rated.score(unknown), rel=0.2)
    first = RatingsFactorization().partial_fit(split[0])
    assert first.score(split[0]) == RatingsFactorization().fit(split[0]).score(split[0])


def test_a_new_rating_replaces_the_known_one(fitted, split):
    user, item, rating = split[0][np.flatnonzero(split[0][:, 2] > 3)[0]]
    before = fitted.predict([user], [item])[0]
    fitted.partial_fit([(user, item, 6.0 - rating)])
    assert len(fitted._model.known) == len(split[0])
    assert fitted.predict([user], [item])[0] < before


def test_a_grid_search_holds_out_entries(table):
    known = table.triplets()
    search = GridSearchCV(RatingsFactorization(), {"width": [1, 3]}, cv=EntryKFold(2)).fit(known)
    assert search.best_params_ == {"width": 3}
    same = GridSearchCV(RatingsFactorization(), {"width": [3]}, cv=EntryKFold(2)).fit(known[:, :2], known[:, 2])
    assert same.best_score_ == pytest.approx(search.best_score_)


def test_two_ratings_of_one_pair_are_settled_or_refused(table):
    known = table.triplets()
    twice = np.vstack([known, known[:1]])
    with pytest.raises(InputError, match="duplicates"):
        RatingsFactorization().fit(twice)
    found = RatingsFactorization(duplicates="last").fit(twice)
    assert len(found._model.known) == len(known)


@pytest.mark.parametrize(
    ("ratings", "said"),
    [
        (np.ones((4, 5)), "LowRankImputer takes a matrix with NaN"),
        ([(1, 2), (3, 4)], "without ratings"),
        ([(1.5, 2, 3.0), (1, 3, 4.0)], "with decimals or missing"),
        ([("a", 2, 3.0), (1, 3, 4.0)], "neither all whole numbers nor all text"),
        ([(1, 2, "good"), (1, 3, 4.0)], "not a number"),
        ((np.arange(3), np.arange(2), np.ones(3)), "3 users, 2 items"),
    ],
)
def test_bad_ratings_are_refused(ratings, said):
    with pytest.raises(InputError, match=said):
        RatingsFactorization().fit(ratings)


def test_ids_of_the_other_kind_and_bad_ranges_are_refused(rated, table):
    with pytest.raises(InputError, match="is text, but the row ids of the model are whole numbers"):
        rated.predict(["100"], [7])
    with pytest.raises(InputError, match="users are whole numbers in the fit, and text here"):
        rated.fold_in([("u1", 7, 5.0)])
    with pytest.raises(InputError, match="n is 0"):
        rated.recommend(100, 0)
    with pytest.raises(InputError, match="give the lesser number first"):
        RatingsFactorization(clip=(5, 1)).fit(table.triplets())
