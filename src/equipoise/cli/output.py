"""Output: one JSON document or a table on stdout, everything else on stderr."""

import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text


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
    """Print a table of text, on stdout unless `to_stderr`; on a terminal, ✓ cells are green and ✗ cells red."""
    table = Table(*columns, title=title or None, title_justify="left", box=box.SIMPLE_HEAD)
    for row in rows:
        table.add_row(*(Text(cell, style=_style(cell), overflow="fold") for cell in row))
    Console(stderr=to_stderr).print(table)


def print_line(text: str, *, to_stderr: bool = False) -> None:
    """Print a line of text, on stdout unless `to_stderr`."""
    (sys.stderr if to_stderr else sys.stdout).write(text + "\n")


def _style(cell: str) -> str:
    return {"✓": "green", "✗": "bold red"}.get(cell[:1], "")
