"""Ctrl-C that reaches the caller of a whole entry."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


class Interrupted(BaseException):
    """Ctrl-C was pressed. Unlike KeyboardInterrupt, which `simulate` answers with what it has, it ends the entry."""


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Raise `Interrupted` at Ctrl-C within the block, so that no entry goes on with half an ensemble.

    Outside the main thread, where Python allows no handler, and where Ctrl-C is ignored, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise Interrupted

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
