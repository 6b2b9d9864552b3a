"""Adjoints are adjoint, Gram matrices are inverted, and both kinds of operator agree."""

import numpy as np
import pytest

from equipoise.certified.operators import DenseGramOperator, EntriesGramOperator

RANDOM = np.random.default_rng(0)
ROWS, COLUMNS = np.array([0, 1, 2, 3, 0, 1]), np.array([0, 0, 2, 1, 3, 2])


def symmetric(matrices):
    return matrices + matrices.transpose(0, 2, 1)


OPERATORS = {
    "dense": DenseGramOperator(RANDOM.standard_normal((5, 4, 6))),
    "symmetric": DenseGramOperator(symmetric(RANDOM.standard_normal((6, 4, 4)))),
    "entries": EntriesGramOperator(ROWS, COLUMNS, (4, 6)),
    "symmetric entries": EntriesGramOperator(ROWS, COLUMNS, (4, 4), symmetric=True),
}


@pytest.fixture(params=OPERATORS)
def operator(request):
    return OPERATORS[request.param]


def test_the_adjoint_is_adjoint(operator):
    matrix, dual = RANDOM.standard_normal(operator.shape), RANDOM.standard_normal(operator.size)
    np.testing.assert_allclose(operator.apply(matrix) @ dual, np.sum(operator.adjoint(dual) * matrix))


def test_the_gram_matrix_is_inverted(operator):
    dual = RANDOM.standard_normal(operator.size)
    np.testing.assert_allclose(operator.solve_gram(operator.apply(operator.adjoint(dual))), dual)


def test_rows_are_the_matrices(operator):
    matrix = RANDOM.standard_normal(operator.shape)
    np.testing.assert_allclose(operator.rows() @ matrix.ravel(), operator.apply(matrix))


@pytest.mark.parametrize("name", ["symmetric", "symmetric entries"])
def test_the_congruence_gram_is_that_of_the_definition(name):
    operator = OPERATORS[name]
    root = RANDOM.standard_normal(operator.shape)
    matrices = operator.rows().reshape(-1, *operator.shape)
    flat = (root.T @ matrices @ root).reshape(operator.size, -1)
    np.testing.assert_allclose(operator.congruence_gram(root), flat @ flat.T)


@pytest.mark.parametrize("name", ["dense", "entries"])
def test_the_embedding_measures_the_upper_right_block(name):
    operator = OPERATORS[name]
    embedded = operator.symmetric_embedding()
    d1, d2 = operator.shape
    matrix = RANDOM.standard_normal((d1 + d2, d1 + d2))
    matrix = matrix + matrix.T
    np.testing.assert_allclose(embedded.apply(matrix), operator.apply(matrix[:d1, d1:]))
    dual = RANDOM.standard_normal(operator.size)
    np.testing.assert_allclose(embedded.adjoint(dual)[:d1, d1:], operator.adjoint(dual) / 2)


def test_the_rounding_of_an_adjoint_is_bounded():
    matrices = RANDOM.standard_normal((40, 3, 3))
    dual = RANDOM.standard_normal(40) * 1e8
    operator = DenseGramOperator(symmetric(matrices))
    exact = np.einsum("k,kij->ij", dual.astype(np.longdouble), symmetric(matrices).astype(np.longdouble))
    error = float(np.linalg.norm((operator.adjoint(dual) - exact).astype(float)))
    assert 0 < error <= operator.adjoint_rounding(dual)
