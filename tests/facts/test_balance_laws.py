"""What gradient flow keeps of layers: the derivative along the flow vanishes at any point, and a flow keeps it."""

import equinox as eqx
import jax
import numpy as np
import pytest

import equipoise as eq
from equipoise.problems import networks

MAP = np.random.default_rng(6).integers(-1, 4, (6, 5))
DENSE = ("norm_differences", "neuron_differences")
MATRIX = (*DENSE, "matrix_difference_entries")
CONVOLUTIONS = networks.Convolution(3, 3, 1, 1), networks.MaxPooling(2), networks.Convolution(2, 2), networks.Dense(3)
UNPOOLED = networks.Convolution(3, 3, 2, 1), networks.Convolution(2, (2,)), networks.Dense(3)
PICTURES = networks.Convolution(2, (2, 2)), networks.MaxPooling((1, 2)), networks.Dense(3)


def _network(*widths, **options):
    return eq.problems.planted_network(widths, 7, seed=2, **options)


def _of(*layers, shape=(5,), **options):
    return eq.problems.planted_network(None, 7, seed=2, input_shape=shape, layers=layers, **options)


# problem and what it keeps
KEPT = {
    "linear": (lambda: _network(5, 4, 3, 2, activation="linear"), MATRIX),
    "linear with biases": (lambda: _network(5, 4, 3, 2, activation="linear", bias=True), MATRIX),
    "relu": (lambda: _network(5, 4, 3, 2, targets="random"), DENSE),
    "leaky relu with biases": (lambda: _network(5, 4, 3, 2, activation="leaky_relu", bias=True), DENSE),
    "squared relu": (lambda: _network(5, 4, 3, 2, activation="squared_relu", bias=True), DENSE),
    "six layers, logistic": (lambda: _network(5, 4, 6, 3, 4, 5, 2, loss="logistic"), DENSE),
    "cross-entropy": (lambda: _network(5, 4, 3, loss="cross_entropy", bias=True), DENSE),
    "relu, then linear": (lambda: _network(5, 4, 3, 2, activation=("relu", "linear")), MATRIX),
    "convolutions": (lambda: _of(*CONVOLUTIONS, shape=(2, 6), bias=True), DENSE),
    "linear convolutions": (lambda: _of(*UNPOOLED, shape=(2, 8), bias=True, activation="linear"), MATRIX),
    "pictures": (lambda: _of(*PICTURES, shape=(2, 3, 5)), DENSE),
    "maps": (lambda: _of(networks.Shared(MAP), networks.Shared(MAP.T), networks.Dense(2), bias=True), DENSE[:1]),
    "factorization": (lambda: eq.problems.planted((5, 4), 2, seed=1), MATRIX),
}
BROKEN = {
    "sigmoid": (lambda: _network(5, 4, 3, 2, activation="sigmoid"), DENSE),
    "tanh": (lambda: _network(5, 4, 3, 2, activation="tanh"), DENSE),
    "skip": (lambda: _of(networks.Dense(4), networks.Skip(networks.Dense(4)), networks.Dense(2)), DENSE),
}
UNCHECKED = {name: getattr(eq.observables, name)(checked=False) for name in DENSE}


@eqx.filter_jit
def _rates(problem, theta, observables):
    """Each observable's derivative along the flow, and that of the squared norms of the layers."""
    velocity = tuple(-g for g in problem.gradient(theta))

    def measured(at):
        return {name: value for observable in observables for name, value in observable(problem, at).items()}

    return jax.jvp(measured, (theta,), (velocity,))[1]


def _measured_rates(problem, names):
    observables = [UNCHECKED.get(name) or eq.observables.resolve(name) for name in (*names, "squared_norms")]
    random = np.random.default_rng(9)
    theta = tuple(0.8 * random.standard_normal(shape) for shape in problem.shapes)
    with eq.numerics():
        return {name: np.asarray(rate) for name, rate in _rates(problem, theta, tuple(observables)).items()}


@pytest.mark.parametrize("kind", KEPT)
def test_no_law_changes_along_the_flow(kind):
    make, names = KEPT[kind]
    rates = _measured_rates(make(), names)
    scale = np.abs(rates["squared_norms"]).max()
    assert scale > 0.05
    for name in names:
        np.testing.assert_allclose(rates[name], 0, atol=1e-13 * scale)


@pytest.mark.parametrize("kind", BROKEN)
def test_without_homogeneous_layers_they_change(kind):
    make, names = BROKEN[kind]
    rates = _measured_rates(make(), names)
    for name in names:
        assert np.abs(rates[name]).max() > 0.03 * np.abs(rates["squared_norms"]).max()


def test_gradient_flow_keeps_them():
    problem = _network(5, 4, 3, 2, activation=("linear", "squared_relu"), bias=True)
    names = (*DENSE, "matrix_difference_entries", "squared_norms", "loss")
    run = eq.simulate(
        problem,
        eq.dynamics.GradientFlow(0.5),
        eq.initial.Gaussian(0.4),
        seed=0,
        steps=6,
        replicates=3,
        record=eq.Record(every=1, observables=names),
    )
    moved = abs(run.dataset["squared_norms"] - run.dataset["squared_norms"].isel(step=0)).max("step")
    assert float(moved.min()) > 0.01
    assert float(moved.max()) > 0.3
    for name in names[:3]:
        drift = abs(run.dataset[name] - run.dataset[name].isel(step=0))
        assert float(drift.max()) < 1e-6 * float(moved.max())
