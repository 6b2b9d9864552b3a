"""Legends."""

import itertools
import time

import pytest

from equipoise.plots import add_legend, new_figure


@pytest.fixture
def axes():
    return new_figure()[1][0, 0]


def test_a_slow_machine_draws_a_legend_without_a_warning(axes, monkeypatch):
    # matplotlib warns if the search for the best place took more than a second and the place was left to it
    axes.plot([0, 1], [0, 1], label="a line")
    add_legend(axes)
    hours = itertools.count(step=3600)
    monkeypatch.setattr(time, "perf_counter", lambda: next(hours))
    axes.figure.draw_without_rendering()


def test_a_place_that_is_asked_for_is_kept(axes):
    axes.plot([0, 1], [0, 1], label="a line")
    add_legend(axes, loc="lower left")
    assert axes.get_legend()._get_loc() == 3
