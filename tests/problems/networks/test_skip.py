"""Residual blocks: skip connections around several layers."""

import numpy as np
import pytest

import equipoise as eq
from equipoise.problems import networks

GENERATOR = np.random.default_rng(4)
INPUTS, TARGETS = GENERATOR.standard_normal((5, 3)), GENERATOR.standard_normal((5, 2))


def _network(*layers, **more):
    return eq.problems.network(inputs=INPUTS, targets=TARGETS, layers=layers, **more)


BLOCK = _network(networks.Skip((networks.Dense(4), networks.Dense(3))), networks.Dense(2))
THETA = tuple(GENERATOR.standard_normal(shape) for shape in BLOCK.shapes)


def test_the_block_is_the_formula():
    first, second, last = THETA
    block = np.maximum(INPUTS @ first.T, 0) @ second.T + INPUTS
    np.testing.assert_allclose(BLOCK.outputs(THETA), np.maximum(block, 0) @ last.T, rtol=1e-12)


def test_an_activation_of_its_own_replaces_that_of_the_network():
    linear = _network(networks.Skip((networks.Dense(4), networks.Dense(3)), "linear"), networks.Dense(2))
    first, second, last = THETA
    expected = np.maximum(INPUTS @ first.T @ second.T + INPUTS, 0) @ last.T
    np.testing.assert_allclose(linear.outputs(THETA), expected, rtol=1e-12)


def test_the_law_holds_within_the_block_alone():
    deep = _network(networks.Dense(3), networks.Skip((networks.Dense(4), networks.Dense(3))), networks.Dense(2))
    flow = eq.dynamics.GradientFlow(0.05)
    seen = eq.observables.neuron_differences(checked=False)
    run = eq.simulate(
        deep, flow, eq.initial.Gaussian(0.6), seed=0, steps=10, record=eq.Record(10, [seen]), progress=False
    )
    moved = np.abs(np.diff(run.dataset["neuron_differences"].values[0], axis=0))[0]
    assert moved[3:7].max() < 1e-6  # the four neurons of the block
    assert moved[:3].max() > 1e-3
    assert moved[7:].max() > 1e-3
    with pytest.raises(eq.InputError, match=r"Layer 2 \(Skip\) has a skip connection"):
        eq.simulate(
            deep,
            flow,
            eq.initial.Gaussian(0.6),
            seed=0,
            steps=1,
            record=eq.Record(1, [eq.observables.neuron_differences()]),
        )


def test_blocks_within_blocks_and_biases():
    inner = networks.Skip((networks.Dense(2), networks.Dense(3)))
    nested = _network(networks.Skip((networks.Dense(3), inner)), networks.Dense(2), bias=True)
    assert nested.shapes == ((3, 3), (3,), (2, 3), (2,), (3, 2), (3,), (2, 3), (2,))
    assert len(nested.gradient(tuple(np.ones(shape) for shape in nested.shapes))) == 8


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: networks.Skip(()), "There are no layers"),
        (lambda: networks.Skip((3,)), "3 is not a layer"),
        (lambda: networks.Skip((networks.Dense(3),) * 3, ("relu",)), "There are 1 activations"),
        (lambda: _network(networks.Skip((networks.Dense(3), networks.Dense(4)))), r"\(3,\) into \(4,\)"),
        (
            lambda: _network(networks.Skip((networks.Dense(3),) * 2), networks.Dense(2), activation=["relu"]),
            "needs an activation between them",
        ),
    ],
)
def test_what_does_not_fit_is_refused(make, words):
    with pytest.raises(eq.InputError, match=words):
        make()
