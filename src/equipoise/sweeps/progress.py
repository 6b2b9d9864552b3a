"""The progress of a sweep, shown on stderr."""

import contextlib
import sys
from collections.abc import Callable, Iterator

Tell = Callable[[int, int], None]
"""Called when a block has ended, with the steps done, summed over replicates, and how many of its points failed."""


@contextlib.contextmanager
def blocks_progress(blocks: int, steps: int, shown: bool | None) -> Iterator[Tell]:
    """Yield a function that advances a bar over the blocks, with rate and time left.

    - `blocks`: the number of blocks to do.
    - `steps`: the number of their steps, summed over replicates.
    - `shown`: whether to show the bar; if None, only if stderr is a terminal.
    """
    if not blocks or not (sys.stderr.isatty() if shown is None else shown):
        yield lambda done, failed: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn("Sweeping"),
        BarColumn(),
        TextColumn("{task.fields[count]}/{task.fields[blocks]} blocks"),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[failed]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True, speed_estimate_period=300) as progress:
        fields = {"count": 0, "blocks": blocks, "rate": "", "failed": ""}
        task = progress.add_task("", total=max(steps, 1), **fields)  # type: ignore[arg-type]
        ended = failures = 0

        def tell(done: int, failed: int) -> None:
            nonlocal ended, failures
            ended, failures = ended + 1, failures + failed
            progress.update(task, advance=done, count=ended)
            speed = progress.tasks[task].speed
            said = f"{failures} points failed" if failures else ""
            progress.update(task, rate=f"{speed:,.0f} steps/s" if speed else "", failed=said)

        yield tell
