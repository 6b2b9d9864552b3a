"""Linear maps: the adjoint is the adjoint, and every form of one map is the same map."""

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.sparse

from equipoise.problems import (
    Dense,
    DenseOperator,
    Entries,
    FunctionOperator,
    LowRank,
    RankOneOperator,
    SparseOperator,
    sensing,
)

pytestmark = pytest.mark.usefixtures("double")

ROWS, COLUMNS = np.array([0, 3, 1, 3, 2], np.int32), np.array([2, 0, 1, 2, 2], np.int32)
_GENERATOR = np.random.default_rng(0)
_LEFT, _RIGHT = _GENERATOR.standard_normal((5, 4)), _GENERATOR.standard_normal((5, 3))
_SPREAD = np.where(_GENERATOR.random((5, 4, 3)) < 0.3, _GENERATOR.standard_normal((5, 4, 3)), 0.0)
_UNITS = np.zeros((5, 4, 3))
_UNITS[np.arange(5), ROWS, COLUMNS] = 1.0


def _functions(matrices):
    return FunctionOperator(
        lambda w: jnp.einsum("mij,ij->m", matrices, w), lambda z: jnp.einsum("m,mij->ij", z, matrices), (4, 3), 5
    )


def _dense(matrices):
    return DenseOperator(matrices)


def _sparse(matrices):
    i, j, k = (index.astype(np.int32) for index in np.nonzero(matrices))
    return SparseOperator(matrices[i, j, k], i, j, k, (4, 3), 5)


# operator, and its A_i
OPERATORS = {
    **{
        f"{form.__name__}-{name}": (form(matrices), matrices)
        for form in (_dense, _sparse, _functions)
        for name, matrices in {"spread": _SPREAD, "units": _UNITS}.items()
    },
    "pairs": (RankOneOperator(_LEFT, _RIGHT), np.einsum("mi,mj->mij", _LEFT, _RIGHT)),
    "pairs-units": (RankOneOperator(np.eye(4)[ROWS], np.eye(3)[COLUMNS]), _UNITS),
    "entries-formed": (Entries(ROWS, COLUMNS, (4, 3), True), _UNITS),
    "entries-gathered": (Entries(ROWS, COLUMNS, (4, 3), False), _UNITS),
    "selected": (_sparse(_SPREAD[::-1]).select(np.arange(5)[::-1]), _SPREAD),
}
PRODUCTS = {
    "factors": lambda seed: LowRank(*(np.random.default_rng([seed, d]).standard_normal((d, 2)) for d in (4, 3))),
    "array": lambda seed: Dense(np.random.default_rng(seed).standard_normal((4, 3))),
}


@pytest.fixture(params=OPERATORS)
def pair(request):
    return OPERATORS[request.param]


@pytest.fixture(params=PRODUCTS)
def product(request):
    return PRODUCTS[request.param]


def test_it_is_the_inner_products_with_its_matrices(pair, product):
    operator, matrices = pair
    assert (operator.shape, operator.count) == ((4, 3), 5)
    w = product(1)
    np.testing.assert_allclose(operator.apply(w), np.einsum("mij,ij->m", matrices, w.dense()), rtol=1e-12, atol=1e-14)


def test_the_adjoint_identity(pair, product):
    operator, matrices = pair
    w, z = product(2), np.random.default_rng(3).standard_normal(5)
    back = operator.adjoint(z)
    np.testing.assert_allclose(back.dense(), np.einsum("m,mij->ij", z, matrices), rtol=1e-12, atol=1e-14)
    assert float(operator.apply(w) @ z) == pytest.approx(float(jnp.sum(w.dense() * back.dense())), rel=1e-12)


def test_what_the_adjoint_gives_can_be_multiplied(pair):
    z = np.random.default_rng(4).standard_normal(5)
    back = pair[0].adjoint(z)
    array = np.asarray(back.dense())
    np.testing.assert_allclose(back.matmul(np.eye(3)[:, :2]), array[:, :2], rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(back.rmatmul(np.eye(4)[:, :2]), array.T[:, :2], rtol=1e-12, atol=1e-14)


def test_it_is_linear(pair):
    operator, _ = pair
    first, second = (PRODUCTS["array"](seed) for seed in (5, 6))
    both = Dense(2.0 * first.entries - 3.0 * second.entries)
    np.testing.assert_allclose(
        operator.apply(both), 2.0 * operator.apply(first) - 3.0 * operator.apply(second), rtol=1e-12, atol=1e-13
    )


@pytest.mark.parametrize("form", ["array", "sparse", "csr", "object", "functions"])
def test_all_forms_of_one_map_make_the_same_problem(form):
    given = {
        "array": _SPREAD,
        "sparse": scipy.sparse.coo_array(_SPREAD.reshape(5, 12)),
        "csr": scipy.sparse.csr_matrix(_SPREAD.reshape(5, 12)),
        "object": _sparse(_SPREAD),
        "functions": _functions(_SPREAD),
    }[form]
    y = np.arange(5.0)
    problem = sensing(given, y, shape=(4, 3), parametrization="asymmetric", width=2)
    theta = tuple(np.random.default_rng(d).standard_normal((d, 2)) for d in (4, 3))
    residual = np.einsum("mij,ij->m", _SPREAD, theta[0] @ theta[1].T) - y
    gradient = 2 * np.einsum("m,mij->ij", residual, _SPREAD)
    assert float(problem.loss(theta)) == pytest.approx(np.sum(residual**2), rel=1e-12)
    for found, wanted in zip(problem.gradient(theta), (gradient @ theta[1], gradient.T @ theta[0]), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-11, atol=1e-12)


def test_entries_given_twice_add_up_as_real_numbers():
    """100 + 100 overflows in the type that they are stored in."""
    given = scipy.sparse.coo_array((np.array([100, 100], np.int8), ([0, 0], [5, 5])), shape=(1, 12))
    operator = sensing(given, [1.0], shape=(4, 3), parametrization="direct").measurement.operator
    assert operator.values.tolist() == [200.0]
    assert (operator.rows.tolist(), operator.columns.tolist()) == ([1], [2])
    assert given.nnz == 2


@pytest.mark.parametrize("name", OPERATORS)
def test_operators_take_the_precision_asked_for(name):
    problem = sensing(OPERATORS[name][0], np.ones(5), parametrization="asymmetric", width=2, dtype=np.float32)
    theta = tuple(np.ones(shape, np.float32) for shape in problem.shapes)
    if not name.startswith("_functions"):  # whose own arrays are theirs
        assert {str(g.dtype) for g in problem.gradient(theta)} == {"float32"}
    assert problem.dtype == np.float32
