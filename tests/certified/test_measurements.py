"""A A* is inverted, whatever its form, and measurements by orthonormal matrices are the same."""

import numpy as np
import pytest

from equipoise.certified.measurements import Measurements
from equipoise.problems import DenseOperator, Entries

RANDOM = np.random.default_rng(0)
ROWS, COLUMNS = np.array([0, 1, 2, 3, 0, 1]), np.array([0, 0, 2, 1, 3, 2])
OPERATORS = {
    "dense": DenseOperator(RANDOM.standard_normal((5, 4, 6))),
    "entries": Entries(ROWS, COLUMNS, (4, 6)),
    "symmetric entries": Entries(ROWS, COLUMNS, (4, 4), symmetric=True),
}


@pytest.fixture(params=OPERATORS)
def measurements(request):
    return Measurements(OPERATORS[request.param])


def test_the_gram_matrix_is_inverted(measurements):
    dual = RANDOM.standard_normal(measurements.count)
    np.testing.assert_allclose(measurements.solve(measurements.apply(measurements.adjoint(dual))), dual)


def test_it_is_kept_as_a_diagonal_where_it_is_one(measurements):
    assert measurements.orthogonal == isinstance(measurements.operator, Entries)


def test_measurements_by_an_orthonormal_basis(measurements):
    basis, triangle = measurements.orthonormal()
    rows = basis.operator.formed().reshape(basis.count, -1)
    np.testing.assert_allclose(rows @ rows.T, np.eye(basis.count), atol=1e-14)
    dual = RANDOM.standard_normal(measurements.count)
    np.testing.assert_allclose(basis.adjoint(triangle @ dual), measurements.adjoint(dual), atol=1e-14)
