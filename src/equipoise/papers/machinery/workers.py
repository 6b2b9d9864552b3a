"""Claims run in parallel: in processes on this machine, or on a Dask cluster.

Threads do not work: XLA's matrix decompositions in two concurrent computations can wait for each other forever.
"""

import contextlib
import pickle
import shutil
import tempfile
import time
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from pathlib import Path
from typing import Any

from equipoise.core.errors import InputError
from equipoise.machine.cores import cores
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.form import Form
from equipoise.papers.machinery.storage import save_data
from equipoise.sweeps.executors.choice import engaged
from equipoise.sweeps.executors.local import WorkerDiedError
from equipoise.sweeps.work import one_at_a_time

_MOST = 4

_LOOK = 0.1
"""The seconds between two looks at which claims are finished."""


def default_jobs(claims: Sequence[Claim]) -> int:
    """One process per core that this process may use, at most 4, since each needs its own memory.

    The result is 1 with a GPU, and if a claim cannot be sent to another process.
    """
    import jax

    can_be_sent = not any(_refusal(claim) for claim in claims)
    return min(_MOST, cores()) if can_be_sent and jax.default_backend() == "cpu" else 1


def run_in_workers(
    claims: Sequence[Claim],
    form: Form,
    jobs: int | None,
    now: Callable[[str], None],
    scheduler: str | None = None,
    executor: Executor | None = None,
) -> Generator[Claim]:
    """Run the claims in `jobs` processes, and yield each when its data is written, in the order in which they finish.

    They start in the given order; those that share something go to one process. `now` is called with the ids of the
    running claims. `scheduler` is the address of a Dask scheduler, whose workers are used in place of `jobs`; they
    write into the folder of `form`. An `executor` is used in place of both, and not shut down; other processes have
    ended when the iterator is exhausted or closed. Errors of a run are raised here. Raises `InputError` for a claim
    that cannot be sent to another process, and when a process dies.
    """
    for claim in claims:
        if why := _refusal(claim):
            raise InputError(
                f"The claim {claim.id} of {form.paper} cannot be sent to another process ({why}); define its "
                "functions at the top of a module, or run with 1 job."
            )
    groups = list(_groups(claims))
    own = None if scheduler or executor else jobs
    with engaged(executor, scheduler, own, len(groups)) as staff, _marks(form) as marks:
        form = form._replace(out=form.out.absolute())
        yield from _finished(groups, form, staff.executor, marks, now)


def _finished(
    groups: list[list[Claim]], form: Form, executor: Executor, marks: Path, now: Callable[[str], None]
) -> Iterator[Claim]:
    """Each claim when its process has marked it as finished."""
    at_work = {executor.submit(_serve, group, form, marks): deque(group) for group in groups}
    said = ""
    while at_work:
        running = ", ".join(left[0].id for future, left in at_work.items() if left and future.running())
        if running != said:
            now(said := running)
        ended = wait(at_work, _LOOK, FIRST_COMPLETED).done
        for future, left in list(at_work.items()):
            while left and (future in ended or (marks / left[0].id).exists()):
                if not (marks / left[0].id).exists():
                    _raise(future, left[0])
                yield left.popleft()
            if future in ended:
                del at_work[future]


def _raise(future: "Future[Any]", claim: Claim) -> None:
    """Raise why a claim has no data, if it has none; on a cluster the mark of one that has may come late."""
    try:
        future.result()
    except WorkerDiedError as error:
        raise InputError(
            f"The process that ran {claim.id} died with exit code {error.exit_code}, as happens when memory runs out; "
            "run with fewer jobs."
        ) from error


def _groups(claims: Sequence[Claim]) -> Iterator[list[Claim]]:
    """The claims in groups of those that share something."""
    groups: dict[str, list[Claim]] = {}
    for claim in claims:
        groups.setdefault(claim.shares or claim.id, []).append(claim)
    yield from groups.values()


def _refusal(claim: Claim) -> str:
    """The reason why the claim cannot be sent to another process; "" if it can."""
    try:
        pickle.dumps(claim)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        return str(error)
    return ""


@contextlib.contextmanager
def _marks(form: Form) -> Iterator[Path]:
    """A folder beside the data, in which processes mark what is finished; removed at the end."""
    form.folder.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="finished-", dir=form.folder)).absolute()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _serve(group: Sequence[Claim], form: Form, marks: Path) -> None:
    """The work of a process: run claims one after the other, write the data of each, and mark it."""
    with one_at_a_time:
        for claim in group:
            _run(claim, form)
            (marks / claim.id).touch()


def _run(claim: Claim, form: Form) -> None:
    """Run one claim and write its data; an error gets its traceback as a note."""
    try:
        begin = time.perf_counter()
        data = claim.run(form.quick, form.seed)
        seconds = time.perf_counter() - begin
        save_data(claim, data, form, seconds=seconds)
    except Exception as error:
        if not isinstance(error, InputError):
            error.add_note(traceback.format_exc())
        if _can_be_sent(error):
            raise
        raise RuntimeError(f"{claim.id}: {traceback.format_exc()}") from None


def _can_be_sent(error: Exception) -> bool:
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return False
    return True
