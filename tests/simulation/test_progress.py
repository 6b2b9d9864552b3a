"""The bar goes to stderr, and only to a terminal."""

import sys

import pytest

import equipoise as eq
from equipoise.simulation.progress import progress_bar


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


@pytest.mark.parametrize(
    ("every", "steps", "replicates", "chunk"), [(10, 35, 3, 2), (2000, 5000, 2, None), (1, 0, 1, None)]
)
def test_every_replicate_step_is_told_of_once(problem, descent, start, monkeypatch, every, steps, replicates, chunk):
    told = []

    class Bar:
        def __init__(self, total, shown):
            told.append(-total)

        def __enter__(self):
            return told.append

        def __exit__(self, *_):
            return None

    monkeypatch.setattr("equipoise.simulation.loop.progress_bar", Bar)
    record = eq.Record(every=every, observables=("loss",))
    eq.simulate(problem, descent, start, seed=0, steps=steps, replicates=replicates, chunk=chunk, record=record)
    assert told[0] == -steps * replicates
    assert sum(told) == 0


def test_a_bar_that_is_not_shown_takes_what_it_is_told(capsys):
    with progress_bar(10, shown=False) as tell:
        tell(3)
    assert capsys.readouterr() == ("", "")
