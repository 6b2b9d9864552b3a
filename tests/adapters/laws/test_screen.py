"""The screen lets every part with a law through, and stops what has none."""

import numpy as np
import pytest

from equipoise.adapters.laws.columns import whole
from equipoise.adapters.laws.screen import Screen

COLUMNS = [whole(name, (40,), (0,)) for name in "abcde"]


@pytest.fixture(scope="module")
def sums():
    """Five columns of which a + b − c is zero."""
    found = np.random.default_rng(0).standard_normal((200, 5))
    found[:, 2] = found[:, 0] + found[:, 1]
    return found


def screen(sums):
    return Screen(COLUMNS, sums, np.ones_like(sums), 1e-6)


def test_parts_that_hold_the_law_are_let_through(sums):
    assert screen(sums).is_open
    assert screen(sums).allows(COLUMNS[:3])
    assert screen(sums).allows(COLUMNS[:4])


def test_parts_without_the_law_are_not(sums):
    assert not screen(sums).allows(COLUMNS[1:])
    assert not screen(sums).allows(COLUMNS[:2])


def test_nothing_passes_where_there_is_no_law():
    shut = screen(np.random.default_rng(1).standard_normal((200, 5)))
    assert not shut.is_open
    assert not shut.allows(COLUMNS)


def test_with_too_few_sums_to_tell_everything_passes(sums):
    assert screen(sums[:6]).allows(COLUMNS[:2])
