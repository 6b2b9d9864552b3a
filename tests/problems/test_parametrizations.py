"""Every parametrization under every measurement: gradients, products, points and curvature."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import equipoise as eq
from equipoise.problems import (
    Asymmetric,
    CanonicalPolyadic,
    DeepLinear,
    Dense,
    DenseOperator,
    Direct,
    Entries,
    Factored,
    Full,
    FunctionOperator,
    Hadamard,
    LinearMap,
    LowRank,
    PowerDifference,
    RankOneOperator,
    Sparse,
    SparseOperator,
    Symmetric,
)

pytestmark = pytest.mark.usefixtures("double")

N, M = 4, 6
_G = np.random.default_rng(1)
_A = _G.standard_normal((M, N, N))
_I, _J, _K = (
    np.array(index, np.int32) for index in ([0, 1, 1, 2, 3, 4, 5], [0, 1, 3, 2, 0, 3, 1], [2, 1, 0, 2, 3, 3, 2])
)
_Y = _G.standard_normal(M)
_W = _G.standard_normal((N, N))
MEASUREMENTS = {
    "full-dense": Full(Dense(_W), 0.7),
    "full-factors": Full(LowRank(_W[:, :2], _W[:, 2:])),
    "full-sparse": Full(Sparse(np.ones(3), _J[:3], _K[:3], (N, N))),
    "array": LinearMap(DenseOperator(_A), _Y),
    "spread": LinearMap(SparseOperator(_G.standard_normal(7), _I, _J, _K, (N, N), M), _Y, 0.25),
    "pairs": LinearMap(RankOneOperator(_G.standard_normal((M, N)), _G.standard_normal((M, N))), _Y),
    "functions": LinearMap(FunctionOperator(lambda w: w.sum(axis=0), lambda z: jnp.tile(z, (N, 1)), (N, N), N), _Y[:N]),
    "entries-formed": LinearMap(Entries(_J[:M], _K[:M], (N, N), True), _Y),
    "entries-gathered": LinearMap(Entries(_J[:M], _K[:M], (N, N), False), _Y),
}
PARAMETRIZATIONS = {
    "direct": Direct((N, N)),
    "symmetric": Symmetric(N, 2),
    "symmetric-wide": Symmetric(N, 6),
    "asymmetric": Asymmetric((N, N), 2),
    "asymmetric-wide": Asymmetric((N, N), 7),
    "deep-2": DeepLinear((N, 3, N)),
    "deep-3": DeepLinear((N, 2, 3, N)),
    "deep-4": DeepLinear((N, 5, 2, 6, N)),
    "hadamard-2": Hadamard((N, N)),
    "hadamard-4": Hadamard((N, N), 4),
    "powers-2": PowerDifference((N, N)),
    "powers-3": PowerDifference((N, N), 3),
    "tensor-3": CanonicalPolyadic((N, 2, 2), 3),
    "tensor-2": CanonicalPolyadic((N, N), 3),
}
ENTRYWISE = (Hadamard, PowerDifference)


@pytest.fixture(params=PARAMETRIZATIONS)
def parametrization(request):
    return PARAMETRIZATIONS[request.param]


def _theta(parametrization, seed=0):
    generator = np.random.default_rng(seed)
    return tuple(jnp.asarray(generator.standard_normal(shape)) for shape in parametrization.shapes)


def _dense_product(parametrization, theta):
    if isinstance(parametrization, Direct):
        return theta[0]
    if isinstance(parametrization, Symmetric):
        return theta[0] @ theta[0].T
    if isinstance(parametrization, Asymmetric):
        return theta[0] @ theta[1].T
    if isinstance(parametrization, Hadamard):
        return np.prod(np.stack(theta), axis=0)
    if isinstance(parametrization, PowerDifference):
        return theta[0] ** parametrization.depth - theta[1] ** parametrization.depth
    if isinstance(parametrization, CanonicalPolyadic):
        outer = "ar,br,cr->abc" if len(theta) == 3 else "ar,br->ab"
        return np.einsum(outer, *theta).reshape(N, N)
    product = theta[0]
    for w in theta[1:]:
        product = w @ product
    return product


def test_products_and_factors(parametrization):
    theta = _theta(parametrization)
    wanted = _dense_product(parametrization, theta)
    left, right = parametrization.factors(theta)
    np.testing.assert_allclose(parametrization.product(theta).dense(), wanted, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(left @ right.T, wanted, rtol=1e-12, atol=1e-13)
    assert np.linalg.matrix_rank(wanted) == parametrization.rank


@pytest.mark.parametrize("measurement", MEASUREMENTS)
def test_gradients_are_those_of_the_loss(parametrization, measurement):
    problem = Factored(MEASUREMENTS[measurement], parametrization)
    theta = _theta(parametrization)
    for found, wanted in zip(problem.gradient(theta), jax.grad(problem.loss)(theta), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=1e-10 * np.max(np.abs(wanted)))


@pytest.mark.parametrize("measurement", MEASUREMENTS)
def test_the_loss_is_the_squared_norm_of_the_residual(parametrization, measurement):
    problem = Factored(MEASUREMENTS[measurement], parametrization)
    theta = _theta(parametrization)
    residual = np.asarray(problem.residual(theta))
    assert float(problem.loss(theta)) == pytest.approx(residual @ residual, rel=1e-12)


def _target(rank, symmetric):
    left = np.random.default_rng(5).standard_normal((N, rank))
    return left @ (left.T if symmetric else np.random.default_rng(6).standard_normal((rank, N)))


def test_the_degree_is_that_of_the_matrix(parametrization):
    theta = _theta(parametrization)
    scaled = _dense_product(parametrization, tuple(1.5 * w for w in theta))
    np.testing.assert_allclose(scaled, 1.5**parametrization.degree * _dense_product(parametrization, theta), rtol=1e-12)


def test_entries_by_themselves(parametrization):
    """Where each entry has parameters of its own, another entry of θ moves no other entry of W."""
    theta = _theta(parametrization)
    moved = tuple(w.at[0, 0].add(1.0) for w in theta)
    changed = _dense_product(parametrization, moved) != _dense_product(parametrization, theta)
    alone = np.zeros((N, N), bool)
    alone[0, 0] = True
    assert np.array_equal(changed, alone) == parametrization.is_entrywise


def test_points_stand_for_their_matrix_and_are_balanced(parametrization):
    if isinstance(parametrization, CanonicalPolyadic):
        pytest.skip("which has no such point")
    target = _target(2, isinstance(parametrization, Symmetric))
    theta = Factored(Full(Dense(target)), parametrization).point(target)
    assert tuple(w.shape for w in theta) == parametrization.shapes
    np.testing.assert_allclose(_dense_product(parametrization, theta), target, atol=1e-12)
    if isinstance(parametrization, Asymmetric):
        np.testing.assert_allclose(theta[0].T @ theta[0], theta[1].T @ theta[1], atol=1e-12)
    if isinstance(parametrization, DeepLinear):
        for before, after in itertools.pairwise(theta):
            np.testing.assert_allclose(before @ before.T, after.T @ after, atol=1e-12)
    if isinstance(parametrization, Hadamard):
        for before, after in itertools.pairwise(theta):
            np.testing.assert_allclose(np.abs(before), np.abs(after), rtol=1e-14)


def test_a_tensor_has_no_point():
    with pytest.raises(eq.InputError, match=r"^The best tensor of CP form follows from no decomposition"):
        PARAMETRIZATIONS["tensor-3"].point(_W)


@pytest.mark.parametrize("kind", ENTRYWISE)
def test_depths_out_of_range(kind):
    with pytest.raises(eq.InputError, match=r"^The depth of a .* is 1"):
        kind((3, 1), 1)


@pytest.mark.parametrize(("sizes", "width"), [((3,), 1), ((3, 0), 1), ((3, 2, 2), 0)])
def test_tensors_out_of_range(sizes, width):
    with pytest.raises(eq.InputError, match=r"^The sizes are .* give at least two sizes, and numbers of 1 or greater"):
        CanonicalPolyadic(sizes, width)


def test_a_tensor_and_the_norms_of_its_components():
    parametrization = CanonicalPolyadic((2, 3, 4), 2)
    theta = _theta(parametrization)
    wanted = np.einsum("ar,br,cr->abcr", *theta)
    np.testing.assert_allclose(parametrization.tensor(theta), wanted.sum(axis=-1), rtol=1e-12, atol=1e-14)
    norms = np.sqrt((wanted**2).sum(axis=(0, 1, 2)))
    np.testing.assert_allclose(parametrization.component_norms(theta), norms, rtol=1e-12)


@pytest.mark.parametrize("name", ["hadamard-2", "hadamard-4", "powers-2", "powers-3", "tensor-3"])
def test_what_gradient_flow_keeps(name):
    """Its rate of change along −∇loss, by entry or by component: the laws that the docstrings state."""
    parametrization = PARAMETRIZATIONS[name]
    problem = Factored(MEASUREMENTS["array"], parametrization)
    theta = tuple(jnp.abs(w) + 0.1 for w in _theta(parametrization))

    def kept(theta):
        if isinstance(parametrization, Hadamard):
            return theta[0] ** 2 - theta[-1] ** 2
        if isinstance(parametrization, CanonicalPolyadic):
            return jnp.sum(theta[0] ** 2, axis=0) - jnp.sum(theta[-1] ** 2, axis=0)
        depth = parametrization.depth
        return theta[0] * theta[1] if depth == 2 else theta[0] ** (2 - depth) + theta[1] ** (2 - depth)

    gradient = problem.gradient(theta)
    _, rate = jax.jvp(kept, (theta,), (gradient,))
    np.testing.assert_allclose(rate, 0, atol=1e-11 * max(float(jnp.max(jnp.abs(g))) for g in gradient))


def test_points_of_a_greater_rank_are_the_best_approximation():
    left, values, right = np.linalg.svd(_W)
    best = left[:, :2] * values[:2] @ right[:2]
    for parametrization in (Asymmetric((N, N), 2), DeepLinear((N, 2, 3, N))):
        theta = parametrization.point(_W)
        np.testing.assert_allclose(_dense_product(parametrization, theta), best, atol=1e-12)
    (u,) = Symmetric(N, 4).point(-np.eye(N))
    np.testing.assert_array_equal(u, 0)


def test_points_of_another_shape():
    said = r"^The matrix has shape \(4, 3\), but the problem needs a matrix of shape \(4, 4\)\.$"
    with pytest.raises(eq.InputError, match=said):
        Factored(Full(Dense(_W)), Direct((N, N))).point(np.ones((4, 3)))


@pytest.mark.parametrize("widths", [(), (3,), (3, 2), (3, 0, 2)])
def test_widths_out_of_range(widths):
    with pytest.raises(eq.InputError, match=r"^widths is .*; give at least three numbers, each 1 or greater"):
        DeepLinear(widths)


@pytest.mark.parametrize(
    ("shape", "width"),
    [((4, 3), 1), ((4, 3), 3), ((4, 3), 4), ((4, 3), 5), ((3, 4), 3), ((3, 4), 8), ((3, 3), 2), ((3, 3), 3)],
)
def test_curvature_of_factors_of_any_width(shape, width):
    """Against the eigenvalues of the dense Hessian at a point of zero residual, those that are not 0."""
    theta = tuple(np.random.default_rng([width, d]).standard_normal((d, width)) for d in shape)
    problem = Factored(Full(Dense(theta[0] @ theta[1].T)), Asymmetric(shape, width))
    values = np.linalg.eigvalsh(np.asarray(eq.observables.dense_hessian(problem, theta)))
    values = values[values > 1e-9 * values[-1]]
    trace, largest, smallest = problem.curvature(theta)
    np.testing.assert_allclose([trace, largest, smallest], [values.sum(), values[-1], values[0]], rtol=1e-8)


@pytest.mark.parametrize("depth", [2, 3])
def test_curvature_of_products_by_entry(depth):
    """Against the dense Hessian: its trace anywhere, and its eigenvalues where the residual is 0."""
    parametrization = Hadamard((3, 2), depth)
    theta = _theta(parametrization)
    reached = Factored(Full(Dense(np.prod(np.stack(theta), axis=0))), parametrization)
    elsewhere = Factored(Full(Dense(np.ones((3, 2)))), parametrization)
    values = np.linalg.eigvalsh(np.asarray(eq.observables.dense_hessian(reached, theta)))
    values = values[values > 1e-9 * values[-1]]
    trace, largest, smallest = reached.curvature(theta)
    np.testing.assert_allclose([trace, largest, smallest], [values.sum(), values[-1], values[0]], rtol=1e-8)
    hessian = np.asarray(eq.observables.dense_hessian(elsewhere, theta))
    np.testing.assert_allclose(elsewhere.curvature(theta).trace, np.trace(hessian), rtol=1e-12)


def test_curvature_of_the_matrix_itself():
    problem = Factored(Full(Dense(_W), 0.7), Direct((N, N)))
    np.testing.assert_allclose(eq.observables.dense_hessian(problem, (_W,)), 1.4 * np.eye(N * N), atol=1e-13)
    assert [float(c) for c in problem.curvature((_W,))] == pytest.approx([1.4 * N * N, 1.4, 1.4])


@pytest.mark.parametrize("name", ["symmetric", "deep-3", "powers-2", "tensor-3"])
def test_no_curvature_is_claimed(name):
    parametrization = PARAMETRIZATIONS[name]
    assert Factored(MEASUREMENTS["full-dense"], parametrization).curvature(_theta(parametrization)) is None
    assert Factored(MEASUREMENTS["array"], parametrization).curvature(_theta(parametrization)) is None


def test_columns_of_zeros_stay():
    problem = Factored(MEASUREMENTS["array"], Symmetric(N, 6))
    u = np.concatenate([np.random.default_rng(0).standard_normal((N, 2)), np.zeros((N, 4))], axis=1)
    np.testing.assert_array_equal(np.asarray(problem.gradient((u,))[0])[:, 2:], 0)
