"""Several papers reproduced one after the other, each in a folder of its own, by processes that they share."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from equipoise.core.checks import whole_number
from equipoise.core.errors import InputError
from equipoise.papers.machinery.paper import Paper
from equipoise.papers.machinery.report import Report
from equipoise.papers.machinery.reproduce import reproduce
from equipoise.papers.machinery.workers import default_jobs
from equipoise.sweeps.executors.local import Local


def reproduce_several(
    papers: Sequence[Paper],
    *,
    quick: bool = False,
    seed: int | None = None,
    out: Path,
    redraw: bool = False,
    jobs: int | None = 1,
    scheduler: str | None = None,
    progress: bool | None = None,
    command: Callable[[Paper], str] = lambda _: "",
) -> Iterator[Report]:
    """Reproduce each paper into `out`/<id>, and yield its report; after Ctrl-C the last report says so.

    The processes are started once, which for quick forms is most of the time. `command` gives the command line to quote
    in the report of a paper; all else is as for `reproduce`. Raises `InputError` for a paper that is named twice, and
    as `reproduce` does.
    """
    ids = [paper.id for paper in papers]
    if twice := [name for number, name in enumerate(ids) if name in ids[:number]]:
        raise InputError(f"The paper {twice[0]} is named twice; name each paper once.")
    claims = [claim for paper in papers for claim in paper.claims]
    jobs = default_jobs(claims) if jobs is None else whole_number("The number of jobs", jobs, 1)
    shared = Local(jobs) if jobs > 1 and not scheduler and not redraw else None
    try:
        for paper in papers:
            report = reproduce(
                paper,
                quick=quick,
                seed=seed,
                out=out / paper.id,
                redraw=redraw,
                jobs=jobs,
                scheduler=scheduler,
                executor=shared,
                progress=progress,
                command=command(paper),
            )
            yield report
            if report.interrupted:
                return
    finally:
        if shared:
            shared.shutdown(wait=False, cancel_futures=True)
