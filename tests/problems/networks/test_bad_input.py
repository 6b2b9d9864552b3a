"""What is wrong with a network is said in one sentence that names the place and both sides."""

import numpy as np
import pytest

import equipoise as eq
from equipoise.problems import networks

INPUTS, TARGETS = np.ones((8, 5)), np.ones((8, 2))


def _network(*layers, inputs=INPUTS, targets=TARGETS, **options):
    return eq.problems.network(None, inputs, targets, layers=layers, **options)


WRONG = {
    "first width": (lambda: eq.problems.network((4, 2), INPUTS, TARGETS), ["Layer 1 (Dense)", "4", "(5,)"]),
    "last width": (lambda: eq.problems.network((5, 3), INPUTS, TARGETS), ["Layer 1 (Dense)", "(3,)", "(2,)"]),
    "one width": (lambda: eq.problems.network((5,), INPUTS, TARGETS), ["(5,)", "inputs", "outputs"]),
    "no width": (lambda: eq.problems.network((5, 0, 2), INPUTS, TARGETS), ["width", "0"]),
    "fewer targets": (lambda: eq.problems.network((5, 2), INPUTS, TARGETS[:3]), ["8 inputs", "3 targets"]),
    "no inputs": (lambda: eq.problems.network((5, 2)), ["inputs", "missing"]),
    "NaN": (lambda: eq.problems.network((5, 2), INPUTS * np.nan, TARGETS), ["inputs", "(0, 0)"]),
    "both": (lambda: eq.problems.network((5, 2), INPUTS, TARGETS, layers=(networks.Dense(2),)), ["exactly one"]),
    "no layer": (lambda: _network(), ["no layers"]),
    "strange layer": (lambda: _network(3), ["3 is not a layer"]),
    "activation": (lambda: eq.problems.network((5, 2), INPUTS, TARGETS, activation="gelu"), ["gelu", "relu", "tanh"]),
    "activations": (
        lambda: eq.problems.network((5, 3, 2), INPUTS, TARGETS, activation=("relu", "relu")),
        ["2 activations", "2 layers", "give one"],
    ),
    "loss": (lambda: eq.problems.network((5, 2), INPUTS, TARGETS, loss="hinge"), ["hinge", "quadratic", "logistic"]),
    "signs": (lambda: eq.problems.network((5, 2), INPUTS, 2 * TARGETS, loss="logistic"), ["−1 or 1"]),
    "classes": (
        lambda: eq.problems.network((5, 2), INPUTS, np.arange(8), loss="cross_entropy"),
        ["classes from 0 to 1", "2 outputs"],
    ),
    "slope": (lambda: networks.LeakyReLU(1.5), ["1.5", "from 0 to 1"]),
    "power": (lambda: networks.PowerReLU(0.5), ["0.5", "greater than 1"]),
    "signal for pictures": (lambda: _network(networks.Convolution(3, 3)), ["Layer 1 (Convolution)", "2 axes", "(5,)"]),
    "large window": (
        lambda: _network(networks.Convolution(3, 7), inputs=INPUTS[:, None]),
        ["Layer 1 (Convolution)", "(7,)", "(5,)"],
    ),
    "three axes": (lambda: networks.Convolution(3, (1, 1, 1)), ["1 or 2 axes"]),
    "pooling": (
        lambda: _network(networks.Dense(4), networks.MaxPooling(2)),
        ["Layer 2 (MaxPooling)", "(2,)", "(4,)"],
    ),
    "index too large": (lambda: networks.Shared([[0, 3]], parameters=2), ["3 at (0, 1)", "from 0 to 1"]),
    "index too small": (lambda: networks.Shared([[0, -2]]), ["-2 at (0, 1)", "−1"]),
    "no edge": (lambda: networks.Shared([[-1, -1]]), ["not −1 everywhere"]),
    "index no number": (lambda: networks.Shared([[0.5]]), ["float64", "(1, 1)"]),
    "map of other inputs": (lambda: _network(networks.Shared([[0, 1]])), ["Layer 1 (Shared)", "(1, 2)", "(5,)"]),
    "skip": (lambda: _network(networks.Skip(networks.Dense(3))), ["Layer 1 (Skip)", "(5,)", "(3,)"]),
    "theta": (lambda: _network(networks.Dense(2)).loss((np.ones((3, 5)),)), ["Layer 1 (Dense)", "(2, 5)", "(3, 5)"]),
    "theta too long": (lambda: _network(networks.Dense(2)).loss((np.ones((2, 5)),) * 2), ["2 arrays", "have 1"]),
    "planted": (lambda: eq.problems.planted_network((5, 2), 3, seed=0, targets="none"), ["'none'", "'teacher'"]),
    "planted without a shape": (
        lambda: eq.problems.planted_network(None, 3, seed=0, layers=(networks.Dense(2),)),
        ["input_shape"],
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_one_sentence_says_what_where_and_how(what):
    make, words = WRONG[what]
    with pytest.raises(eq.InputError) as caught:
        make()
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith(".")
    for word in words:
        assert word in message
