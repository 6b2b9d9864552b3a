"""Methods that look uphill: their formulas, what they do to the balance, and which changes of scale they follow."""

import jax
import numpy as np
import pytest

import equipoise as eq
from equipoise.dynamics import AdaptiveSharpnessAware, BalancednessAware, GradientDescent, SharpnessAware

pytestmark = pytest.mark.usefixtures("double")

GENERATOR = np.random.default_rng(5)
PROBLEM = eq.problems.factorization(GENERATOR.standard_normal((4, 3)), rank=2)
THETA = tuple(GENERATOR.standard_normal(shape) for shape in PROBLEM.shapes)
KEY = jax.random.key(0)


def _step(method, theta=THETA):
    return method.step(PROBLEM, theta, method.init(PROBLEM, theta), KEY, 0)[0]


def _scaled(theta, c):
    return theta[0] * c, theta[1] / c


def _difference(theta):
    return np.sum(np.square(theta[0])) - np.sum(np.square(theta[1]))


def test_an_adaptive_step_is_as_in_the_paper():
    radius, floor = 0.3, 0.01
    scale = [np.abs(w) + floor for w in THETA]
    gradient = [np.asarray(g) for g in PROBLEM.gradient(THETA)]
    norm = np.sqrt(sum(np.sum((t * g) ** 2) for t, g in zip(scale, gradient, strict=True)))
    uphill = tuple(w + radius * t**2 * g / norm for w, t, g in zip(THETA, scale, gradient, strict=True))
    for found, w, g in zip(
        _step(AdaptiveSharpnessAware(GradientDescent(0.01), radius)), THETA, PROBLEM.gradient(uphill), strict=True
    ):
        np.testing.assert_allclose(found, w - 0.01 * g, rtol=1e-12)


def test_the_adaptive_way_uphill_follows_the_scale_of_the_factors_and_the_plain_one_does_not():
    """∇ at the point uphill of (cX, Y/c) is (∇_X/c, c ∇_Y)."""
    c = 3.0
    for make, follows in (
        (lambda: AdaptiveSharpnessAware(GradientDescent(1.0), 0.3, floor=0.0), True),
        (lambda: SharpnessAware(GradientDescent(1.0), 0.3), False),
    ):
        step = [np.asarray(a - w) for a, w in zip(_step(make()), THETA, strict=True)]
        start = _scaled(THETA, c)
        scaled = [np.asarray(a - w) for a, w in zip(_step(make(), start), start, strict=True)]
        same = np.allclose(scaled[0], step[0] / c, rtol=1e-10) and np.allclose(scaled[1], step[1] * c, rtol=1e-10)
        assert same == follows


def test_at_a_stationary_point_all_stay():
    zero = tuple(np.zeros_like(w) for w in THETA)
    for method in (AdaptiveSharpnessAware(GradientDescent(0.1), 0.1), BalancednessAware(0.1, 0.1)):
        assert all(np.all(np.asarray(w) == 0) for w in _step(method, zero))


def test_the_balance_moves_as_under_sharpness_aware_steps_to_first_order():
    """What the two do to ‖X‖² − ‖Y‖² beyond gradient descent differs by O(ρ²) of O(ρ), for small η."""
    size, plain = 1e-6, _difference(_step(GradientDescent(1e-6)))
    radii = np.array([1e-2, 1e-3])
    by_sam = [_difference(_step(SharpnessAware(GradientDescent(size), r))) - plain for r in radii]
    by_gradient = [_difference(_step(BalancednessAware(size, r))) - plain for r in radii]
    ratios = np.abs(np.array(by_gradient) / by_sam - 1)
    assert np.abs(by_sam[0]) > 1e-9
    assert ratios[1] < 0.02
    assert ratios[0] / ratios[1] == pytest.approx(10, rel=0.1)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: AdaptiveSharpnessAware(GradientDescent(0.1), 0), "radius is 0"),
        (lambda: AdaptiveSharpnessAware(GradientDescent(0.1), 0.1, floor=-1), "floor is -1"),
        (lambda: BalancednessAware(0.1, -1), "radius is -1"),
        (lambda: BalancednessAware(0.1, 1).check(eq.problems.planted_network((3, 3, 3, 2), 4, seed=0)), "two arrays"),
    ],
)
def test_impossible_settings_are_refused(make, words):
    with pytest.raises(eq.InputError, match=words):
        make()
