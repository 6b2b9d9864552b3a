import numpy as np
import pytest
import scipy.sparse
from sklearn.exceptions import ConvergenceWarning

from equipoise import InputError
from equipoise.estimators import LowRankFactorization


@pytest.fixture(scope="module")
def matrix():
    return np.random.default_rng(1).standard_normal((12, 8))


@pytest.fixture(scope="module")
def fitted(matrix):
    return LowRankFactorization(3, gamma=2).fit(matrix)


def test_it_is_the_truncated_svd_at_its_balance(matrix, fitted):
    a, s, b = np.linalg.svd(matrix, full_matrices=False)
    factors = fitted.transform(matrix)
    np.testing.assert_allclose(factors @ fitted.components_, (a[:, :3] * s[:3]) @ b[:3], atol=1e-6)
    np.testing.assert_allclose(fitted.singular_values_, s[:3], rtol=1e-6)
    assert fitted.nuclear_norm_ == pytest.approx(s[:3].sum(), rel=1e-6)
    assert fitted.balance_ == pytest.approx(2, rel=0.01)
    assert np.linalg.norm(factors) / np.linalg.norm(fitted.components_) == pytest.approx(fitted.balance_, rel=1e-6)


def test_the_factors_are_in_canonical_form(matrix, fitted):
    factors = fitted.transform(matrix)
    for gram in (factors.T @ factors / fitted.balance_, fitted.components_ @ fitted.components_.T * fitted.balance_):
        np.testing.assert_allclose(gram, np.diag(fitted.singular_values_), atol=1e-5)
    largest = np.take_along_axis(factors, np.abs(factors).argmax(axis=0)[None], axis=0)
    assert (largest > 0).all()


def test_new_rows_are_the_least_squares_and_come_back(matrix, fitted):
    new = np.random.default_rng(2).standard_normal((5, 8))
    factors = fitted.transform(new)
    residual = fitted.inverse_transform(factors) - new
    np.testing.assert_allclose(residual @ fitted.components_.T, 0, atol=1e-12)
    np.testing.assert_allclose(fitted.transform(scipy.sparse.csr_array(new)), factors)
    np.testing.assert_allclose(fitted.transform(fitted.inverse_transform(factors)), factors)


def test_the_path_and_the_names_are_there(fitted):
    assert fitted.history_["step"].shape == fitted.history_["loss"].shape
    assert fitted.n_iter_ == fitted.history_["step"][-1] > 0
    assert fitted.get_feature_names_out().tolist() == [f"lowrankfactorization{k}" for k in range(3)]


def test_what_has_not_converged_is_told(matrix):
    with pytest.warns(ConvergenceWarning, match="take more than"):
        LowRankFactorization(3, gamma=2, steps=20).fit(matrix)


def test_bad_input_is_refused(matrix, fitted):
    with pytest.raises(InputError, match="rank"):
        LowRankFactorization(0).fit(matrix)
    with pytest.raises(ValueError, match="NaN"):
        LowRankFactorization(1).fit(np.where(matrix > 0, matrix, np.nan))
    with pytest.raises(InputError, match="2 columns, but the fit has 3"):
        fitted.inverse_transform(np.ones((4, 2)))
    with pytest.raises(InputError, match="random_state is -1"):
        LowRankFactorization(1, random_state=-1).fit(matrix)
