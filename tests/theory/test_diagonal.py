"""Diagonal networks: the end of gradient flow, predicted and certified, against a flow that SciPy integrates."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import linprog

import equipoise as eq
from equipoise.problems import Hadamard, PowerDifference

SHAPE = (6, 1)
_G = np.random.default_rng(0)
INPUTS = _G.standard_normal((3, 6))
SOUGHT = np.array([1.0, 0.0, -2.0, 0.0, 0.0, 0.0])
DATA = INPUTS @ SOUGHT
_RANDOM = [0.3 * _G.standard_normal(SHAPE) for _ in range(2)]
_SIGNS = np.array([1.0, 1.0, -1.0, 1.0, -1.0, 1.0])[:, None]


def _constant(*values):
    return tuple(np.full(SHAPE, value) for value in values)


CASES = {
    "powers-2": (PowerDifference(SHAPE), _constant(0.1, 0.1)),
    "powers-2-random": (PowerDifference(SHAPE), tuple(_RANDOM)),
    "powers-3": (PowerDifference(SHAPE, 3), _constant(0.2, 0.3)),
    "powers-4": (PowerDifference(SHAPE, 4), tuple(np.abs(w) + 0.2 for w in _RANDOM)),
    "product-2": (Hadamard(SHAPE), _constant(0.1, -0.2)),
    "product-2-random": (Hadamard(SHAPE), tuple(_RANDOM)),
    "product-2-balanced": (Hadamard(SHAPE), (0.4 * _SIGNS, *_constant(0.4))),
    "product-3-balanced": (Hadamard(SHAPE, 3), (0.4 * _SIGNS, *_constant(0.4, 0.4))),
}


def _problem(parametrization, data=DATA):
    return eq.problems.sensing(INPUTS[:, :, None], data, parametrization=parametrization)


def _entries(parametrization, theta):
    if isinstance(parametrization, PowerDifference):
        return theta[0] ** parametrization.depth - theta[1] ** parametrization.depth
    return np.prod(theta, axis=0)


def _slopes(parametrization, theta):
    if isinstance(parametrization, PowerDifference):
        depth = parametrization.depth
        return [depth * theta[0] ** (depth - 1), -depth * theta[1] ** (depth - 1)]
    return [np.prod(np.delete(theta, i, axis=0), axis=0) for i in range(len(theta))]


def _flowed(parametrization, start, time):
    """θ after `time` of gradient flow on ‖A w − y‖², by SciPy and NumPy alone."""
    count = len(start)

    def field(_, at):
        theta = at.reshape(count, -1)
        slope = 2 * INPUTS.T @ (INPUTS @ _entries(parametrization, theta) - DATA)
        return -np.concatenate([slope * each for each in _slopes(parametrization, theta)])

    found = solve_ivp(field, (0, time), np.ravel(start), method="LSODA", rtol=1e-11, atol=1e-13)
    return tuple(found.y[:, -1].reshape(count, *SHAPE))


@pytest.fixture(scope="module", params=CASES)
def ended(request):
    """A problem, a start, and where gradient flow ends from there."""
    parametrization, start = CASES[request.param]
    return _problem(parametrization), start, _flowed(parametrization, start, 300.0)


def test_the_end_of_the_flow_is_predicted(ended):
    problem, start, end = ended
    limit = eq.theory.diagonal_flow_limit(problem, start)
    assert limit.misfit < 1e-10
    for found, wanted in zip(limit.theta, end, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-8)
    np.testing.assert_allclose(limit.matrix, _entries(problem.parametrization, end), atol=1e-8)


def test_the_end_of_the_flow_is_certified(ended):
    """By both KKT conditions, and by an interval for the least entropy."""
    problem, start, end = ended
    found = eq.theory.diagonal_optimality(problem, start, end)
    assert found.holds(1e-8)
    assert found.entropy - found.bound == pytest.approx(0.0, abs=1e-9)
    limit = eq.theory.diagonal_flow_limit(problem, start)
    np.testing.assert_allclose(found.multipliers, limit.multipliers, rtol=1e-6, atol=1e-8)


def test_on_its_way_the_flow_meets_the_second_condition_alone():
    parametrization, start = CASES["powers-3"]
    found = eq.theory.diagonal_optimality(_problem(parametrization), start, _flowed(parametrization, start, 0.1))
    assert found.off_range < 1e-8
    assert found.misfit > 0.05
    assert not found.holds()


@pytest.mark.parametrize("name", ["powers-2", "powers-4", "product-2-balanced"])
def test_another_matrix_that_fits_is_refused_and_has_more_entropy(name):
    """Moved within the null space of the measurements: the bound stands, and the proof fails by the right amount."""
    parametrization, start = CASES[name]
    problem = _problem(parametrization)
    limit = eq.theory.diagonal_flow_limit(problem, start)
    direction = np.linalg.svd(INPUTS)[2][-1][:, None]
    moved = limit.matrix + 0.02 * np.min(np.abs(limit.matrix)) * direction
    least = eq.theory.diagonal_optimality(problem, start, limit.theta)
    assert eq.theory.hyperbolic_entropy(problem, start, moved) > least.entropy
    found = eq.theory.diagonal_optimality(problem, start, problem.point(moved))
    assert found.misfit < 1e-10
    assert found.off_range > 1e-5
    assert not found.holds()
    assert found.bound <= least.entropy + 1e-12


def test_the_entropy_is_that_of_woodworth():
    """φ = ¼ Σ α² q(w/α²) at U = V = α."""
    alpha, matrix = 0.3, _G.standard_normal(SHAPE)
    z = matrix / alpha**2
    wanted = np.sum(z * np.arcsinh(z / 2) - np.sqrt(4 + z**2) + 2) * alpha**2 / 4
    start = _constant(alpha, alpha)
    assert eq.theory.hyperbolic_entropy(_problem(PowerDifference(SHAPE)), start, matrix) == pytest.approx(wanted)


def test_the_entropy_of_a_balanced_product_is_that_of_boltzmann():
    """Σ ½ (W log(W/W₀) − W + W₀), for positive W."""
    matrix = np.abs(_G.standard_normal(SHAPE))
    wanted = np.sum(matrix * np.log(matrix / 0.25) - matrix + 0.25) / 2
    found = eq.theory.hyperbolic_entropy(_problem(Hadamard(SHAPE)), _constant(0.5, 0.5), matrix)
    assert found == pytest.approx(wanted)


@pytest.mark.parametrize("name", CASES)
def test_the_gradient_of_the_entropy_is_the_mirror_image(name):
    """The derivative of φ along a direction, by central differences, is ⟨ξ, D⟩, with ξ = 0 and φ = 0 at the start."""
    from equipoise.theory.diagonal.orbits import orbits_of

    parametrization, start = CASES[name]
    problem = _problem(parametrization)
    orbits = orbits_of(problem, start)
    at = _entries(parametrization, start)
    assert eq.theory.hyperbolic_entropy(problem, start, at) == pytest.approx(0.0, abs=1e-12)
    np.testing.assert_allclose(orbits.dual(at), 0.0, atol=1e-9)
    point, direction, step = 1.5 * at + 0.01 * _SIGNS * (np.abs(at) < 0.1), at + 0.1, 1e-5
    ends = [eq.theory.hyperbolic_entropy(problem, start, point + s * step * direction) for s in (1, -1)]
    slope = np.sum(orbits.dual(point) * direction)
    assert (ends[0] - ends[1]) / (2 * step) == pytest.approx(slope, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("depth", [2, 3])
def test_small_starts_give_the_least_sum_and_large_ones_the_least_squares(depth):
    """From the kernel to the rich regime; the least ℓ1 norm by linear programming, the least ℓ2 norm by pinv."""
    problem = _problem(PowerDifference(SHAPE, depth))
    least = linprog(np.ones(12), A_eq=np.hstack([INPUTS, -INPUTS]), b_eq=DATA).fun
    sums = [
        np.abs(eq.theory.diagonal_flow_limit(problem, _constant(a, a)).matrix).sum() - least for a in (1e-1, 1e-2, 1e-4)
    ]
    assert 0 < sums[2] < sums[1] < sums[0]
    assert sums[2] < (5e-3 if depth == 2 else 1e-10)
    far = eq.theory.diagonal_flow_limit(problem, _constant(100.0, 100.0)).matrix
    np.testing.assert_allclose(far[:, 0], np.linalg.pinv(INPUTS) @ DATA, atol=1e-6)


def test_finite_steps_miss_the_second_condition_by_the_step_size():
    """Gradient descent to the same flow time with half the step misses by half as much, to within 10 %."""
    parametrization, start = CASES["powers-2"]
    problem, missed = _problem(parametrization), []
    for halvings in (0, 1):
        step_size = 0.004 / 2**halvings
        method = eq.dynamics.GradientDescent(step_size)
        run = eq.simulate(problem, method, eq.initial.Given(start), seed=0, steps=round(4 / step_size))
        theta = tuple(w[0] for w in run.theta)
        missed.append(eq.theory.diagonal_optimality(problem, start, theta).off_range)
    assert missed[0] / missed[1] == pytest.approx(2.0, rel=0.1)
    assert missed[0] < 0.01


def test_measurements_that_repeat_or_do_not_agree():
    """The same limit for every measurement twice, and that of least squares for two values of one."""
    start = _constant(0.1, 0.1)
    twice = np.concatenate([INPUTS, INPUTS])[:, :, None]
    parametrization = PowerDifference(SHAPE)
    limit = eq.theory.diagonal_flow_limit(_problem(parametrization), start)
    repeated = eq.problems.sensing(twice, np.concatenate([DATA, DATA]), parametrization=parametrization)
    apart = eq.problems.sensing(twice, np.concatenate([DATA + 0.5, DATA - 0.5]), parametrization=parametrization)
    for problem in (repeated, apart):
        found = eq.theory.diagonal_flow_limit(problem, start)
        np.testing.assert_allclose(found.matrix, limit.matrix, atol=1e-10)
    assert found.misfit > 0.1


def test_a_whole_matrix_is_reached():
    """With all entries measured there is one matrix that fits, and flow on the curves of its start reaches it."""
    target = _G.standard_normal((2, 3))
    problem = eq.problems.Factored(eq.problems.Full(eq.problems.Dense(target)), PowerDifference((2, 3)))
    limit = eq.theory.diagonal_flow_limit(problem, (np.full((2, 3), 0.1), np.full((2, 3), 0.2)))
    np.testing.assert_allclose(limit.matrix, target, rtol=1e-10)
    np.testing.assert_allclose(limit.theta[0] * limit.theta[1], 0.02, rtol=1e-10)


def test_what_is_refused():
    theory, powers, start = eq.theory, _problem(PowerDifference(SHAPE)), _constant(0.1, 0.1)
    pair = eq.problems.factorization(np.eye(2), rank=1)
    with pytest.raises(eq.InputError, match=r"^Only diagonal networks have a hyperbolic entropy, not Asymmetric; use"):
        theory.hyperbolic_entropy(pair, (np.ones((2, 1)),) * 2, np.eye(2))
    with pytest.raises(eq.InputError, match=r"^The start has shapes"):
        theory.diagonal_flow_limit(powers, start[:1])
    with pytest.raises(eq.InputError, match=r"^The parameters of entry \(0, 0\) are 0 at the start"):
        theory.diagonal_flow_limit(powers, _constant(0.0, 0.0))
    with pytest.raises(eq.InputError, match=r"^A parameter is negative at the start; at the odd depth 3"):
        theory.diagonal_flow_limit(_problem(PowerDifference(SHAPE, 3)), _constant(0.1, -0.1))
    with pytest.raises(eq.InputError, match=r"^A product of 3 arrays has a closed form only from a balanced start"):
        theory.diagonal_flow_limit(_problem(Hadamard(SHAPE, 3)), _constant(0.1, 0.1, 0.2))
    with pytest.raises(eq.InputError, match=r"^Entry \(2, 0\) is -2, but from this start gradient flow keeps the sign"):
        theory.hyperbolic_entropy(_problem(Hadamard(SHAPE)), start, np.array([[1.0, 1, -2, 1, 1, 1]]).T)
    with pytest.raises(eq.InputError, match=r"^No matrix that fits was found on the curves of this start"):
        theory.diagonal_flow_limit(_problem(Hadamard(SHAPE), -np.abs(INPUTS).sum(axis=1) - 1), _unreachable())


def _unreachable():
    """Signs for which the first measurement is positive, though its value is negative."""
    return 0.1 * np.sign(INPUTS[0])[:, None], np.full(SHAPE, 0.1)


@pytest.mark.parametrize(
    ("problem", "laws"),
    [
        (lambda: _problem(Hadamard(SHAPE, 3)), 12),  # u² − v² and v² − w² of six entries
        (lambda: _problem(PowerDifference(SHAPE)), 6),  # uv of each
        (lambda: eq.problems.tensor_factorization(np.ones((2, 3, 2)), 2), 4),  # of two components and three factors
    ],
    ids=["product", "powers", "tensor"],
)
def test_the_laws_are_all_there_are(problem, laws):
    """The quadratic laws of the docstrings, counted by a search for any."""
    found = eq.theory.conservation_laws(problem())
    assert (found.dimension, found.independent) == (laws, laws)
