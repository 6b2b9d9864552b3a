"""Exact line search: against a numerical search along the ray, and the cubic's roots against NumPy's."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.optimize
from hypothesis import example, given
from hypothesis import strategies as st

import equipoise as eq
from equipoise.dynamics.line_search import along_ray, cubic_roots

pytestmark = pytest.mark.usefixtures("double")

KEY = jax.random.key(3, impl="threefry2x32")
_G = np.random.default_rng(0)
A = _G.standard_normal((6, 3, 3))
Y = _G.standard_normal(6)
M = _G.standard_normal((4, 3))
PROBLEMS = {
    "symmetric": eq.problems.sensing(A, Y, width=2),
    "asymmetric": eq.problems.sensing(A, Y, parametrization="asymmetric"),
    "direct": eq.problems.sensing(A, Y, parametrization="direct"),
    "deep-2": eq.problems.sensing(A, Y, parametrization=eq.problems.DeepLinear((3, 2, 3))),
    "full": eq.problems.factorization(M, rank=2),
}


_roots = jax.jit(cubic_roots)


def _theta(problem, seed, size=1.0):
    generator = np.random.default_rng(seed)
    return tuple(size * generator.standard_normal(shape) for shape in problem.shapes)


def _step(problem, theta, maximum=1e3):
    return tuple(np.asarray(w) for w in eq.dynamics.LineSearch(maximum).step(problem, theta, None, KEY, 0)[0])


def _on_ray(problem, theta):
    gradient = tuple(np.asarray(g) for g in problem.gradient(theta))
    return gradient, lambda size: float(problem.loss(tuple(w - size * g for w, g in zip(theta, gradient, strict=True))))


def _size(theta, moved, gradient):
    """The step size that was taken: the ray's parameter at the point moved to."""
    flat, shift = (np.concatenate([a.ravel() for a in arrays]) for arrays in (gradient, _difference(theta, moved)))
    np.testing.assert_allclose(shift, flat * (shift @ flat) / (flat @ flat), atol=1e-9 * np.max(np.abs(shift)))
    return shift @ flat / (flat @ flat)


def _difference(one, other):
    return tuple(w - v for w, v in zip(one, other, strict=True))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", PROBLEMS)
def test_the_step_is_the_minimizer_on_the_ray(name, seed):
    problem = PROBLEMS[name]
    theta = _theta(problem, seed)
    gradient, loss = _on_ray(problem, theta)
    size = _size(theta, _step(problem, theta), gradient)
    sizes = np.linspace(0.0, 4 * size, 81)
    losses = [loss(at) for at in sizes]
    assert loss(size) <= min(losses) * (1 + 1e-12)
    found = scipy.optimize.minimize_scalar(loss, bounds=(0.5 * size, 2 * size), options={"xatol": 1e-12}).x
    assert size == pytest.approx(found, rel=1e-6)


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_step_is_clipped(name):
    """The best within the bound: at the bound, or at a minimum before it where the quartic has two."""
    problem, theta = PROBLEMS[name], _theta(PROBLEMS[name], 0)
    gradient, loss = _on_ray(problem, theta)
    bound = 0.25 * _size(theta, _step(problem, theta), gradient)
    size = _size(theta, _step(problem, theta, bound), gradient)
    assert 0 < size <= bound * (1 + 1e-9)
    assert loss(size) <= min(loss(at) for at in np.linspace(0.0, bound, 81)) * (1 + 1e-12)


@pytest.mark.parametrize("name", PROBLEMS)
def test_the_polynomial_is_the_loss_on_the_ray(name):
    problem, theta = PROBLEMS[name], _theta(PROBLEMS[name], 1)
    gradient, loss = _on_ray(problem, theta)
    quartic = np.asarray(along_ray(problem, theta, gradient))
    for size in (-0.3, 0.01, 0.2):
        assert np.polyval(quartic, size) + loss(0.0) == pytest.approx(loss(size), rel=1e-10)


@pytest.mark.parametrize(("name", "size"), [("symmetric", 0.1), ("full", 0.5), ("direct", 1.0), ("asymmetric", 1e30)])
def test_the_loss_never_increases(name, size):
    problem = PROBLEMS[name]
    start = eq.initial.Given(_theta(problem, 2, size))
    record = eq.Record(every=1, observables=("loss",))
    run = eq.simulate(problem, eq.dynamics.LineSearch(1e3), start, seed=0, steps=300, record=record)
    losses = run.dataset["loss"].values[0]
    assert np.all(np.diff(losses) <= 1e-12 * losses[:-1] + 1e-26)  # rounding
    assert losses[-1] < 0.9 * losses[0]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("off", [1e-4, 1e-6, 1e-12])
