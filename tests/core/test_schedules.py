"""A number per factor: what may be written, and what it is at a step."""

import math

import numpy as np
import optax
import pytest

import equipoise as eq
from equipoise.core.schedules import PerFactor, per_factor

pytestmark = pytest.mark.usefixtures("double")


def _values(given, *, step=0, count=2, positive=True):
    return [float(v) for v in per_factor("step_size", given, positive=positive).at(step, count, np.float64)]


@pytest.mark.parametrize(
    "given", [0.5, 1, np.float32(0.5), np.int64(3), np.array(0.25), (0.5,), [0.5], np.array([2.0])]
)
def test_one_value_serves_all(given):
    wanted = float(np.ravel(given)[0])
    assert _values(given, count=3) == [wanted] * 3


@pytest.mark.parametrize("given", [(0.1, 0.2), [0.1, 0.2], np.array([0.1, 0.2])])
def test_one_value_for_each(given):
    assert _values(given) == [0.1, 0.2]


def test_constants_and_schedules_mix():
    halving = optax.exponential_decay(1.0, transition_steps=1, decay_rate=0.5)
    given = (0.3, halving, lambda step: 2.0 / (1 + step))
    assert _values(given, step=3, count=3) == pytest.approx([0.3, 0.125, 0.5], rel=1e-15)


def test_a_schedule_serves_all():
    assert _values(lambda step: 1.0 + step, step=4, count=2) == [5.0, 5.0]


def test_precision_is_that_of_the_parameters():
    for dtype in (np.float64, np.float32):
        values = per_factor("std", (0.1, lambda step: 0.2), positive=False).at(0, 2, dtype)
        assert [v.dtype for v in values] == [dtype, dtype]


def test_what_is_converted_stays():
    once = per_factor("std", (0.1, 0.2), positive=False)
    assert per_factor("std", once, positive=False) is once


@pytest.mark.parametrize("number", [-1.0, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(
    "wrap", [lambda v: v, lambda v: (0.1, v), lambda v: lambda step: v, lambda v: np.array([v, 1.0])]
)
def test_numbers_out_of_range(wrap, number):
    for positive, wanted in ((True, "greater than 0"), (False, "0 or greater")):
        with pytest.raises(eq.InputError) as caught:
            per_factor("std", wrap(number), positive=positive)
        assert str(caught.value) in {
            f"std{when} is {number}; it must be finite and {wanted}." for when in ("", " at step 0")
        }


def test_zero_is_no_step_size_but_a_deviation():
    with pytest.raises(eq.InputError, match=r"^step_size is 0\.0; it must be finite and greater than 0\.$"):
        per_factor("step_size", 0.0, positive=True)
    assert _values(0.0, positive=False) == [0.0, 0.0]


@pytest.mark.parametrize("given", [(), [], np.array([])])
def test_nothing_is_given(given):
    with pytest.raises(eq.InputError, match=r"^std is empty; give a number, a schedule, or one for each factor\.$"):
        per_factor("std", given, positive=False)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (lambda step: "a", "std at step 0 is a; it must be finite and 0 or greater."),
        (lambda step: np.ones(2), "std at step 0 is [1. 1.]; it must be finite and 0 or greater."),
        (lambda: 1.0, "give a schedule step -> number."),
        ("a", "std is a; it must be finite and 0 or greater."),
        (True, "std is True; it must be finite and 0 or greater."),
        (None, "std is None; it must be finite and 0 or greater (or a schedule step -> number)."),
    ],
)
def test_what_is_no_number_and_no_schedule(given, said, unchecked):
    with pytest.raises(eq.InputError) as caught:
        per_factor("std", given, positive=False)
    assert str(caught.value).endswith(said)


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_values_as_factors(count):
    message = f"^2 values were given for {count} factors; give one for all, or one for each.$"
    with pytest.raises(eq.InputError, match=message):
        per_factor("std", (0.1, 0.2), positive=False).at(0, count, np.float64)


def test_constant_and_zero_are_told():
    assert per_factor("std", (0.0, 0.0), positive=False).is_zero
    assert not per_factor("std", (0.0, 0.1), positive=False).is_zero
    assert per_factor("std", (0.0, 0.1), positive=False).is_constant
    varying = per_factor("std", (0.0, lambda step: 0.0), positive=False)
    assert not varying.is_constant
    assert not varying.is_zero
    assert isinstance(varying, PerFactor)
