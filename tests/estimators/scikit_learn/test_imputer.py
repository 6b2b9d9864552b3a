import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from equipoise import InputError
from equipoise.estimators import LowRankImputer


def error(filled, table):
    return np.sqrt(np.mean((np.asarray(filled) - table.whole)[~table.known] ** 2))


@pytest.fixture(scope="module")
def penalized(table):
    return LowRankImputer("penalized").fit(table.missing)


def test_known_entries_stay_and_the_others_are_better_than_means(table, penalized):
    filled = LowRankImputer("penalized").fit_transform(table.missing)
    assert (filled[table.known] == table.whole[table.known]).all()
    means = np.nanmean(table.missing, axis=0) * np.ones((30, 1))
    assert error(filled, table) < 0.7 * error(means, table)
    assert error(penalized.transform(table.missing), table) < 0.7 * error(means, table)


def test_rows_that_the_fit_has_not_seen_are_folded_in(table):
    filled = LowRankImputer("penalized").fit(table.missing[:20]).transform(table.missing[20:])
    means = np.nanmean(table.missing[:20], axis=0) * np.ones((10, 1))
    unknown = ~table.known[20:]
    found, of_means = (np.linalg.norm((f - table.whole[20:])[unknown]) for f in (filled, means))
    assert found < 0.8 * of_means


def test_a_row_without_entries_gets_the_means(penalized):
    filled = penalized.transform(np.full((1, 20), np.nan))
    means, units = penalized.mean_ + penalized.column_means_, penalized.units_
    if units is not None:
        means = units.column_locations + units.column_scales * means
    np.testing.assert_allclose(filled[0], means)


def test_masked_arrays_frames_and_sparse_matrices_are_the_same_table(table, penalized):
    expected = penalized.transform(table.missing)
    masked = np.ma.masked_array(table.whole.astype(int), ~table.known)
    rows, columns = np.nonzero(table.known)
    sparse = scipy.sparse.coo_array((table.whole[rows, columns], (rows, columns)), shape=table.known.shape)
    frame = pd.DataFrame(table.missing, columns=[f"film {j}" for j in range(20)])
    for same in (masked, sparse, sparse.tocsc(), frame):
        imputer = LowRankImputer("penalized").fit(same)
        np.testing.assert_allclose(imputer.transform(same), expected, rtol=1e-12)
    pandas = LowRankImputer("penalized").set_output(transform="pandas").fit(frame).transform(frame)
    assert list(pandas.columns) == list(frame.columns)
    np.testing.assert_allclose(pandas, expected, rtol=1e-12)


def test_stored_zeros_are_known(table):
    zeros = table.known & (table.whole == 3)
    rows, columns = np.nonzero(table.known)
    values = (table.whole - 3)[rows, columns]
    sparse = scipy.sparse.csr_array((values, (rows, columns)), shape=table.known.shape)
    filled = LowRankImputer("penalized").fit_transform(sparse)
    assert zeros.any()
    assert (filled[zeros] == 0).all()
    assert (filled[~table.known] != 0).all()


def test_a_column_without_entries_is_left_out_or_kept(table):
    X = table.missing.copy()
    X[:, 4] = np.nan
    with pytest.warns(UserWarning, match=r"left out: 4; keep_empty_features"):
        filled = LowRankImputer("penalized").fit_transform(X)
    assert filled.shape == (30, 19)
    imputer = LowRankImputer("penalized", keep_empty_features=True).fit(X)
    assert imputer.transform(X).shape == (30, 20)
    assert np.isfinite(imputer.transform(X)).all()
    names = LowRankImputer("penalized").fit(X).get_feature_names_out()
    assert "x4" not in names
    assert len(names) == 19


def test_a_constant_table_is_filled_with_its_number(table):
    filled = LowRankImputer().fit_transform(np.where(table.known, 2.5, np.nan))
    np.testing.assert_allclose(filled, 2.5, rtol=1e-14)


def test_what_has_no_structure_keeps_the_baseline():
    rng = np.random.default_rng(3)
    X = rng.standard_normal((12, 8))
    X[rng.random(X.shape) < 0.2] = np.nan
    imputer = LowRankImputer(width=2, center=True, steps=50).fit(X)
    assert imputer.method_ in ("global mean", "row and column means")
    assert imputer.nuclear_norm_ == 0
    assert "no method is better" in imputer.notes_[0]


