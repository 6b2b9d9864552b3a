"""Conservation laws: known ones are found, in the right number, and none where there is none."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import equipoise as eq
from equipoise.problems import Dense, Factored, Full, Symmetric
from equipoise.problems import networks as nets

GENERATOR = np.random.default_rng(0)
INPUTS, TARGETS = GENERATOR.standard_normal((6, 3)), GENERATOR.standard_normal((6, 2))


def _net(widths=(3, 3, 2), **options):
    return eq.problems.network(widths, INPUTS, TARGETS, **options)


@functools.cache
def _relu():
    return _find(_net())


def _find(problem, **options):
    laws = eq.theory.conservation_laws(problem, **options)
    assert laws.is_clear
    assert laws.residual < 1e-13
    if 0 < laws.dimension < laws.singular_values.size:
        assert laws.gap > 1e10
    return laws


def _contains(laws, quadratic):
    """Whether a quadratic function of θ is a law: its Q by polarization, from its values at e_i and e_i + e_j."""
    sizes = [int(np.prod(shape)) for shape in laws.shapes]

    def at(flat):
        arrays = np.split(flat, np.cumsum(sizes)[:-1])
        return float(quadratic(tuple(w.reshape(shape) for w, shape in zip(arrays, laws.shapes, strict=True))))

    unit = np.eye(sum(sizes))
    squares = np.array([at(e) for e in unit])
    sums = np.array([[at(e + f) for f in unit] for e in unit])
    return laws.contain((sums - squares[:, None] - squares) / 2)


# widths, options, laws expected: for each hidden layer of h neurons h of them (Theorem 2.1), or h(h + 1)/2 (2.2)
COUNTS = [
    ((3, 3, 2), {"activation": "relu"}, 3),
    ((3, 3, 2), {"activation": "leaky_relu"}, 3),
    ((3, 3, 2), {"activation": "relu", "bias": True}, 3),
    # the cross-entropy does not change when a number is added to all outputs: it also keeps the sum of each column of
    # the last layer, and so the 3·4/2 products of these sums
    ((3, 3, 2), {"activation": "relu", "loss": "cross_entropy"}, 3 + 6),
    ((3, 3, 2, 2), {"activation": "relu"}, 5),
    ((3, 3, 2), {"activation": "linear"}, 6),
    ((3, 3, 2), {"activation": "linear", "bias": True}, 6),
    ((3, 2, 3, 2), {"activation": "linear"}, 3 + 6),
    ((3, 2, 3, 2), {"activation": ["linear", "relu"]}, 3 + 3),
    ((3, 3, 2), {"activation": "sigmoid"}, 0),
    ((3, 3, 2), {"activation": "tanh", "bias": True}, 0),
]


@pytest.mark.parametrize(("widths", "options", "expected"), COUNTS, ids=str)
def test_the_number_of_laws_of_a_network(widths, options, expected):
    targets = GENERATOR.integers(0, 2, 6) if options.get("loss") == "cross_entropy" else TARGETS
    assert _find(eq.problems.network(widths, INPUTS, targets, **options)).dimension == expected


def test_each_neuron_has_its_law_and_no_other_quantity_is_one():
    laws = _relu()
    for i in range(3):
        assert _contains(laws, lambda theta, i=i: np.sum(theta[0][i] ** 2) - np.sum(theta[1][:, i] ** 2))
    assert not _contains(laws, lambda theta: np.sum(theta[0][0] ** 2) - np.sum(theta[1][:, 1] ** 2))
    assert not _contains(laws, lambda theta: np.sum(theta[0] ** 2))


def test_the_bias_belongs_to_what_comes_in():
    laws = _find(_net(bias=True))
    for i in range(3):

        def law(theta, sign, i=i):
            weight, bias, following, _ = theta
            return np.sum(weight[i] ** 2) + sign * bias[i] ** 2 - np.sum(following[:, i] ** 2)

        assert _contains(laws, lambda theta, law=law: law(theta, 1))
        assert not _contains(laws, lambda theta, law=law: law(theta, 0))


def test_the_matrix_law_of_linear_layers():
    laws = _find(_net(activation="linear"))
    for i in range(3):
        for j in range(i + 1):
            assert _contains(laws, lambda theta, i=i, j=j: theta[0][i] @ theta[0][j] - theta[1][:, i] @ theta[1][:, j])


def test_a_power_changes_the_ratio():
    laws = _find(_net(activation="squared_relu"))
    assert laws.dimension == 3
    for i in range(3):
        assert _contains(laws, lambda theta, i=i: np.sum(theta[0][i] ** 2) - 2 * np.sum(theta[1][:, i] ** 2))


def test_shared_weights_keep_a_law_for_the_layers():
    # Theorem 2.3: random maps of 3 inputs to 4 neurons by 5 numbers, and on to 2 outputs by 4
    maps = [GENERATOR.integers(-1, 5, (4, 3)), GENERATOR.integers(-1, 4, (2, 4))]
    layers = [nets.Shared(given) for given in maps]
    laws = _find(eq.problems.network(inputs=INPUTS, targets=TARGETS, layers=layers, activation="relu"))
    assert _contains(laws, lambda theta: np.sum(theta[0] ** 2) - np.sum(theta[1] ** 2))


def test_a_convolution_has_a_law_for_each_channel():
    inputs = GENERATOR.standard_normal((5, 2, 4))
    layers = [nets.Convolution(3, 2), nets.Dense(2)]
    problem = eq.problems.network(inputs=inputs, targets=GENERATOR.standard_normal((5, 2)), layers=layers)
    laws = _find(problem)
    assert laws.dimension == 3


def test_a_skip_connection_breaks_the_laws_on_both_its_sides_and_keeps_their_sum():
    layers = [nets.Dense(3), nets.Skip(nets.Dense(3)), nets.Dense(2)]
    laws = _find(eq.problems.network(inputs=INPUTS, targets=TARGETS, layers=layers))
    assert laws.dimension == 3
    for i in range(3):

        def before(theta, i=i):
            return np.sum(theta[0][i] ** 2) - np.sum(theta[1][:, i] ** 2)

        def after(theta, i=i):
            return np.sum(theta[1][i] ** 2) - np.sum(theta[2][:, i] ** 2)

        assert not _contains(laws, before)
        assert not _contains(laws, after)
        assert _contains(laws, lambda theta, one=before, other=after: one(theta) + other(theta))


def test_factorizations_have_the_laws_of_linear_networks():
    matrix = GENERATOR.standard_normal((4, 3))
    assert _find(eq.problems.factorization(matrix, rank=2)).dimension == 3
    deep = Factored(Full(Dense(matrix[:3])), eq.problems.DeepLinear((3, 2, 4, 3)))
    assert _find(deep).dimension == 3 + 10
    assert _find(Factored(Full(Dense(matrix[:3])), Symmetric(3, 2))).dimension == 0


@pytest.mark.parametrize(
    ("widths", "forms", "independent"), [((1, 3, 1), 9, 5), ((2, 4, 1, 2), 11, 10), ((3, 2, 2), 3, 3)]
)
def test_forms_that_depend_on_others_are_told_apart(widths, forms, independent):
    laws = _find(eq.problems.planted_network(widths, points=6, seed=0, activation="linear"))
    assert (laws.dimension, laws.independent) == (forms, independent)
    assert (f"{independent} of them independent" in laws.status) == (independent < forms)


def test_the_squares_of_each_neuron_are_independent():
    laws = _find(_net(), form="diagonal")
    assert (laws.dimension, laws.independent) == (3, 3)


def test_no_laws_are_no_independent_laws():
    assert _find(_net(activation="sigmoid")).independent == 0


def test_independent_laws_cut_the_dimension_of_what_a_flow_can_reach():
    """All of 40 gradients at one θ, of fresh data, span what the laws leave free: the laws are all there are."""
    laws = _find(eq.problems.planted_network((1, 3, 1), points=6, seed=0, activation="linear"))
    theta = GENERATOR.standard_normal(6)
    derivatives = laws.basis @ theta
    directions = np.concatenate([theta[3:], theta[:3]])  # the gradient of (w₂ᵀw₁x − y)² is a multiple of (w₂, w₁)
    np.testing.assert_allclose(derivatives @ directions, 0, atol=1e-12)
    assert np.linalg.matrix_rank(derivatives) == laws.independent == theta.size - 1


def test_measurements_have_their_laws_for_all_data():
    matrices = GENERATOR.standard_normal((3, 4, 4))
    laws = _find(eq.problems.sensing(matrices, np.ones(3), parametrization="asymmetric", width=2))
    assert laws.dimension == 3


def test_symmetric_measurements_keep_the_antisymmetric_part_of_the_factors_product_too():
    # Ẋ = −GY and Ẏ = −GX with G symmetric, so that XᵀY − YᵀX stays
    matrices = eq.problems.gaussian_measurements(4, 3, seed=0)
    laws = _find(eq.problems.sensing(matrices, np.ones(len(matrices)), parametrization="asymmetric", width=2))
    assert laws.dimension == 3 + 1
    assert _contains(laws, lambda theta: theta[0][:, 0] @ theta[1][:, 1] - theta[0][:, 1] @ theta[1][:, 0])


def test_a_loss_of_ones_own():
    def rotating(theta):
        (z,) = theta
        return (z[0] ** 2 + z[1] ** 2 - 1) ** 2 + z[2] ** 3

    def product(theta, data):
        a, b, c = theta
        return jnp.sum((a * b * c - data) ** 2)

    assert _find(eq.problems.custom(rotating, [(3,)])).dimension == 0
    problem = eq.problems.custom(product, [(2,)] * 3, redraw=lambda key: jax.random.normal(key, (2,)))
    laws = _find(problem)  # for each entry a² − b² and b² − c²
    assert laws.dimension == 4
    assert sorted(laws.describe())[0].count("²") == 2


def test_what_is_kept_for_one_datum_alone_is_not_kept_for_all():
    def distance(theta, data):
        return jnp.sum((theta[0] - data) ** 2) * jnp.sum(theta[0] * data)

    alone = eq.problems.custom(lambda theta: theta[0][0] ** 2 * theta[0][1] ** 2, [(2,)])
    assert _find(alone).dimension == 1
    every = eq.problems.custom(distance, [(2,)], redraw=lambda key: jax.random.normal(key, (2,)))
    assert _find(every).dimension == 0


def test_the_laws_are_kept_along_a_path():
    problem = _net(activation="linear")
    laws = _find(problem)
    run = eq.simulate(
        problem, eq.dynamics.GradientFlow(0.5, 1e-10, 1e-12), eq.initial.Gaussian(std=0.7), seed=2, steps=4
    )
    start = eq.simulate(problem, eq.dynamics.GradientFlow(0.5), eq.initial.Gaussian(std=0.7), seed=2, steps=0)
    before, after = (laws.values(tuple(w[0] for w in r.theta)) for r in (start, run))
    assert np.max(np.abs(before)) > 0.1
    np.testing.assert_allclose(after, before, atol=1e-8)
    assert float(np.sum((run.theta[0] - start.theta[0]) ** 2)) > 0.01  # it went somewhere


def test_sums_of_squares_of_a_larger_network():
    problem = eq.problems.network((3, 12, 8, 2), INPUTS, TARGETS)
    laws = _find(problem, form="diagonal")
    assert laws.dimension == 20
    assert all("² " in line for line in laws.describe())
    assert laws.values(tuple(np.ones(shape) for shape in problem.shapes)).shape == (20,)


def test_single_precision_decides_as_surely():
    problem = eq.problems.network((3, 3, 2), INPUTS, TARGETS, dtype=np.float32)
    laws = eq.theory.conservation_laws(problem)
    assert laws.is_clear
    assert laws.dimension == 3
    assert laws.gap > 1e4


def test_the_sparse_basis_spans_the_same_and_reads_neuron_by_neuron():
    laws = _find(_net((3, 3, 2, 2)))
    assert len(laws.describe()) == 5
    assert "W1[1,0]² + W1[1,1]² + W1[1,2]² − W2[0,1]² − W2[1,1]²" in laws.describe()
    assert "W2[1,0]² + W2[1,1]² + W2[1,2]² − W3[0,1]² − W3[1,1]²" in laws.describe()
    assert all(laws.contain(matrix) for matrix in laws.sparse_basis())
    assert np.linalg.matrix_rank(laws.sparse_basis().reshape(5, -1)) == 5
    assert "… (5 terms)" in laws.describe(terms=2)[0]


def test_the_spectrum_says_how_sure_it_is():
    laws = _relu()
    assert laws.status.startswith("3 quadratic laws: the smallest non-zero singular value is ")
    unsure = eq.theory.conservation_laws(_net(activation="sigmoid"), tolerance=1e-3)
    assert not unsure.is_clear
    assert unsure.status.endswith("this is too close to be sure")
    assert eq.theory.conservation_laws(_net(activation="sigmoid"), tolerance=0.5).dimension > 0


def test_dead_parameters_count_as_kept():
    laws = _find(eq.problems.custom(lambda theta: theta[0][0] ** 3, [(2,)]))
    assert laws.dimension == 1
    assert laws.describe() == ["W1[1]²"]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: eq.theory.conservation_laws(_net((3, 40, 2))), "200 parameters give 20100 quadratic terms"),
        (lambda: eq.theory.conservation_laws(_net(), form="squares"), "'full' or 'diagonal'"),
        (lambda: eq.theory.conservation_laws(_net(), std=0.0), "std is 0.0"),
        (lambda: eq.theory.conservation_laws(_net(), tolerance=-1.0), "tolerance is -1.0"),
        (
            lambda: eq.theory.conservation_laws(eq.problems.custom(lambda theta: 0.0 * theta[0][0], [(2,)])),
            "gradient is zero at all but 0 of 512 random points",
        ),
        (lambda: _relu().values((np.ones(3),)), "theta has shapes"),
        (lambda: _relu().contain(np.ones((2, 2))), "symmetric matrix of size 15 x 15"),
    ],
)
def test_what_cannot_be_done_is_said(call, words):
    with pytest.raises(eq.InputError, match=words):
        call()


def test_no_law_has_no_formula():
    """A network with tanh has none; its description is empty, and no error."""
    problem = eq.problems.network(
        layers=[eq.problems.networks.Dense(2), eq.problems.networks.Dense(1)],
        inputs=np.random.default_rng(0).standard_normal((6, 2)),
        targets=np.zeros((6, 1)),
        activation="tanh",
    )
    laws = eq.theory.conservation_laws(problem)
    assert laws.dimension == 0
    assert laws.describe() == []
    assert laws.sparse_basis().shape == (0, 6, 6)
