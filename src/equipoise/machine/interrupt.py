"""Ctrl-C that ends the run of a whole claim."""

import _thread
import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


class Interrupted(BaseException):
    """Ctrl-C was pressed. This ends a claim's run; on a KeyboardInterrupt `simulate` would return a partial result."""


@contextlib.contextmanager
def interruptible(again: float = 1.0) -> Iterator[None]:
    """Raise `Interrupted` at Ctrl-C within the block, so that no claim continues with a partial ensemble.

    - `again`: the time in seconds after which the exception is raised again.

    Python drops an exception that a signal raises within a destructor or a callback of the garbage collector. So the
    exception is raised again and again until the block is left. Nothing changes outside the main thread, where
    Python allows no handler, and where Ctrl-C is ignored.
    """
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        yield
        return
    left = threading.Event()
    reminder = threading.Thread(target=_remind, args=(left, again), daemon=True)

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        if left.is_set():
            return
        if reminder.ident is None:
            reminder.start()
        raise Interrupted

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        left.set()
        if reminder.ident is not None:
            reminder.join()
        signal.signal(signal.SIGINT, before)


def _remind(left: threading.Event, again: float) -> None:
    while not left.wait(again):
        _thread.interrupt_main()