def test_the_least_nuclear_norm_has_a_gap(table):
    small = table.missing[:8, :6]
    imputer = LowRankImputer("nuclear-norm", center=False, gap=1e-3).fit(small)
    assert 0 <= imputer.duality_gap_ <= 1e-3
    assert imputer.nuclear_norm_ == pytest.approx(imputer.singular_values_.sum())
    known = ~np.isnan(small)
    fitted = imputer.row_factors_ @ imputer.components_
    np.testing.assert_allclose(fitted[known], small[known], rtol=1e-6)


def test_history_and_factors_are_those_of_the_fit(penalized):
    assert penalized.history_["step"][-1] == penalized.n_iter_
    assert penalized.held_out_error_ == pytest.approx(penalized.history_["held_out_rmse"].min())
    left, right = penalized.row_factors_, penalized.components_.T
    k = penalized.singular_values_.size
    for factor in (left, right):
        np.testing.assert_allclose(factor.T @ factor, np.diag(penalized.singular_values_[:k]), atol=1e-9)


def test_columns_of_different_units_are_scaled():
    rng = np.random.default_rng(5)
    plain = rng.standard_normal((60, 1)) @ rng.standard_normal((1, 5)) + 0.2 * rng.standard_normal((60, 5))
    units = 10.0 ** np.arange(5)
    known = rng.random(plain.shape) > 0.2
    holed = np.where(known, plain * units, np.nan)
    imputer = LowRankImputer("penalized", center=True)
    filled = imputer.fit_transform(holed)
    assert imputer.units_.sides == "columns"
    errors = (filled / units - plain)[~known]
    assert np.sqrt(np.mean(errors**2)) < 0.6 * np.sqrt(np.mean(plain[~known] ** 2))
    np.testing.assert_allclose(
        imputer.transform(holed)[~known] / np.broadcast_to(units, plain.shape)[~known], errors + plain[~known], atol=0.3
    )


def test_too_few_steps_are_told(table):
    with pytest.warns(ConvergenceWarning, match="still falling at the last step, 3; take more steps"):
        LowRankImputer("penalized", center=True, scale=False, steps=3).fit(table.missing)


def test_it_is_a_part_of_pipelines(table):
    pipeline = make_pipeline(StandardScaler(), LowRankImputer("penalized"))
    scaled = pipeline.fit_transform(table.missing)
    back = pipeline[0].inverse_transform(scaled)
    np.testing.assert_allclose(back[table.known], table.whole[table.known])


def test_ctrl_c_keeps_the_fit_and_is_passed_on(table, monkeypatch):
    from equipoise.estimators.complete.penalized import descent

    seen = []

    def press(path, *rest):
        see(path, *rest)
        seen.append(1)
        if len(seen) == 3:
            raise KeyboardInterrupt

    see = descent._see
    monkeypatch.setattr(descent, "_see", press)
    imputer = LowRankImputer("penalized", center=True)
    with pytest.raises(KeyboardInterrupt):
        imputer.fit(table.missing)
    assert np.isfinite(imputer.transform(table.missing)).all()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"method": "magic"}, "There is no method 'magic'"),
        ({"method": 3}, "give the name of one method"),
        ({"hold_out": 1}, "hold_out is 1"),
        ({"center": "yes"}, "center is"),
        ({"width": 0, "method": "penalized"}, "width is 0"),
    ],
)
def test_settings_out_of_range_are_told_by_the_fit(table, settings, said):
    with pytest.raises(InputError, match=said):
        LowRankImputer(**settings).fit(table.missing)


def test_bad_tables_are_refused(table, penalized):
    with pytest.raises(ValueError, match="20 features"):
        penalized.transform(table.missing[:, :5])
    with pytest.raises(ValueError, match="infinity"):
        penalized.transform(np.full((1, 20), np.inf))
    with pytest.raises(InputError, match="no known entry"), warnings.catch_warnings():
        LowRankImputer().fit(np.full((3, 2), np.nan))