def test_it_still_decreases_near_convergence(dtype, off):
    """Where the quartic's coefficients span some fifty orders of magnitude, and powers of them underflow."""
    u = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 2.0]])
    units = np.eye(9).reshape(9, 3, 3)
    problem = eq.problems.sensing(units, (u @ u.T).ravel(), width=2, dtype=dtype)
    theta = (u.astype(dtype),)
    theta[0][1, 0] = off  # next to a zero, where it is kept in any precision
    before = float(problem.loss(theta))
    after = float(problem.loss(_step(problem, theta)))
    assert before > 0
    assert after < 0.1 * before


def test_where_the_gradient_vanishes_nothing_moves():
    problem = PROBLEMS["symmetric"]
    np.testing.assert_array_equal(_step(problem, (np.zeros((3, 2)),))[0], 0)


def _penalized():
    plain = PROBLEMS["full"]
    return eq.problems.Penalized(plain, (np.eye(2), np.eye(2)), np.asarray(0.0))


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (_penalized(), "LineSearch needs a least-squares problem, but Penalized is not one; use GradientDescent."),
        (
            eq.problems.sensing(A, Y, parametrization=eq.problems.DeepLinear((3, 2, 2, 3))),
            "LineSearch needs one or two factors, but the problem has 3; use GradientDescent.",
        ),
    ],
)
def test_problems_that_are_refused(problem, said):
    with pytest.raises(eq.InputError) as caught:
        _step(problem, _theta(problem, 0))
    assert str(caught.value) == said


@pytest.mark.parametrize("maximum", [0.0, -1.0, np.nan, np.inf])
def test_maxima_out_of_range(maximum):
    with pytest.raises(eq.InputError, match=r"^maximum is .*; it must be finite and greater than 0\.$"):
        eq.dynamics.LineSearch(maximum)


@given(
    st.lists(st.floats(-3.0, 3.0), min_size=3, max_size=3),
    st.floats(0.1, 10.0),
    st.integers(-30, 30),
    st.integers(-40, 40),
)
def test_roots_that_are_given(roots, lead, power, scale):
    """Roots of any size, coefficients of any scale; those next to each other included."""
    at = np.asarray(roots) * 10.0**power
    polynomial = lead * np.poly(at) * 10.0**scale
    with eq.numerics():
        found = np.asarray(_roots(jnp.asarray(polynomial)))
    for root in at:
        nearest = found[np.argmin(np.abs(found - root))]
        # a root of multiplicity three is known to the third root of the rounding
        assert abs(nearest - root) <= 1e-4 * max(np.max(np.abs(at)), 1e-6 * 10.0**power)


@given(st.lists(st.floats(-1.0, 1.0), min_size=4, max_size=4), st.sampled_from([0.0, 1e-6, 1.0]))
@example([0.01171875, 1.0, 1.0, 0.0], 1e-6)  # two roots nearly one, seen from the third
@example([0.00390625, 1.0, 1.0, 0.0], 1e-6)  # one root of 1e8, and two that Viète's formula loses next to it
@example([0.0, 1.0, -0.3, -0.7], 1.0)  # a quadratic
def test_roots_against_numpy(coefficients, small):
    """With a leading coefficient down to 0; well separated roots are found to rounding."""
    polynomial = np.where(np.abs(coefficients) < 1e-3, 0.0, coefficients) * [small, 1.0, 1.0, 1.0]
    roots = np.roots(polynomial)
    spread = [
        abs(one - two) / max(abs(one), abs(two)) for i, one in enumerate(roots) for two in roots[:i] if one != two
    ]
    if not roots.size or min(spread, default=1.0) < 1e-2:
        return
    with eq.numerics():
        found = np.asarray(_roots(jnp.asarray(polynomial)))
    assert np.all(np.isfinite(found))
    for root in roots:
        if abs(root.imag) < 1e-12 * abs(root):
            nearest = found[np.argmin(np.abs(found - root.real))]
            assert nearest == pytest.approx(root.real, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("lead", [0.0, 1e-300, -1e-200, 1e-30, -1e-9])
def test_roots_next_to_one_that_is_far_larger(lead):
    with eq.numerics():
        found = np.asarray(_roots(jnp.asarray([lead, 1.0, -0.3, -0.7])))  # about lead x³ + (x - 1)(x + 0.7)
    assert np.all(np.isfinite(found))
    for root in (1.0, -0.7):
        assert np.min(np.abs(found - root)) <= 1e-8
