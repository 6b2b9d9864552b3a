"""The observables of layers against NumPy, and what they say of problems they are not made for."""

import jax.numpy as jnp
import numpy as np
import pytest

import equipoise as eq
from equipoise.problems import networks

RANDOM = np.random.default_rng(8)
OF_NORMS = ("squared_norms", "norm_ratios", "norm_differences", "neuron_differences")
OF_MATRICES = ("matrix_differences", "matrix_difference_entries", "end_to_end_singular_values")


def _theta(problem, seed=1):
    random = np.random.default_rng(seed)
    return tuple(random.standard_normal(shape) for shape in problem.shapes)


def _network(*layers, shape=(5,), **options):
    return eq.problems.planted_network(None, 3, seed=0, input_shape=shape, layers=layers, **options)


def test_of_a_network_with_biases():
    problem = eq.problems.planted_network((5, 4, 3, 2), 3, seed=0, bias=True)
    w1, b1, w2, b2, w3, b3 = theta = _theta(problem)
    found = eq.evaluate(problem, theta, OF_NORMS)
    squares = [np.sum(w**2) for w in (w1, w2, w3)]
    np.testing.assert_allclose(found["squared_norms"], squares)
    np.testing.assert_allclose(found["norm_ratios"], [squares[0] / squares[1], squares[1] / squares[2]])
    neurons = [
        np.sum(w1**2, axis=1) + b1**2 - np.sum(w2**2, axis=0),
        np.sum(w2**2, axis=1) + b2**2 - np.sum(w3**2, axis=0),
    ]
    np.testing.assert_allclose(found["neuron_differences"], np.concatenate(neurons))
    np.testing.assert_allclose(found["norm_differences"], [part.sum() for part in neurons])
    assert not np.allclose(b3, 0)  # and is in none of them


def test_of_a_linear_network():
    problem = eq.problems.planted_network((5, 4, 3, 2), 3, seed=0, activation="linear", bias=True)
    w1, b1, w2, b2, w3, _ = theta = _theta(problem)
    found = eq.evaluate(problem, theta, OF_MATRICES)
    gaps = [w1 @ w1.T + np.outer(b1, b1) - w2.T @ w2, w2 @ w2.T + np.outer(b2, b2) - w3.T @ w3]
    np.testing.assert_allclose(found["matrix_differences"], [np.linalg.norm(gap) for gap in gaps])
    np.testing.assert_allclose(found["matrix_difference_entries"], np.concatenate([gap.ravel() for gap in gaps]))
    values = np.linalg.svd(w3 @ w2 @ w1, compute_uv=False)
    np.testing.assert_allclose(found["end_to_end_singular_values"], values, rtol=1e-10)


def test_of_two_layers_without_an_activation_between_them():
    problem = _network(networks.Dense(4), networks.Dense(3), networks.Dense(2), activation=("relu", "linear"))
    _, w2, w3 = theta = _theta(problem)
    found = eq.evaluate(problem, theta, OF_MATRICES[:2])
    np.testing.assert_allclose(found["matrix_differences"], [np.linalg.norm(w2 @ w2.T - w3.T @ w3)])
    assert found["matrix_difference_entries"].shape == (9,)


def test_of_channels():
    layers = networks.Convolution(3, 2), networks.Convolution(2, 3), networks.Dense(4)
    problem = _network(*layers, shape=(2, 6), activation="linear")
    v1, v2, w = theta = _theta(problem)
    found = eq.evaluate(problem, theta, (*OF_NORMS, "matrix_differences"))
    np.testing.assert_allclose(found["squared_norms"], [np.sum(v**2) for v in theta])
    w = w.reshape(4, 2, 3)  # outputs, channels, places
    neurons = [
        np.sum(v1**2, axis=(1, 2)) - np.sum(v2**2, axis=(0, 2)),
        np.sum(v2**2, axis=(1, 2)) - np.sum(w**2, axis=(0, 2)),
    ]
    np.testing.assert_allclose(found["neuron_differences"], np.concatenate(neurons))
    gap = np.einsum("aik,bik->ab", v2, v2) - np.einsum("oap,obp->ab", w, w)
    np.testing.assert_allclose(found["matrix_differences"][1], np.linalg.norm(gap))


def test_of_the_squared_relu():
    problem = eq.problems.planted_network((5, 4, 2), 3, seed=0, activation="squared_relu")
    w1, w2 = theta = _theta(problem)
    found = eq.evaluate(problem, theta, OF_NORMS)
    np.testing.assert_allclose(found["norm_differences"], [np.sum(w1**2) - 2 * np.sum(w2**2)])
    np.testing.assert_allclose(found["neuron_differences"], np.sum(w1**2, axis=1) - 2 * np.sum(w2**2, axis=0))


def test_of_shared_weights():
    problem = _network(networks.Shared(RANDOM.integers(-1, 3, (4, 5))), networks.Dense(2), bias=True)
    v, b, w, _ = theta = _theta(problem)
    found = eq.evaluate(problem, theta, ("squared_norms", "norm_differences"))
    np.testing.assert_allclose(found["squared_norms"], [np.sum(v**2), np.sum(w**2)])
    np.testing.assert_allclose(found["norm_differences"], [np.sum(v**2) + np.sum(b**2) - np.sum(w**2)])


