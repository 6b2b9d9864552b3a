"""The drift to the balance of the noise, against the flow of the smoothed objective and against runs."""

import numpy as np
import pytest
import scipy.integrate

import equipoise as eq

SHAPES = ((5, 1), (7, 1))


def on_the_smoothed_objective(start, time, noise, steps, value, scale=0.5):
    """The balance after gradient flow of σ = `value` on F̃ in two numbers, with one time for each step size."""
    b, a = (2 * scale * d * float(s) ** 2 for d, s in zip((7, 5), noise.std.values[::-1], strict=True))

    def slope(_, at):
        x, y = at
        misfit = 2 * scale * (x * y - value)
        return -steps[0] * (misfit * y + b * x), -steps[1] * (misfit * x + a * y)

    point = (value * start) ** 0.5, (value / start) ** 0.5
    x, y = scipy.integrate.solve_ivp(slope, (0, time), point, method="LSODA", rtol=1e-10, atol=1e-12).y[:, -1]
    return x / y


@pytest.mark.parametrize(("start", "gamma", "steps"), [(3.0, 1.0, (1e-2, 1e-2)), (0.2, 2.0, (5e-3, 1e-2))])
@pytest.mark.parametrize("scale", [0.5, 1.0])
def test_it_is_the_flow_of_the_smoothed_objective(start, gamma, steps, scale):
    """The error is of the order of √(ab)/σ, which is 2e-5 here."""
    noise = eq.noise.balanced(gamma, 1e-3, (5, 7))
    value = 7e-6 * gamma * 1e5
    for end in (gamma + 0.5 * (start - gamma), gamma + 0.01 * (start - gamma)):
        time = eq.theory.drift_steps(start, end, noise, SHAPES, step_size=steps, scale=scale)
        flown = on_the_smoothed_objective(start, time, noise, steps, value, scale)
        assert flown == pytest.approx(end, rel=2e-4)


def test_balance_after_is_the_inverse_even_next_to_the_end():
    noise = eq.noise.balanced(2.0, 0.01, (5, 7))
    for start in (0.3, 9.0):
        for time in (10.0, 1e4, 1e6):
            end = eq.theory.balance_after(start, time, noise, SHAPES, step_size=(0.01, 0.03))
            if abs(end / 2 - 1) > 1e-9:
                assert eq.theory.drift_steps(start, end, noise, SHAPES, step_size=(0.01, 0.03)) == pytest.approx(
                    time, rel=1e-5
                )
    assert eq.theory.balance_after(2.0, 1e3, noise, SHAPES, step_size=0.01) == pytest.approx(2.0)
    assert eq.theory.balance_after(9.0, 0, noise, SHAPES, step_size=0.01) == 9.0


def test_the_rate_near_the_end_is_that_of_its_docstring():
    noise, gamma, eta = eq.noise.balanced(2.0, 0.01, (5, 7)), 2.0, 0.01
    time = eq.theory.drift_steps(2 + 1e-4, 2 + 1e-5, noise, SHAPES, step_size=eta)
    b = 7 * 0.01**2
    assert time * 4 * b * gamma**2 * eta / (gamma**2 + 1) == pytest.approx(np.log(10), rel=1e-4)


def test_errors():
    noise = eq.noise.balanced(2.0, 0.01, (5, 7))
    with pytest.raises(eq.InputError, match=r"does not pass 1\.5"):
        eq.theory.drift_steps(3.0, 1.5, noise, SHAPES, step_size=0.01)
    with pytest.raises(eq.InputError, match="noise on one factor is zero"):
        eq.theory.drift_steps(3.0, 2.5, eq.noise.Gaussian((0.0, 0.1)), SHAPES, step_size=0.01)
