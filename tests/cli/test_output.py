"""Tables keep words and numbers whole, whatever the width."""

import io

import pytest
from rich.console import Console

from equipoise.cli import output
from equipoise.cli.output import print_table

COLUMNS = ("Method", "Error", "Balance", "Nuclear", "λmax", "κ", "Steps", "Time")
ROW = ("Perturbed GD", "2.963e-06", "0.9982", "2.404e+10", "4.808e+10", "5.443e+08", "1000000", "11.9 s")
SENTENCE = "a statement of many short words that no terminal of eighty columns can show on one line alone, as here"


def test_in_a_pipe_a_row_is_a_line(capsys):
    print_table(("Claim", "Checked"), [("theorem2.1", SENTENCE)], title="a title: " + SENTENCE)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "a title: " + SENTENCE
    assert sum(f"theorem2.1   {SENTENCE}" in line for line in lines) == 1


@pytest.fixture
def terminal(monkeypatch):
    """What is printed on a terminal of a width."""

    def printed(width, *arguments):
        stream = io.StringIO()

        def console(**options):
            return Console(file=stream, force_terminal=True, width=width, color_system=None)

        monkeypatch.setattr(output, "Console", console)
        print_table(*arguments)
        return stream.getvalue()

    return printed


def test_the_widest_row_of_factor_fits_80_columns(terminal):
    printed = terminal(80, COLUMNS, [ROW, ROW])
    assert max(map(len, printed.splitlines())) <= 80
    assert [word for word in ROW if printed.count(word) < 2] == []


def test_what_does_not_fit_goes_beyond_the_edge_whole(terminal):
    printed = terminal(40, COLUMNS, [ROW])
    assert [word for word in ROW if word not in printed] == []


def test_long_cells_wrap_at_spaces(terminal):
    printed = terminal(40, ("Claim", "Checked"), [("theorem2.1", SENTENCE)])
    assert max(map(len, printed.splitlines())) <= 40
    assert [word for word in ["theorem2.1", *SENTENCE.split()] if word not in printed.split()] == []