def test_of_factorizations():
    problem = eq.problems.planted((4, 3), 2, seed=0)
    x, y = theta = _theta(problem)
    found = eq.evaluate(problem, theta, (*OF_NORMS, *OF_MATRICES, "matrix_gap", "singular_values"))
    np.testing.assert_allclose(found["squared_norms"], [np.sum(x**2), np.sum(y**2)])
    np.testing.assert_allclose(found["neuron_differences"], np.sum(x**2, axis=0) - np.sum(y**2, axis=0))
    np.testing.assert_allclose(found["matrix_differences"], [found["matrix_gap"]])
    np.testing.assert_allclose(found["end_to_end_singular_values"], found["singular_values"])
    with eq.numerics():
        np.testing.assert_allclose(problem.end_to_end(theta), x @ y.T)


def test_of_a_deep_factorization():
    measurements = RANDOM.standard_normal((4, 3, 5))
    deep = eq.problems.DeepLinear((5, 2, 4, 3))
    problem = eq.problems.sensing(measurements, np.ones(4), parametrization=deep)
    w1, w2, w3 = theta = _theta(problem)
    found = eq.evaluate(problem, theta, (*OF_NORMS, *OF_MATRICES[:2]))
    gaps = [w1 @ w1.T - w2.T @ w2, w2 @ w2.T - w3.T @ w3]
    np.testing.assert_allclose(found["norm_differences"], [np.trace(gap) for gap in gaps])
    np.testing.assert_allclose(found["matrix_difference_entries"], np.concatenate([gap.ravel() for gap in gaps]))


def _unlike():
    shared, dense = networks.Shared(np.array([[0, 1, -1, 0, 2]] * 3)), networks.Dense(3)
    pooled = networks.Convolution(2, 2), networks.MaxPooling(2), networks.Dense(2)
    return {
        "sigmoid": (
            _network(dense, dense, activation="sigmoid"),
            "neuron_differences",
            "sigmoid, between Layer 1 (Dense)",
        ),
        "tanh": (_network(dense, dense, activation="tanh"), "norm_differences", "checked=False"),
        "skip": (_network(networks.Skip(networks.Dense(5)), dense), "norm_differences", "Layer 1 (Skip) has a skip"),
        "shared before": (_network(shared, dense), "neuron_differences", "Layer 1 (Shared) share weights"),
        "shared after": (_network(networks.Dense(5), shared), "neuron_differences", "Layer 2 (Shared) share weights"),
        "relu between": (_network(dense, dense), "matrix_differences", "linear activation between"),
        "pooling between": (
            _network(*pooled, shape=(1, 5), activation="linear"),
            "matrix_differences",
            "linear activation",
        ),
        "shared, linear": (
            _network(shared, dense, activation="linear"),
            "matrix_difference_entries",
            "share no weights",
        ),
        "not linear": (_network(dense, dense), "end_to_end_singular_values", "relu lies between"),
        "one layer": (_network(dense), "norm_ratios", "only one"),
        "no layers": (eq.problems.sensing(np.ones((2, 3, 3)), np.ones(2)), "squared_norms", "Symmetric has no layers"),
        "own loss": (eq.problems.custom(lambda theta: jnp.sum(theta[0]), [(2,)]), "norm_ratios", "not Custom"),
        "own loss, linear": (
            eq.problems.custom(lambda theta: jnp.sum(theta[0]), [(2,)]),
            "end_to_end_singular_values",
            "not Custom",
        ),
    }


UNLIKE = _unlike()


@pytest.mark.parametrize("kind", UNLIKE)
def test_what_they_are_not_made_for_is_named(kind):
    problem, observable, words = UNLIKE[kind]
    with pytest.raises(eq.InputError) as caught:
        eq.evaluate(problem, _theta(problem), observable)
    assert words in str(caught.value)
    assert str(caught.value).endswith(".")


def test_what_is_not_kept_can_be_measured_all_the_same():
    problem = eq.problems.planted_network((5, 4, 2), 3, seed=0, activation="tanh")
    w1, w2 = theta = _theta(problem)
    chosen = eq.observables.norm_differences(checked=False), eq.observables.neuron_differences(checked=False)
    found = eq.evaluate(problem, theta, chosen)
    np.testing.assert_allclose(found["norm_differences"], [np.sum(w1**2) - np.sum(w2**2)])
    np.testing.assert_allclose(found["neuron_differences"], np.sum(w1**2, axis=1) - np.sum(w2**2, axis=0))
    assert chosen[0] is eq.observables.norm_differences(checked=False)


def test_sharpness_of_a_network_is_that_of_its_hessian():
    problem = eq.problems.planted_network((6, 5, 4, 2), 9, seed=3)
    theta = tuple(0.6 * w for w in _theta(problem))
    with eq.numerics():
        values = np.linalg.eigvalsh(eq.observables.dense_hessian(problem, theta))
    found = eq.evaluate(problem, theta, eq.observables.sharpness())
    assert values[0] < -0.01  # the loss is not convex there
    assert found["sharpness"] == pytest.approx(values[-1], rel=1e-6)
