"""Operators on NumPy arrays, as certificates use them: every kind is its matrices, and the special forms are those."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from equipoise.core.errors import InputError
from equipoise.problems import Dense, DenseOperator, Entries, FunctionOperator, RankOneOperator, SparseOperator

RANDOM = np.random.default_rng(0)
ROWS, COLUMNS = np.array([0, 1, 2, 3, 0, 1]), np.array([0, 0, 2, 1, 3, 2])
WIDE, SQUARE = RANDOM.standard_normal((5, 4, 6)), RANDOM.standard_normal((6, 4, 4))
SPREAD = np.where(RANDOM.random((5, 4, 6)) < 0.4, WIDE, 0.0)
LEFT, RIGHT = RANDOM.standard_normal((5, 4)), RANDOM.standard_normal((5, 6))


def symmetric(matrices):
    return matrices + matrices.transpose(0, 2, 1)


def units(shape):
    formed = np.zeros((6, *shape))
    formed[np.arange(6), ROWS, COLUMNS] = 1
    return formed


def sparse(matrices):
    i, j, k = np.nonzero(matrices)
    return SparseOperator(matrices[i, j, k], i, j, k, matrices.shape[1:], len(matrices))


def functions(matrices):
    return FunctionOperator(
        lambda w: jnp.einsum("mij,ij->m", matrices, w),
        lambda z: jnp.einsum("m,mij->ij", z, matrices),
        matrices.shape[1:],
        len(matrices),
    )


# operator, and its A_i
OPERATORS = {
    "dense": (DenseOperator(WIDE), WIDE),
    "single": (DenseOperator(WIDE.astype(np.float32)), WIDE.astype(np.float32).astype(float)),
    "view": (DenseOperator(WIDE.transpose(0, 2, 1)), WIDE.transpose(0, 2, 1)),
    "symmetric": (DenseOperator(symmetric(SQUARE)), symmetric(SQUARE)),
    "entries": (Entries(ROWS, COLUMNS, (4, 6)), units((4, 6))),
    "symmetric entries": (Entries(ROWS, COLUMNS, (4, 4), symmetric=True), symmetric(units((4, 4))) / 2),
    "sparse": (sparse(SPREAD), SPREAD),
    "pairs": (RankOneOperator(LEFT, RIGHT), np.einsum("mi,mj->mij", LEFT, RIGHT)),
    "functions": (functions(WIDE), WIDE),
    "selected": (functions(WIDE).select(np.array([3, 1, 3])), WIDE[[3, 1, 3]]),
    "selected twice": (functions(WIDE).select(np.array([4, 1, 3])).select(np.array([0, 2])), WIDE[[4, 3]]),
}


@pytest.fixture(params=OPERATORS)
def pair(request):
    operator, matrices = OPERATORS[request.param]
    return operator.on_arrays(), matrices


def test_it_is_its_matrices(pair):
    operator, matrices = pair
    assert (operator.count, operator.shape) == (matrices.shape[0], matrices.shape[1:])
    formed = operator.formed()
    assert formed.dtype == np.float64
    np.testing.assert_allclose(formed, matrices, rtol=1e-15)
    matrix, weights = RANDOM.standard_normal(operator.shape), RANDOM.standard_normal(operator.count)
    np.testing.assert_allclose(operator.apply_array(matrix), np.einsum("mij,ij->m", matrices, matrix), atol=1e-14)
    np.testing.assert_allclose(operator.adjoint_array(weights), np.einsum("m,mij->ij", weights, matrices), atol=1e-14)


def test_arrays_stay_arrays_of_double_precision_without_jax(pair):
    """In JAX's mode of single precision, where any number that it touched would be narrowed."""
    operator, _ = pair
    matrix, weights = np.full(operator.shape, 1 + 1e-12), np.full(operator.count, 1 + 1e-12)
    with jax.enable_x64(False):
        found = operator.apply_array(matrix), operator.adjoint_array(weights), operator.formed()
    assert all(isinstance(array, np.ndarray) and array.dtype == np.float64 for array in found)
    np.testing.assert_allclose(found[0], operator.formed().sum(axis=(1, 2)) * (1 + 1e-12), rtol=1e-15, atol=1e-15)


