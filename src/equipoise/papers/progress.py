"""Which entry is at work, on stderr, on a terminal only."""

import contextlib
import sys
from collections.abc import Callable, Iterator

Tell = Callable[[int, str, str], None]
"""Called with how many entries are done, the one at work now, and a line to leave on the screen (none if empty)."""


@contextlib.contextmanager
def entries_progress(total: int, shown: bool | None) -> Iterator[Tell]:
    """Yield a function to be told how it goes, out of `total` entries; with `shown` None only a terminal sees it."""
    if not (sys.stderr.isatty() if shown is None else shown):
        yield lambda done, now, line: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True, highlight=False, markup=False)
    options = {"transient": True, "redirect_stdout": False, "redirect_stderr": False, "refresh_per_second": 2}
    with Progress(*columns, console=console, **options) as progress:  # type: ignore[arg-type]
        task = progress.add_task("", total=total)

        def tell(done: int, now: str, line: str) -> None:
            if line:
                progress.console.print(line)
            progress.update(task, completed=done, description=now)

        yield tell
