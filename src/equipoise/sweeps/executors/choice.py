"""The executor of a sweep: the user's own, a Dask cluster, processes on this machine, or this process."""

import contextlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from typing import NamedTuple

from equipoise.core.checks import whole_number
from equipoise.core.errors import InputError
from equipoise.machine.cores import cores
from equipoise.sweeps.executors.here import Here
from equipoise.sweeps.executors.local import Local


class Engaged(NamedTuple):
    """An executor at work.

    - `executor`: the executor.
    - `width`: the number of tasks to have submitted at a time; it may change as workers come and go.
    """

    executor: Executor
    width: Callable[[], int]


@contextlib.contextmanager
def engaged(executor: Executor | None, scheduler: str | None, jobs: int | None, tasks: int) -> Iterator[Engaged]:
    """Yield the executor to use for so many tasks; one that was made here is shut down when the block is left.

    Raises `InputError` if more than one of `executor`, `scheduler` and `jobs` is given, if `jobs` is no whole number of
    1 or greater, and if the scheduler cannot be reached.
    """
    check_choice(executor, scheduler, jobs)
    if executor is not None:
        usual = getattr(executor, "_max_workers", None) or os.cpu_count() or 1
        width = 2 * (executor.processes if isinstance(executor, Local) else usual)
        yield Engaged(executor, lambda: width)
        return
    if scheduler is not None:
        from equipoise.sweeps.executors.dask import connected, threads_of

        with connected(scheduler) as (remote, client):
            yield Engaged(remote, lambda: 2 * threads_of(client))
        return
    count = min(default_jobs() if jobs is None else jobs, tasks)
    if count <= 1:
        yield Engaged(Here(), lambda: 1)
        return
    local = Local(count)
    try:
        yield Engaged(local, lambda: 2 * count)
    finally:
        local.shutdown(wait=False, cancel_futures=True)


def check_choice(executor: Executor | None, scheduler: str | None, jobs: int | None) -> None:
    """Raise `InputError` if more than one of the three is given, or if `jobs` is out of range."""
    given = {"executor": executor, "scheduler": scheduler, "jobs": jobs}
    named = [name for name, value in given.items() if value is not None]
    if len(named) > 1:
        raise InputError(f"{named[0]} and {named[1]} are both given; give one of them.")
    if jobs is not None:
        whole_number("The number of jobs", jobs, 1)


def default_jobs() -> int:
    """One process per core that this process may use; 1 with a GPU, which processes cannot share."""
    import jax

    return cores() if jax.default_backend() == "cpu" else 1