def test_the_norms_are_those_of_orthogonal_matrices(pair):
    operator, matrices = pair
    gram = np.einsum("kij,lij->kl", matrices, matrices)
    norms = operator.squared_norms()
    if norms is not None:
        np.testing.assert_allclose(np.diag(norms), gram, atol=1e-15)
    assert (norms is None) == operator.holds_matrices


@pytest.mark.parametrize("name", ["dense", "symmetric", "entries", "pairs"])
def test_the_embedding_measures_the_upper_right_block(name):
    operator = OPERATORS[name][0].on_arrays()
    embedded = operator.symmetric_embedding()
    d1, d2 = operator.shape
    matrix = RANDOM.standard_normal((d1 + d2, d1 + d2))
    matrix = matrix + matrix.T
    np.testing.assert_allclose(embedded.apply_array(matrix), operator.apply_array(matrix[:d1, d1:]), atol=1e-14)
    dual = RANDOM.standard_normal(operator.count)
    np.testing.assert_allclose(embedded.adjoint_array(dual)[:d1, d1:], operator.adjoint_array(dual) / 2, atol=1e-15)
    np.testing.assert_array_equal(embedded.formed(), embedded.formed().transpose(0, 2, 1))


@pytest.mark.parametrize("name", ["symmetric", "symmetric entries"])
def test_the_congruence_gram_is_that_of_the_definition(name):
    operator, matrices = OPERATORS[name]
    root = RANDOM.standard_normal(operator.shape)
    flat = (root.T @ matrices @ root).reshape(operator.count, -1)
    np.testing.assert_allclose(operator.congruence_gram(root), flat @ flat.T, rtol=1e-12, atol=1e-12)


def test_the_rounding_of_an_adjoint_is_bounded():
    matrices = symmetric(RANDOM.standard_normal((40, 3, 3)))
    dual = RANDOM.standard_normal(40) * 1e8
    operator = DenseOperator(matrices)
    exact = np.einsum("k,kij->ij", dual.astype(np.longdouble), matrices.astype(np.longdouble))
    error = float(np.linalg.norm((operator.adjoint_array(dual) - exact).astype(float)))
    assert 0 < error <= operator.adjoint_rounding(dual)


SQUARES = {
    "dense": DenseOperator(SQUARE),
    "sparse": sparse(SQUARE),
    "functions": functions(SQUARE),
    "selected": functions(SQUARE).select(np.array([0, 2])),
    "pairs": RankOneOperator(LEFT, RIGHT[:, :4]),
    "entries": Entries(ROWS, COLUMNS, (4, 4)),
    "gathered": Entries(ROWS, COLUMNS, (4, 4), forms_product=False),
}


@pytest.mark.usefixtures("double")
@pytest.mark.parametrize("name", SQUARES)
def test_symmetrized_measurements_are_those_of_the_symmetric_part(name):
    operator = SQUARES[name]
    one = operator.symmetrized()
    matrix = RANDOM.standard_normal((4, 4))
    part = (matrix + matrix.T) / 2
    np.testing.assert_allclose(one.apply(Dense(matrix)), operator.apply(Dense(part)), atol=1e-14)
    np.testing.assert_allclose(one.on_arrays().apply_array(matrix), operator.on_arrays().apply_array(part), atol=1e-14)
    weights = RANDOM.standard_normal(operator.count)
    back = np.asarray(operator.adjoint(weights).dense())
    np.testing.assert_allclose(one.adjoint(weights).dense(), (back + back.T) / 2, atol=1e-14)
    np.testing.assert_array_equal(one.on_arrays().formed(), one.on_arrays().formed().transpose(0, 2, 1))
    some = one.select(np.array([1, 0, 1]))
    np.testing.assert_allclose(some.apply(Dense(matrix)), np.asarray(one.apply(Dense(matrix)))[[1, 0, 1]], atol=1e-14)


@pytest.mark.parametrize(
    "operator", [DenseOperator(WIDE), Entries(ROWS, COLUMNS, (4, 6)), RankOneOperator(LEFT, RIGHT)]
)
def test_only_square_matrices_have_a_symmetric_part(operator):
    with pytest.raises(InputError, match="4 x 6 matrices, which cannot be symmetric"):
        operator.symmetrized()
