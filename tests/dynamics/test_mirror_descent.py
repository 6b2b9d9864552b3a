"""Mirror descent: special cases, the end nearest to the start, and the network whose flow it is."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import equipoise as eq
from equipoise.dynamics import Entropy, Hypentropy, MirrorDescent, PowerPotential

pytestmark = pytest.mark.usefixtures("double")

GENERATOR = np.random.default_rng(7)
A = GENERATOR.standard_normal((3, 6)) / 2
Y = A @ np.array([1.0, 0.0, 0.5, 0.0, 0.0, 0.2])
START = GENERATOR.uniform(0.5, 1.5, 6)
POTENTIALS = {"hypentropy": Hypentropy(0.1), "entropy": Entropy(), "power": PowerPotential(1.5)}


def _squares(theta, data):
    matrix, y = data
    return 0.5 * jnp.sum((matrix @ theta[0] - y) ** 2)


def _network(theta, data):
    matrix, y = data
    return 0.5 * jnp.sum((matrix @ (theta[0] ** 2 - theta[1] ** 2) - y) ** 2)


REGRESSION = eq.problems.custom(_squares, [(6,)], data=(A, Y))
GIVEN = eq.initial.Given((START,))


def _step(potential, size=0.1):
    return np.asarray(MirrorDescent(size, potential).step(REGRESSION, (START,), None, jax.random.key(0), 0)[0][0])


def _end(method, problem, start, steps):
    run = eq.simulate(problem, method, start, seed=0, steps=steps, record=eq.Record(every=steps))
    return [np.asarray(w[0]) for w in run.theta]


@pytest.mark.parametrize("name", POTENTIALS)
def test_slope_is_the_derivative_and_inverse_inverts_it(name):
    potential, points = POTENTIALS[name], jnp.asarray(START)
    derivative = jax.vmap(jax.grad(lambda x: potential.value(x)))(points)
    np.testing.assert_allclose(potential.slope(points), derivative, rtol=1e-12)
    np.testing.assert_allclose(potential.inverse(potential.slope(points)), points, rtol=1e-12)


def test_entropy_multiplies():
    gradient = np.asarray(REGRESSION.gradient((START,))[0])
    np.testing.assert_allclose(_step(Entropy()), START * np.exp(-0.1 * gradient), rtol=1e-13)


def test_the_square_is_gradient_descent():
    gradient = np.asarray(REGRESSION.gradient((START,))[0])
    np.testing.assert_allclose(_step(PowerPotential(2.0)), START - 0.1 * gradient, rtol=1e-13)


@pytest.mark.parametrize("name", POTENTIALS)
def test_the_end_is_nearest_to_the_start(name):
    """∇φ(w) − ∇φ(w₀) lies in the span of the rows of A, the condition for the least divergence under A w = y."""
    potential = POTENTIALS[name]
    (end,) = _end(MirrorDescent(0.05, potential), REGRESSION, GIVEN, 20_000)
    np.testing.assert_allclose(A @ end, Y, atol=1e-8)
    moved = np.asarray(potential.slope(end)) - np.asarray(potential.slope(START))
    outside = moved - np.linalg.pinv(A) @ (A @ moved)
    assert np.linalg.norm(outside) < 1e-8 * np.linalg.norm(moved)
    here = potential.divergence((end,), (START,))
    null = np.linalg.svd(A)[2][-1]
    assert all(here < potential.divergence((end + shift * null,), (START,)) for shift in (0.01, -0.01))


def test_hypentropy_is_the_flow_of_a_diagonal_network():
    """u∘u − v∘v from u = v = α: mirror flow with β = 2α² at four times the speed, to first order in the step size."""
    alpha, time = 0.3, 0.4
    problem = eq.problems.custom(_network, [(6,), (6,)], data=(A, Y))
    start = eq.initial.Given((np.full(6, alpha), np.full(6, alpha)))
    u, v = _end(eq.dynamics.GradientFlow(time), problem, start, 1)
    wanted, off = u**2 - v**2, []
    for steps in (200, 400):
        method = MirrorDescent(4 * time / steps, Hypentropy(2 * alpha**2))
        (found,) = _end(method, REGRESSION, eq.initial.Given((np.zeros(6),)), steps)
        off.append(np.linalg.norm(found - wanted))
    assert off[0] < 0.01 * np.linalg.norm(wanted)
    assert off[0] / off[1] == pytest.approx(2, rel=0.05)


def test_a_start_outside_the_potential_ends_as_diverged():
    start = eq.initial.Given((-START,))
    run = eq.simulate(REGRESSION, MirrorDescent(0.1, Entropy()), start, seed=0, steps=2, record=eq.Record(every=1))
    assert run.status[0].name == "diverged"


@pytest.mark.parametrize(
    ("make", "words"),
    [(lambda: Hypentropy(0.0), "beta is 0"), (lambda: PowerPotential(1.0), "exponent is 1")],
)
def test_impossible_settings_are_refused(make, words):
    with pytest.raises(eq.InputError, match=words):
        make()
