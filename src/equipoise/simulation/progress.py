"""A progress bar on stderr."""

import contextlib
import sys
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def progress_bar(total: int, shown: bool | None, title: str = "Simulating") -> Iterator[Callable[[int], None]]:
    """Yield a function that advances the bar; call it with the number of further steps done, summed over replicates.

    - `total`: the number of steps to do, summed over replicates.
    - `shown`: whether to show the bar; if None, only if stderr is a terminal.
    - `title`: the text before the bar.

    The bar shows the rate and the remaining time.
    """
    if not (sys.stderr.isatty() if shown is None else shown):
        yield lambda count: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(show_speed=True),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(title, total=total, rate="")

        def advance(count: int) -> None:
            progress.update(task, advance=count)
            speed = progress.tasks[task].speed
            progress.update(task, rate=f"{speed:,.0f} steps/s" if speed else "")

        yield advance
