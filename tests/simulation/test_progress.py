"""The bar goes to stderr, and only to a terminal."""

import sys

import numpy as np
import pytest

import equipoise as eq
from equipoise.simulation.begin import begin
from equipoise.simulation.plan import Schedule
from equipoise.simulation.progress import progress_bar
from equipoise.simulation.setup import make_experiment
from equipoise.simulation.walk import Walk


@pytest.fixture(scope="module")
def simulate(problem, descent, start):
    def run(progress, every=10):
        record = eq.Record(every=every, observables=("loss",))
        eq.simulate(problem, descent, start, seed=0, steps=30, record=record, progress=progress)

    return run


@pytest.mark.parametrize("progress", [None, False])
def test_nothing_is_written_where_there_is_no_terminal(simulate, capsys, progress):
    simulate(progress)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("progress", [None, True])
def test_on_a_terminal_there_is_a_bar_on_stderr_and_nothing_on_stdout(simulate, capsys, monkeypatch, progress):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    simulate(progress)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Simulating" in captured.err


def test_it_can_be_turned_off_on_a_terminal(simulate, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    simulate(False)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("every", "steps", "replicates"), [(10, 35, 3), (2000, 5000, 2), (1, 0, 1)])
def test_every_replicate_step_is_told_of_once(problem, descent, start, engine, every, steps, replicates):
    told = []
    record = eq.Record(every=every, observables=("loss",))
    experiment = make_experiment(problem, descent, record)
    walk = Walk(engine, experiment, Schedule(0, steps, record), pace=1000, tell=told.append)
    looks = list(walk.looks(begin(experiment, start, 0, np.arange(replicates)), 0))
    assert looks[-1].recorded.steps[-1] == steps
    assert sum(told) == steps * replicates


def test_a_bar_that_is_not_shown_takes_what_it_is_told(capsys):
    with progress_bar(10, shown=False) as tell:
        tell(3)
    assert capsys.readouterr() == ("", "")
