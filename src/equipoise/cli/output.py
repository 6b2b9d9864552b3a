"""Output: one JSON document or a table on stdout, everything else on stderr."""

import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

_WHOLE = 24
"""The width of a cell up to which it never wraps."""


def print_json(value: Any) -> None:
    """Print one strict JSON document on stdout, with null in place of NaN."""
    from equipoise.core.strict_json import to_json

    unicode = "utf" in (sys.stdout.encoding or "").lower()
    sys.stdout.write(to_json(value, ascii_only=not unicode))


def print_json_file(path: Path) -> None:
    """Print the JSON document in a file on stdout."""
    print_json(json.loads(path.read_text(encoding="utf-8")))


@contextlib.contextmanager
def only_results_on_stdout() -> Iterator[None]:
    """Send everything that the block prints to stderr, so that stdout holds only the result."""
    with contextlib.redirect_stdout(sys.stderr):
        yield


def print_table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, title: str = "", to_stderr: bool = False
) -> None:
    """Print a table of text, on stdout unless `to_stderr`; on a terminal, ✓ cells are green and ✗ cells red.

    A word or a number is never broken. In a pipe or a file each row is one line. On a terminal the columns move closer
    if that helps, then long cells wrap at spaces, and what is still too wide goes beyond the edge.
    """
    console = Console(stderr=to_stderr)
    if title:
        print_line(title, to_stderr=to_stderr)
    cells = [columns, *rows]
    full = [max(cell_len(row[k]) for row in cells) for k in range(len(columns))]
    least = [width if width <= _WHOLE else _longest_word(cells, k) for k, width in enumerate(full)]
    limit = console.width if console.is_terminal else sum(full) + _beside(full, 1)
    padding = 1 if sum(full) + _beside(full, 1) <= limit else 0
    widths = _shared(full, least, limit - _beside(full, padding))
    table = Table(box=box.SIMPLE_HEAD, padding=(0, padding))
    for column, width in zip(columns, widths, strict=True):
        table.add_column(column, width=width)
    for row in rows:
        table.add_row(*(Text(cell, style=_style(cell)) for cell in row))
    console.width = max(limit, sum(widths) + _beside(widths, padding))
    console.print(table)


def _beside(widths: Sequence[int], padding: int) -> int:
    """How much of a line is not in cells: the padding on both sides of each, the lines between, and both edges."""
    return len(widths) * (2 * padding + 1) + 1


def _longest_word(rows: Sequence[Sequence[str]], column: int) -> int:
    return max((cell_len(word) for row in rows for word in row[column].split()), default=0)


def _shared(full: Sequence[int], least: Sequence[int], available: int) -> list[int]:
    """The widths of the columns: all that are wider than some cap are cut to it, but to no less than `least`."""
    for cap in range(max(full), 0, -1):
        widths = [max(low, min(width, cap)) for width, low in zip(full, least, strict=True)]
        if sum(widths) <= available:
            return widths
    return list(least)


def print_line(text: str, *, to_stderr: bool = False) -> None:
    """Print a line of text, on stdout unless `to_stderr`."""
    (sys.stderr if to_stderr else sys.stdout).write(text + "\n")


def _style(cell: str) -> str:
    return {"✓": "green", "✗": "bold red"}.get(cell[:1], "")
