"""Networks against NumPy by hand: outputs, losses, and gradients by the chain rule and by differences."""

import equinox as eqx
import numpy as np
import pytest

import equipoise as eq
from equipoise.problems import networks

pytestmark = pytest.mark.usefixtures("double")

POINTS, WIDTHS = 6, (5, 4, 3, 2)
RANDOM = np.random.default_rng(11)
INPUTS = RANDOM.standard_normal((POINTS, WIDTHS[0]))
NUMBERS = RANDOM.standard_normal((POINTS, WIDTHS[-1]))
SIGNS = np.where(NUMBERS < 0, -1.0, 1.0)
CLASSES = np.array([0, 1, 1, 0, 1, 0])

# φ and φ' of each
ACTIVATIONS = {
    "linear": (lambda x: x, np.ones_like),
    "relu": (lambda x: np.maximum(x, 0), lambda x: 1.0 * (x > 0)),
    "leaky_relu": (lambda x: np.where(x > 0, x, 0.1 * x), lambda x: np.where(x > 0, 1, 0.1)),
    "squared_relu": (lambda x: np.maximum(x, 0) ** 2, lambda x: 2 * np.maximum(x, 0)),
    "sigmoid": (lambda x: 1 / (1 + np.exp(-x)), lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2),
    "tanh": (np.tanh, lambda x: 1 / np.cosh(x) ** 2),
}


def _softmax(f):
    return np.exp(f) / np.exp(f).sum(axis=1, keepdims=True)


# targets, ℓ and its derivative
LOSSES = {
    "quadratic": (NUMBERS, lambda f: ((f - NUMBERS) ** 2).sum(axis=1) / 2, lambda f: f - NUMBERS),
    "logistic": (SIGNS, lambda f: np.log1p(np.exp(-SIGNS * f)).sum(axis=1), lambda f: -SIGNS / (1 + np.exp(SIGNS * f))),
    "cross_entropy": (
        CLASSES,
        lambda f: -np.log(_softmax(f)[np.arange(POINTS), CLASSES]),
        lambda f: _softmax(f) - np.eye(2)[CLASSES],
    ),
}


@eqx.filter_jit
def _at(problem, theta):
    """The loss and its gradient."""
    return problem.loss(theta), problem.gradient(theta)


@eqx.filter_jit
def _outputs(problem, theta):
    return problem.outputs(theta)


def _theta(problem, seed=3):
    random = np.random.default_rng(seed)
    return tuple(0.7 * random.standard_normal(shape) for shape in problem.shapes)


def _by_hand(theta, activation, loss, bias):
    """The loss and its gradient, by back-propagation."""
    phi, slope = ACTIVATIONS[activation]
    weights, biases = (theta[::2], theta[1::2]) if bias else (theta, [np.zeros(len(w)) for w in theta])
    given, before = [INPUTS], []
    for w, b in zip(weights, biases, strict=True):
        before.append(given[-1] @ w.T + b)
        given.append(phi(before[-1]))
    _, value, derivative = LOSSES[loss]
    signal, gradient = derivative(before[-1]) / POINTS, []
    for number in range(len(weights) - 1, -1, -1):
        gradient = [signal.T @ given[number], *([signal.sum(axis=0)] if bias else []), *gradient]
        if number:
            signal = signal @ weights[number] * slope(before[number - 1])
    return value(before[-1]).mean(), gradient


CASES = [(activation, "quadratic", True) for activation in ACTIVATIONS] + [("relu", loss, False) for loss in LOSSES]


@pytest.mark.parametrize(("activation", "loss", "bias"), CASES)
def test_loss_and_gradient_are_those_by_hand(activation, loss, bias):
    problem = eq.problems.network(WIDTHS, INPUTS, LOSSES[loss][0], activation=activation, loss=loss, bias=bias)
    theta = _theta(problem)
    value, gradient = _by_hand(theta, activation, loss, bias)
    measured, found = _at(problem, theta)
    np.testing.assert_allclose(measured, value, rtol=1e-13)
    assert len(found) == len(gradient)
    for one, other in zip(found, gradient, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-14)


def _convolved(picture, weight, bias, stride, padding):
    """One point, by loops."""
    picture = np.pad(picture, ((0, 0), (padding[0],) * 2, (padding[1],) * 2))
    rows = (picture.shape[1] - weight.shape[2]) // stride[0] + 1
    columns = (picture.shape[2] - weight.shape[3]) // stride[1] + 1
    result = np.zeros((weight.shape[0], rows, columns))
    for o, i, j in np.ndindex(result.shape):
        top, left = i * stride[0], j * stride[1]
        seen = picture[:, top : top + weight.shape[2], left : left + weight.shape[3]]
        result[o, i, j] = (weight[o] * seen).sum() + bias[o]
    return result


