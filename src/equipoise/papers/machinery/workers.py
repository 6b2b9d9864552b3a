"""Claims run in parallel, in several processes.

Threads do not work: XLA's matrix decompositions in two concurrent computations can wait for each other forever.
"""

import contextlib
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import FrameType
from typing import NamedTuple, NoReturn

from equipoise.core.errors import InputError
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.form import Form
from equipoise.papers.machinery.storage import save_data

_FAREWELL = 2.0
"""The time in seconds that a process gets to clean up."""

_THREADS = ("PJRT_NPROC", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""The variables that tell XLA and the libraries of linear algebra how many threads to use."""

_MOST = 4


class _Worker(NamedTuple):
    process: SpawnProcess
    connection: Connection


class _Stopped(BaseException):
    """The process was told to end."""


def default_jobs(claims: Sequence[Claim]) -> int:
    """One process per core that this process may use, at most 4, since each needs its own memory.

    The result is 1 with a GPU, and if a claim cannot be sent to another process.
    """
    import jax

    can_be_sent = not any(_refusal(claim) for claim in claims)
    return min(_MOST, _cores()) if can_be_sent and jax.default_backend() == "cpu" else 1


def run_in_workers(claims: Sequence[Claim], form: Form, jobs: int, now: Callable[[str], None]) -> Generator[Claim]:
    """Run the claims in `jobs` processes, and yield each when its data is written, in the order in which they finish.

    They start in the given order; those that share something go to one process. `now` is called with the ids of the
    running claims. Errors of a run are raised here. All processes have ended when the iterator is exhausted or closed.
    Raises `InputError` for a claim that cannot be sent to another process, and when a process dies.
    """
    for claim in claims:
        if why := _refusal(claim):
            raise InputError(
                f"The claim {claim.id} of {form.paper} cannot be sent to another process ({why}); define its "
                "functions at the top of a module, or run with 1 job."
            )
    tasks = deque(_groups(claims))
    with _staff(form, min(jobs, len(tasks))) as idle:
        at_work: dict[Connection, tuple[_Worker, deque[Claim]]] = {}
        while True:
            while tasks and idle:
                worker, group = idle.pop(), tasks.popleft()
                at_work[worker.connection] = worker, deque(group)
                with _said_if_dead(worker, group[0]):
                    worker.connection.send(group)
            if not at_work:
                return
            now(", ".join(left[0].id for _, left in at_work.values()))
            ready = wait(list(at_work))
            for worker, left in [at_work[connection] for connection in at_work if connection in ready]:
                with _said_if_dead(worker, left[0]):
                    failure = worker.connection.recv()
                if failure is not None:
                    raise failure
                done = left.popleft()
                if not left:
                    idle.append(worker)
                    del at_work[worker.connection]
                yield done


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
def _staff(form: Form, count: int) -> Iterator[list[_Worker]]:
    """Processes that run the claims they are sent and share the cores; all have ended when the block is left."""
    workers: list[_Worker] = []
    try:
        workers.extend(_hired(form, max(1, _cores() // count)) for _ in range(count))
        yield list(workers)
    finally:
        with _deaf_to_ctrl_c():  # or a second Ctrl-C would leave some of them running
            _dismiss(workers)


def _hired(form: Form, threads: int) -> _Worker:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, form), daemon=True)
    with _environment(threads), _deaf_to_ctrl_c():  # inherited by the process: a terminal sends it Ctrl-C, too
        process.start()
    theirs.close()
    return _Worker(process, ours)


def _dismiss(workers: Sequence[_Worker]) -> None:
    """Tell all processes to end, and kill those still running after `_FAREWELL` seconds."""
    for worker in workers:
        worker.process.terminate()
    deadline = time.monotonic() + _FAREWELL
    for worker in workers:
        worker.process.join(max(0.0, deadline - time.monotonic()))
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()
        worker.connection.close()


@contextlib.contextmanager
def _environment(threads: int) -> Iterator[None]:
    """The environment for processes started in the block: this many threads, and no preallocation of GPU memory."""
    wanted = dict.fromkeys(_THREADS, str(threads)) | {"XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
    missing = {name: value for name, value in wanted.items() if name not in os.environ}
    os.environ.update(missing)
    try:
        yield
    finally:
        for name in missing:
            del os.environ[name]


@contextlib.contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Ignore Ctrl-C in the block if this is the main thread; it never arrives in another thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _said_if_dead(worker: _Worker, claim: Claim) -> Iterator[None]:
    """Turn a broken connection into an error of one sentence."""
    try:
        yield
    except (EOFError, OSError) as error:
        worker.process.join(_FAREWELL)
        raise InputError(
            f"The process that ran {claim.id} died with exit code {worker.process.exitcode}, as happens when memory "
            "runs out; run with fewer jobs."
        ) from error


def _cores() -> int:
    """The number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _serve(connection: Connection, form: Form) -> None:
    """The work of a process: run the claims it is sent, and answer each with None or its error, until told to end.

    It leaves without Python's cleanup, since XLA may still be running in other threads.
    """
    signal.signal(signal.SIGTERM, _stop)
    with contextlib.suppress(_Stopped, EOFError, OSError):
        while True:
            for claim in connection.recv():
                connection.send(_failure(claim, form))
    os._exit(0)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    del number, frame
    sys.unraisablehook = lambda unraisable: None  # half-made objects, such as a file being opened, have nothing to say
    raise _Stopped


def _failure(claim: Claim, form: Form) -> Exception | None:
    """Run one claim and write its data; return None, or the error with its traceback."""
    try:
        begin = time.perf_counter()
        data = claim.run(form.quick, form.seed)
        seconds = time.perf_counter() - begin
        save_data(claim, data, form, seconds=seconds)
    except Exception as error:
        if not isinstance(error, InputError):
            error.add_note(traceback.format_exc())
        return error if _can_be_sent(error) else RuntimeError(f"{claim.id}: {traceback.format_exc()}")
    return None


def _can_be_sent(error: Exception) -> bool:
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return False
    return True
