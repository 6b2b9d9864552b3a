"""The imbalance that finite steps take off, against runs."""

import numpy as np
import pytest

import equipoise as eq
from equipoise.theory import difference_after_descent


def _simulated(difference, product, eta, value=1.0, scale=0.5):
    """D at the end of steps in two numbers, by NumPy."""
    x = np.sqrt((difference + np.hypot(difference, 2 * product)) / 2)
    y = product / x
    for _ in range(int(30 / (2 * scale * eta * value))):
        r = 2 * scale * eta * (x * y - value)
        x, y = x - r * y, y - r * x
    assert abs(x * y - value) < 1e-9
    return x**2 - y**2


@pytest.mark.parametrize(("difference", "product", "value", "scale"), [(3.0, 0.2, 1.0, 0.5), (-1.0, 4.0, 1.5, 1.0)])
def test_what_is_lost_is_predicted_to_first_order_in_the_step(difference, product, value, scale):
    """Within 3 % at η = 0.01, and ten times nearer at η = 0.001."""
    errors = []
    for eta in (0.01, 0.001):
        found = np.log(_simulated(difference, product, eta, value, scale) / difference)
        predicted = difference_after_descent(difference, product, step_size=eta, value=value, scale=scale)
        errors.append(abs(np.log(predicted / difference) / found - 1))
    assert errors[0] < (0.03 if scale == 0.5 else 0.1)
    assert errors[0] / errors[1] == pytest.approx(10, rel=0.2)


def test_it_is_the_end_of_a_run():
    """From x = 2 a along a unit vector, y = 0.1 b, so D = 3.99 and xy = 0.2."""
    a, b = np.array([[0.6], [0.8]]), np.array([[1.0], [0.0], [0.0]])
    problem = eq.problems.factorization(a @ b.T, rank=1)
    start = eq.initial.Given((2 * a, 0.1 * b))
    method = eq.dynamics.GradientDescent(0.01)
    run = eq.simulate(problem, method, start, seed=0, steps=3000, record=eq.Record(every=3000))
    end = run.dataset.isel(step=-1, replicate=0)
    found = float(end["norm_x"] ** 2 - end["norm_y"] ** 2)
    predicted = difference_after_descent(3.99, 0.2, step_size=0.01)
    assert 3.99 - found > 0.002
    assert (3.99 - predicted) / (3.99 - found) == pytest.approx(1, abs=0.03)


def test_at_a_minimum_and_at_balance_nothing_is_lost():
    assert difference_after_descent(3.0, 1.0, step_size=0.01) == 3.0
    assert difference_after_descent(0.0, 0.3, step_size=0.01) == 0.0


def test_errors():
    with pytest.raises(eq.InputError, match="product is 0"):
        difference_after_descent(1.0, 0.0, step_size=0.1)
    with pytest.raises(eq.InputError, match="times the largest stable one on the way"):
        difference_after_descent(100.0, 0.5, step_size=0.1)
