"""The progress of claims, shown on stderr, by default only on a terminal."""

import contextlib
import sys
from collections.abc import Callable, Iterator

Tell = Callable[[str, str], None]
"""Called, from any thread, with the claim that starts, and a line about one that is done; "" for none."""


@contextlib.contextmanager
def claims_progress(total: int, shown: bool | None) -> Iterator[Tell]:
    """Yield a function that reports progress out of `total` claims; if `shown` is None, only a terminal shows it."""
    if not (sys.stderr.isatty() if shown is None else shown):
        yield lambda now, line: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True, highlight=False, markup=False)
    options = {"transient": True, "redirect_stdout": False, "redirect_stderr": False, "refresh_per_second": 2}
    with Progress(*columns, console=console, **options) as progress:  # type: ignore[arg-type]
        task = progress.add_task("", total=total)

        def tell(now: str, line: str) -> None:
            if now:
                progress.update(task, description=now)
            if line:
                progress.console.print(line)
                progress.advance(task)

        yield tell
