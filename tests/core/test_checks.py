"""Numbers, and nothing that only looks like one."""

import math

import numpy as np
import pytest

import equipoise as eq
from equipoise.core.checks import non_negative_number, positive_number, real_number, whole_number


@pytest.mark.parametrize("value", [3, 3.0, np.int32(3), np.uint8(3), np.float32(3.0), np.array(3)])
def test_whole_numbers(value):
    number = whole_number("steps", value, 0)
    assert number == 3
    assert type(number) is int


@pytest.mark.parametrize("value", [2.5, math.nan, math.inf, "3", None, True, np.array([3]), 3 + 0j, -1, [3]])
def test_everything_else(value):
    with pytest.raises(eq.InputError, match=r"^steps is .*; it must be a whole number, 0 or greater\.$"):
        whole_number("steps", value, 0)


def test_bounds():
    assert whole_number("seed", 5, 0, 5) == 5
    with pytest.raises(eq.InputError, match=r"^seed is 6; it must be a whole number, from 0 to 5\.$"):
        whole_number("seed", 6, 0, 5)


@pytest.mark.parametrize("value", [0.5, np.float32(0.5), np.array(0.5), np.float64(0.5)])
def test_real_numbers(value):
    number = real_number("std", value)
    assert number == 0.5
    assert type(number) is float


@pytest.mark.parametrize("value", [True, np.True_, "0.5", b"1", None, np.array([0.5]), 1j, [0.5], math.nan, math.inf])
def test_what_is_no_real_number(value):
    for check in (positive_number, non_negative_number, real_number):
        with pytest.raises(eq.InputError, match=r"^std is .*; it must be finite"):
            check("std", value)


@pytest.mark.parametrize(
    ("bounds", "inside", "outside", "said"),
    [
        ({"above": 0}, [1e-300], [0, -1.0], "finite and greater than 0"),
        ({"least": 0}, [0, 1.0], [-1e-300], "finite and 0 or greater"),
        ({"least": 0, "most": 1}, [0, 0.5, 1], [-0.1, 1.1], "finite and from 0 to 1"),
        ({"above": 0, "below": 1}, [0.5], [0, 1], "finite, greater than 0 and smaller than 1"),
        ({"above": 0, "most": 0.5}, [0.5], [0, 0.6], "finite, greater than 0 and at most 0.5"),
        ({"most": 2}, [2, -5], [2.1], "finite and at most 2"),
    ],
)
def test_bounds_of_real_numbers(bounds, inside, outside, said):
    assert [real_number("a", value, **bounds) for value in inside] == inside
    for value in (*outside, math.nan, -math.inf):
        with pytest.raises(eq.InputError) as caught:
            real_number("a", value, **bounds)
        assert str(caught.value) == f"a is {value}; it must be {said}."


def test_a_hint_ends_the_sentence():
    with pytest.raises(eq.InputError, match=r"^a is 0; it must be finite and greater than 0 \(see b\)\.$"):
        positive_number("a", 0, hint="see b")


@pytest.mark.parametrize("given", [2.0, np.int64(2)])
def test_every_front_door_takes_the_same_numbers(given, unchecked):
    """A rank of 2.0 is whole, and True is none, for the laboratory and the workbench alike."""
    matrix = np.random.default_rng(0).standard_normal((5, 4))
    assert eq.problems.factorization(matrix, given).rank == 2
    assert eq.estimators.factor(matrix, given, steps=1).x.shape == (5, 2)


def test_no_front_door_takes_a_truth_value(unchecked):
    matrix = np.random.default_rng(0).standard_normal((5, 4))
    for make in (
        lambda: eq.problems.factorization(matrix, True),
        lambda: eq.estimators.factor(matrix, True),
        lambda: eq.estimators.factor(matrix, 1, gamma=True),
        lambda: eq.dynamics.GradientDescent(True),
        lambda: eq.initial.Gaussian(True),
        lambda: eq.dynamics.GradientFlow(True),
    ):
        with pytest.raises(eq.InputError, match=" is True; it must be "):
            make()
