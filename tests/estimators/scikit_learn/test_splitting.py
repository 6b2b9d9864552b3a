import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.impute import SimpleImputer
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from equipoise import InputError
from equipoise.estimators import EntryKFold, EntryScorer, entry_train_test_split


def test_each_entry_is_in_one_fold_and_each_user_in_all_trainings(table):
    known = table.triplets()
    parts = list(EntryKFold(5).split(known))
    np.testing.assert_array_equal(np.sort(np.concatenate([test for _, test in parts])), np.arange(len(known)))
    for training, test in parts:
        assert np.intersect1d(training, test).size == 0
        assert set(known[training, 0]) == set(known[:, 0])
        assert abs(test.size - len(known) / 5) < 1


def test_folds_depend_on_the_seed_alone(table):
    known = table.triplets()
    first, again, other = (next(EntryKFold(3, random_state=seed).split(known))[1] for seed in (0, 0, 1))
    assert (first == again).all()
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("folds", [1, "two"])
def test_bad_folds_are_refused(table, folds):
    with pytest.raises(InputError, match="n_splits"):
        next(EntryKFold(folds).split(table.triplets()))


def test_a_matrix_has_no_folds_of_rows(table):
    for matrix in (table.missing, scipy.sparse.csr_array(table.whole)):
        with pytest.raises(InputError, match="no table of ratings"):
            next(EntryKFold().split(matrix))
    with pytest.raises(InputError, match="fewer folds"):
        next(EntryKFold().split(table.triplets()[:3]))


def test_a_split_of_a_matrix_keeps_its_form(table):
    X = table.missing
    frame = pd.DataFrame(X, index=[f"r{i}" for i in range(30)])
    for given in (X, np.ma.masked_invalid(X), frame):
        training, test = entry_train_test_split(given, test_size=0.25)
        assert type(training) is type(given)
        both = [np.ma.filled(np.ma.asarray(part), np.nan) for part in (training, test)]
        assert not (np.isfinite(both[0]) & np.isfinite(both[1])).any()
        np.testing.assert_array_equal(np.where(np.isnan(both[0]), both[1], both[0]), X)
        assert np.isfinite(both[1]).sum() == table.known.sum() // 4
    assert list(entry_train_test_split(frame)[0].index) == list(frame.index)


def test_a_split_of_a_sparse_matrix_keeps_stored_zeros(table):
    sparse = scipy.sparse.csr_array(np.where(table.known, 1.0, 0.0))
    sparse.data[:] = 0.0
    training, test = entry_train_test_split(sparse)
    assert training.nnz + test.nnz == table.known.sum()


def test_a_split_of_ratings_is_by_rows(table):
    known = table.triplets()
    training, test = entry_train_test_split(known, test_size=0.2)
    assert len(test) == len(known) // 5
    assert set(map(tuple, np.vstack([training, test]))) == set(map(tuple, known))
    three = entry_train_test_split(table.missing[:, :3], kind="matrix")[0]
    assert three.shape == (30, 3)


def test_the_scorer_compares_hidden_entries(table):
    X = table.missing
    scorer = EntryScorer(0.2, random_state=4)
    given, hidden = entry_train_test_split(X, test_size=0.2, random_state=4)
    imputer = SimpleImputer().fit(X)
    at = np.isfinite(hidden)
    expected = -np.sqrt(np.mean((imputer.transform(given) - hidden)[at] ** 2))
    assert scorer(imputer, X) == pytest.approx(expected)
    assert cross_val_score(SimpleImputer(), X, cv=3, scoring=EntryScorer()).shape == (3,)


def test_the_scorer_judges_the_last_step_of_a_pipeline(table):
    X = table.missing
    pipeline = make_pipeline(StandardScaler(), SimpleImputer()).fit(X)
    assert EntryScorer()(pipeline, X) == EntryScorer()(pipeline[1], pipeline[0].transform(X))
    with pytest.raises(InputError, match="changes entries that are known"):
        EntryScorer()(StandardScaler().fit(X), X)


def test_a_scorer_needs_the_same_columns(table):
    X = table.missing.copy()
    X[:, 0] = np.nan
    imputer = SimpleImputer().fit(X)
    with pytest.warns(UserWarning, match="Skipping features"), pytest.raises(InputError, match="keep_empty_features"):
        EntryScorer()(imputer, X)
