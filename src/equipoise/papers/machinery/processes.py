"""Processes that several papers share, since to start them is most of the time of a quick form."""

import contextlib
from collections.abc import Iterator, Sequence

from equipoise.core.checks import whole_number
from equipoise.papers.machinery.paper import Paper
from equipoise.papers.machinery.workers import default_jobs
from equipoise.sweeps.executors.local import Local


@contextlib.contextmanager
def shared_processes(papers: Sequence[Paper], jobs: int | None = None) -> Iterator[Local | None]:
    """Yield the executor for `reproduce` of each of these papers; None for claims that run in this process.

    - `papers`: the papers.
    - `jobs`: the number of processes, which all end with the block; by default one per core, at most 4.

    Raises `InputError` for a number of jobs that is not a whole number of 1 or greater.
    """
    claims = [claim for paper in papers for claim in paper.claims]
    count = default_jobs(claims) if jobs is None else whole_number("The number of jobs", jobs, 1)
    if count == 1:
        yield None
        return
    local = Local(count)
    try:
        yield local
    finally:
        local.shutdown(wait=False, cancel_futures=True)
