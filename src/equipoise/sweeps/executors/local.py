"""Processes on this machine that share its cores."""

import contextlib
import functools
import os
import re
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from typing import Any

from equipoise.core.checks import whole_number
from equipoise.core.errors import InputError
from equipoise.machine.cores import shared_among
from equipoise.sweeps.executors import child

_FAREWELL = 2.0
"""The time in seconds that processes get to clean up when they are told to end."""


class WorkerDiedError(InputError):
    """A process died at work. `exit_code` is its exit code in words, such as "-9"."""

    def __init__(self, exit_code: str) -> None:
        said = f"The process at work died with exit code {exit_code}, as happens when memory runs out"
        super().__init__(f"{said}; run with fewer jobs.")
        self.exit_code = exit_code

    def __reduce__(self) -> tuple[Any, ...]:
        return WorkerDiedError, (self.exit_code,)


class _Seat:
    """A process of loky. Each is a pool of its own, so that the death of one is known to be its, and harms no other."""

    def __init__(self, environment: dict[str, str]) -> None:
        from loky import ProcessPoolExecutor

        self._pool = ProcessPoolExecutor(
            1, timeout=None, env=environment, initializer=child.prepare, initargs=(os.getpid(),)
        )
        self._process = self._pool.submit(os.getpid)

    def submit(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> "Future[Any]":
        return self._pool.submit(child.call, function, arguments)

    def tell_to_end(self) -> bool:
        """Tell the process to end; return whether it is there."""
        if not self._process.done() or self._process.exception() is not None:
            return False
        try:
            os.kill(self._process.result(), signal.SIGTERM)
        except ProcessLookupError:
            return False
        return True

    def is_there(self) -> bool:
        processes = list((self._pool._processes or {}).values())
        return any(process.is_alive() for process in processes)

    def close(self) -> None:
        self._pool.shutdown(wait=True, kill_workers=True)


class Local(Executor):
    """Processes on this machine, which share its cores: the executor of a sweep that is given none.

    - `processes`: their number.

    They start when the first task comes, each with its share of the threads of XLA, the native engine and BLAS.
    Functions of a script are sent to them, so that it needs no `if __name__ == "__main__"`. The future of a task
    whose process dies raises `WorkerDiedError`, and another process takes its place. All of them end at `shutdown`, and
    when the process that started them dies.
    """

    def __init__(self, processes: int) -> None:
        self.processes = whole_number("The number of processes", processes, 1)
        self._environment = shared_among(self.processes)
        self._lock = threading.RLock()
        self._idle: list[_Seat] = []
        self._seats: list[_Seat] = []
        self._waiting: deque[tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]] = deque()
        self._closed = False

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **named: Any) -> "Future[Any]":
        """Have a process call a function; returns the future of what it returns."""
        if named:
            raise TypeError("Local.submit takes no named arguments; use functools.partial.")
        future: Future[Any] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("This executor was shut down.")
            self._waiting.append((future, function, arguments))
        self._deal()
        return future

    def _deal(self) -> None:
        """Give waiting tasks to idle processes; the first task starts all of them, and a later one those that died."""
        with self._lock:
            while self._waiting and not self._closed and self._there_is_room():
                future, function, arguments = self._waiting.popleft()
                if not future.set_running_or_notify_cancel():
                    continue
                seat = self._idle.pop()
                inner = seat.submit(function, arguments)
                inner.add_done_callback(functools.partial(self._ended, seat, future))

    def _there_is_room(self) -> bool:
        """Whether a process is idle, after starting those that are missing."""
        with deaf_to_ctrl_c():  # inherited by the processes: a terminal sends them Ctrl-C, too
            while len(self._seats) < self.processes:
                self._seats.append(_Seat(self._environment))
                self._idle.append(self._seats[-1])
        return bool(self._idle)

    def _ended(self, seat: _Seat, future: "Future[Any]", inner: "Future[Any]") -> None:
        from concurrent.futures.process import BrokenProcessPool

        error: BaseException | None = None
        with contextlib.suppress(BaseException):
            error = InputError("The executor was shut down.") if inner.cancelled() else inner.exception()
        died = isinstance(error, BrokenProcessPool)
        with self._lock:
            if died:
                self._seats.remove(seat)
            else:
                self._idle.append(seat)
        if died:
            error = WorkerDiedError(_exit_code(error))
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(inner.result())
        self._deal()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End all processes; what they are at is given up, after two seconds to clean up.

        Without `cancel_futures` it first waits for the tasks if `wait` is true.
        """
        if wait and not cancel_futures:
            self._wait_for_tasks()
        with self._lock:
            self._closed = True
            waiting, self._waiting = list(self._waiting), deque()
            seats = list(self._seats)
        for future, _, _ in waiting:
            future.cancel()
        with deaf_to_ctrl_c():  # or a second Ctrl-C would leave some of them running
            told = [seat for seat in seats if seat.tell_to_end()]
            deadline = time.monotonic() + _FAREWELL
            while time.monotonic() < deadline and any(seat.is_there() for seat in told):
                time.sleep(0.01)
            for seat in seats:
                seat.close()

    def _wait_for_tasks(self) -> None:
        while True:
            with self._lock:
                if not self._waiting and len(self._idle) == len(self._seats):
                    return
            time.sleep(0.01)


@contextlib.contextmanager
def deaf_to_ctrl_c() -> Iterator[None]:
    """Ignore Ctrl-C in the block if this is the main thread; it never arrives in another thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _exit_code(error: BaseException | None) -> str:
    """The exit code in loky's message, such as "SIGKILL(-9)", without its name."""
    found = re.search(r"\{\w*\(?(-?\d+)\)?", str(error))
    return found[1] if found else "unknown"
