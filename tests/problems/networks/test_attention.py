"""Attention as a layer: against its formula in NumPy, its symmetries, its laws, and its place in a network."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import equipoise as eq
from equipoise.problems.networks import Attention, Convolution, Dense, Skip

pytestmark = pytest.mark.usefixtures("double")

POINTS, FEATURES, POSITIONS = 3, 4, 5
_G = np.random.default_rng(2)
INPUTS = _G.standard_normal((POINTS, FEATURES, POSITIONS))
LAYERS = {
    "one head": Attention(),
    "two heads": Attention(heads=2),
    "wide": Attention(heads=3, width=2),
    "causal": Attention(heads=2, causal=True),
    "linear": Attention(heads=2, is_linear=True),
    "linear and causal": Attention(causal=True, is_linear=True),
}


@pytest.fixture(params=LAYERS)
def layer(request):
    return LAYERS[request.param]


def _parameters(layer):
    generator = np.random.default_rng(3)
    return tuple(generator.standard_normal(shape) for shape in layer.shapes((FEATURES, POSITIONS)))


def _by_loops(layer, parameters, point):
    """The outputs at one point, position by position and head by head."""
    queries, keys, values, out = parameters
    found = np.zeros((FEATURES, POSITIONS))
    for head in range(layer.heads):
        width = queries.shape[1]
        for t in range(POSITIONS):
            seen = range(t + 1) if layer.causal else range(POSITIONS)
            scores = np.array([point[:, s] @ keys[head].T @ queries[head] @ point[:, t] for s in seen]) / np.sqrt(width)
            weights = scores / POSITIONS if layer.is_linear else np.exp(scores) / np.exp(scores).sum()
            mean = sum(weight * values[head] @ point[:, s] for weight, s in zip(weights, seen, strict=True))
            found[:, t] += out[:, head] @ mean
    return found


def test_the_formula(layer):
    parameters = _parameters(layer)
    found = layer.apply(parameters, INPUTS)
    assert found.shape == (POINTS, *layer.output_shape((FEATURES, POSITIONS)))
    for point, outputs in zip(INPUTS, found, strict=True):
        np.testing.assert_allclose(outputs, _by_loops(layer, parameters, point), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", ["two heads", "linear"])
def test_positions_have_no_order_unless_it_is_causal(name):
    order = _G.permutation(POSITIONS)
    for layer, equal in ((LAYERS[name], True), (LAYERS["causal"], False)):
        parameters = _parameters(layer)
        permuted = layer.apply(parameters, INPUTS[:, :, order])
        same = np.allclose(permuted, np.asarray(layer.apply(parameters, INPUTS))[:, :, order])
        assert same == equal


@pytest.mark.parametrize("name", ["two heads", "linear"])
def test_what_gradient_flow_keeps_within_it(name):
    """Q_hQ_hᵀ − K_hK_hᵀ and V_hV_hᵀ − O_hᵀO_h, for any loss of a network."""
    layer = LAYERS[name]
    problem = eq.problems.network(
        inputs=INPUTS, targets=_G.standard_normal((POINTS, 2)), layers=[layer, Dense(2)], activation="tanh"
    )
    generator = np.random.default_rng(5)
    theta = tuple(jnp.asarray(generator.standard_normal(shape)) for shape in problem.shapes)

    def kept(theta):
        queries, keys, values, out = theta[:4]
        gram = "hwf,hvf->hwv"
        inner = jnp.einsum(gram, queries, queries) - jnp.einsum(gram, keys, keys)
        return inner, jnp.einsum(gram, values, values) - jnp.einsum("fhw,fhv->hwv", out, out)

    @jax.jit
    def rates_of(theta):
        gradient = problem.gradient(theta)
        return jax.jvp(kept, (theta,), (gradient,))[1], gradient

    rates, gradient = rates_of(theta)
    for rate in rates:
        np.testing.assert_allclose(rate, 0, atol=1e-12)
    assert max(float(jnp.max(jnp.abs(g))) for g in gradient) > 1e-3


@pytest.mark.parametrize(("layer", "laws"), [(Attention(), 6), (Attention(is_linear=True), 7)])
def test_the_laws_are_all_there_are(layer, laws):
    """The entries of two symmetric 2 x 2 matrices, and without the softmax one more, found by a search for any."""
    points = np.random.default_rng(0).standard_normal((3, 2, 4))
    problem = eq.problems.network(inputs=points, targets=points, layers=[layer])
    found = eq.theory.conservation_laws(problem)
    assert (found.dimension, found.independent) == (laws, laws)


@pytest.fixture(scope="module")
def transformer():
    layers = [Skip(Attention(heads=2)), Convolution(FEATURES, 1), Dense(1)]
    settings = {"layers": layers, "activation": ["linear", "relu"]}
    return eq.problems.network(inputs=INPUTS, targets=np.ones((POINTS, 1)), **settings)


def test_a_network_with_attention_runs_and_learns(transformer):
    record = eq.Record(every=200, observables=("loss", "squared_norms"))
    method = eq.dynamics.GradientDescent(0.02)
    run = eq.simulate(transformer, method, eq.initial.Gaussian(0.3), seed=0, steps=200, record=record)
    losses = run.dataset["loss"].values[0]
    assert losses[-1] < 0.1 * losses[0]
    squares = run.dataset["squared_norms"].values[0, -1]
    assert squares[0] == pytest.approx(sum(np.sum(w[0] ** 2) for w in run.theta[:4]))


def test_the_laws_between_layers_are_refused(transformer):
    theta = tuple(np.ones(shape) for shape in transformer.shapes)
    with pytest.raises(eq.InputError, match=r"^Layer 1 \(Skip\) has a skip connection"):
        eq.evaluate(transformer, theta, "norm_differences")
    bare = eq.problems.network(inputs=INPUTS, targets=np.ones((POINTS, 1)), layers=[Attention(), Dense(1)])
    with pytest.raises(eq.InputError, match=r"^Layer 1 \(Attention\) multiplies its input with itself"):
        eq.evaluate(bare, tuple(np.ones(shape) for shape in bare.shapes), "norm_differences")


def test_what_does_not_fit():
    with pytest.raises(eq.InputError, match=r"its 3 heads do not divide the 4 features of its input; give width=\.$"):
        eq.problems.network(inputs=INPUTS, targets=np.ones((POINTS, 20)), layers=[Attention(3)])
    with pytest.raises(eq.InputError, match=r"it needs an input of shape \(features, positions\)"):
        eq.problems.network(inputs=np.ones((2, 3)), targets=np.ones((2, 3)), layers=[Attention()])
    with pytest.raises(eq.InputError, match=r"^The number of heads is 0"):
        Attention(0)
    with pytest.raises(eq.InputError, match=r"^The width of a head is 0"):
        Attention(1, 0)