@pytest.mark.parametrize(("stride", "padding"), [((1, 1), (0, 0)), ((2, 1), (1, 2))])
def test_a_convolution_of_pictures_is_that_by_loops(stride, padding):
    inputs = np.random.default_rng(1).standard_normal((3, 2, 5, 4))
    layers = (networks.Convolution(3, (3, 2), stride, padding, bias=True), networks.Dense(2))
    problem = eq.problems.network(None, inputs, np.zeros((3, 2)), layers=layers)
    theta = _theta(problem)
    hidden = np.stack([_convolved(picture, theta[0], theta[1], stride, padding) for picture in inputs])
    assert problem.layer_inputs[1] == hidden.shape[1:]
    expected = np.maximum(hidden, 0).reshape(3, -1) @ theta[2].T
    np.testing.assert_allclose(_outputs(problem, theta), expected, rtol=1e-12, atol=1e-13)


def _map_of_convolution(length, channels, filters, window):
    """The index map of a convolution along one axis, as Du et al. (2018) see it."""
    places = length - window + 1
    index = -np.ones((filters, places, channels, length), dtype=int)
    for o, p, c, k in np.ndindex(filters, places, channels, window):
        index[o, p, c, p + k] = (o * channels + c) * window + k
    return index.reshape(filters * places, channels * length)


def test_a_convolution_is_a_layer_of_shared_weights():
    inputs = np.random.default_rng(2).standard_normal((4, 2, 6))
    targets = np.random.default_rng(3).standard_normal((4, 2))
    layers = networks.Convolution(3, 3), networks.Dense(2)
    convolution = eq.problems.network(None, inputs, targets, layers=layers)
    layers = networks.Shared(_map_of_convolution(6, 2, 3, 3)), networks.Dense(2)
    shared = eq.problems.network(None, inputs, targets, layers=layers)
    v, w = _theta(convolution)
    loss, (first, last) = _at(convolution, (v, w))
    found, gradient = _at(shared, (v.ravel(), w))
    np.testing.assert_allclose(found, loss, rtol=1e-13)
    for one, other in zip(gradient, (np.ravel(first), last), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)


def test_missing_and_shared_weights_are_where_the_map_says():
    index = np.array([[0, -1, 1], [1, 0, -1]])
    problem = eq.problems.network(None, np.eye(3), np.zeros((3, 2)), layers=(networks.Shared(index, 3, bias=True),))
    assert problem.shapes == ((3,), (2,))
    v, b = np.array([2.0, 3.0, 5.0]), np.array([0.5, -0.5])
    matrix = np.array([[2.0, 0, 3], [3, 2, 0]])
    np.testing.assert_array_equal(_outputs(problem, (v, b)), matrix.T + b)
    np.testing.assert_array_equal(_at(problem, (v, b))[1][0][2], 0)  # a parameter that no edge uses


def test_pooling_takes_the_largest_of_each_window():
    inputs = np.random.default_rng(5).standard_normal((3, 2, 4, 6))
    layers = (networks.MaxPooling((2, 3)), networks.Dense(1))
    problem = eq.problems.network(None, inputs, np.zeros(3), layers=layers)
    assert problem.layer_inputs == ((2, 4, 6), (2, 2, 2), (1,))
    pooled = inputs.reshape(3, 2, 2, 2, 2, 3).max(axis=(3, 5)).reshape(3, -1)
    (w,) = _theta(problem)
    np.testing.assert_allclose(_outputs(problem, (w,)), pooled @ w.T, rtol=1e-13)


def test_a_skip_connection_adds_its_input():
    layers = (networks.Dense(5), networks.Skip(networks.Dense(5)), networks.Dense(2))
    problem = eq.problems.network(None, INPUTS, NUMBERS, layers=layers, bias=True)
    assert len(problem.shapes) == 6
    w1, b1, w2, b2, w3, b3 = _theta(problem)
    first = np.maximum(INPUTS @ w1.T + b1, 0)
    second = np.maximum(first @ w2.T + b2 + first, 0)
    np.testing.assert_allclose(_outputs(problem, (w1, b1, w2, b2, w3, b3)), second @ w3.T + b3, rtol=1e-12)


LAYERS = {
    "convolutions": ((2, 8), (networks.Convolution(3, 3, 1, 1), networks.MaxPooling(2), networks.Convolution(2, 2))),
    "maps": ((4,), (networks.Shared(np.random.default_rng(0).integers(-1, 3, (5, 4))), networks.Dense(3))),
    "skip": ((4,), (networks.Skip(networks.Dense(4)), networks.Dense(2))),
}


@pytest.mark.parametrize("kind", LAYERS)
def test_the_gradient_is_the_slope_of_the_loss(kind):
    shape, layers = LAYERS[kind]
    options = {"activation": "tanh", "loss": "cross_entropy", "bias": True}
    problem = eq.problems.planted_network(
        None, 5, seed=1, input_shape=shape, layers=(*layers, networks.Dense(3)), **options
    )
    theta, direction = _theta(problem), _theta(problem, seed=4)
    step = 1e-3
    values = [
        float(_at(problem, tuple(w + k * step * d for w, d in zip(theta, direction, strict=True)))[0])
        for k in (-2, -1, 1, 2)
    ]
    slope = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * step)
    along = sum(float(np.sum(np.asarray(g) * d)) for g, d in zip(_at(problem, theta)[1], direction, strict=True))
    assert abs(along) > 0.01
    assert along == pytest.approx(slope, rel=1e-8)
