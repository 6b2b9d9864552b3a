"""One pair of factors for a product and a balance, whatever basis the columns came in."""

import numpy as np
import pytest

from equipoise.core.errors import InputError
from equipoise.theory import canonical_factors, imbalance, with_fixed_signs

GENERATOR = np.random.default_rng(0)
X, Y = GENERATOR.standard_normal((9, 3)), GENERATOR.standard_normal((7, 3))
MIXING = GENERATOR.standard_normal((3, 3)) + 2 * np.eye(3)


def test_it_is_the_singular_value_decomposition_split_at_the_balance():
    x, y = canonical_factors(X, Y, gamma=2.0)
    values = np.linalg.svd(X @ Y.T, compute_uv=False)[:3]
    np.testing.assert_allclose(x @ y.T, X @ Y.T, atol=1e-13)
    np.testing.assert_allclose(x.T @ x, 2.0 * np.diag(values), atol=1e-13)
    np.testing.assert_allclose(y.T @ y, np.diag(values) / 2.0, atol=1e-13)
    largest = np.argmax(np.abs(x), axis=0)
    assert (x[largest, range(3)] > 0).all()


def test_without_a_balance_the_pair_keeps_its_own():
    x, y = canonical_factors(X, Y)
    assert np.linalg.norm(x) / np.linalg.norm(y) == pytest.approx(np.linalg.norm(X) / np.linalg.norm(Y))
    assert imbalance(x, y) < 1e-14
    assert imbalance(X, Y) > 0.1


def test_it_does_not_depend_on_the_basis():
    expected = canonical_factors(X, Y, gamma=1.0)
    found = canonical_factors(X @ MIXING, Y @ np.linalg.inv(MIXING).T, gamma=1.0)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-12)


@pytest.mark.parametrize("by_rotation", [False, True])
def test_permutations_and_multiples_go_through(by_rotation):
    rows, columns = GENERATOR.permutation(9), GENERATOR.permutation(7)
    x, y = canonical_factors(X, Y, by_rotation=by_rotation)
    of_x, of_y = canonical_factors(3 * X[rows], 2 * Y[columns], by_rotation=by_rotation)
    np.testing.assert_allclose(of_x, 3 * x[rows], atol=1e-12)
    np.testing.assert_allclose(of_y, 2 * y[columns], atol=1e-12)


def test_a_rotation_keeps_all_but_the_basis():
    x, y = canonical_factors(X, Y, by_rotation=True)
    np.testing.assert_allclose(x @ y.T, X @ Y.T, atol=1e-13)
    np.testing.assert_allclose(x @ x.T, X @ X.T, atol=1e-13)
    assert imbalance(x, y) == pytest.approx(imbalance(X, Y))
    balanced = canonical_factors(X, Y, gamma=3.0)
    turn = np.linalg.qr(MIXING)[0]
    for one, other in zip(canonical_factors(*(w @ turn for w in balanced), by_rotation=True), balanced, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-12)


def test_columns_of_zeros_come_last():
    wide = np.c_[np.zeros(9), X[:, :2], X[:, 0]], np.c_[np.ones(7), Y[:, :2], Y[:, 0]]
    x, y = canonical_factors(*wide)
    np.testing.assert_array_equal(x[:, 2:], 0.0)
    np.testing.assert_array_equal(y[:, 2:], 0.0)
    np.testing.assert_allclose(x @ y.T, wide[0] @ wide[1].T, atol=1e-13)
    more = canonical_factors(np.ones((2, 4)), np.ones((3, 4)))  # more columns than rows
    assert [w.shape for w in more] == [(2, 4), (3, 4)]
    assert not any(w[:, 1:].any() for w in more)
    assert not any(w.any() for w in canonical_factors(np.zeros((2, 1)), np.ones((2, 1))))


def test_the_first_of_equal_entries_decides_the_sign():
    x, _ = with_fixed_signs(np.array([[-1.0, 0.5], [1.0 + 1e-12, -1.0]]), np.ones((1, 2)))
    np.testing.assert_allclose(x, [[1.0, -0.5], [-1.0, 1.0]])


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        ((X, Y[:, :2]), {}, "equally many columns"),
        ((X[0], Y), {}, "give two matrices"),
        ((X * np.nan, Y), {}, "NaN or infinite"),
        ((X, Y), {"gamma": 0.0}, "gamma is 0"),
    ],
)
def test_what_is_no_pair_is_refused(arguments, options, said):
    with pytest.raises(InputError, match=said):
        canonical_factors(*arguments, **options)
