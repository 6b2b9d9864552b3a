"""What a process of `Local` does besides its tasks: it is deaf to Ctrl-C, ends when told to, and outlives nobody."""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

_PARENT_CHECKED = 1.0
"""The seconds between two looks at whether the process that started this one still lives."""


class Stopped(BaseException):
    """The process was told to end during a task."""


class _Tasks:
    running = False


def prepare(parent: int) -> None:
    """Set up this process, which the process `parent` started."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C on a terminal reaches all processes; the parent answers it
    signal.signal(signal.SIGTERM, _stop)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    _keep_memory()


def call(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Call a function. If the process is told to end meanwhile, let the function clean up, and end.

    It leaves without Python's cleanup, since XLA may still be running in other threads.
    """
    _Tasks.running = True
    try:
        return function(*arguments)
    except Stopped:
        os._exit(0)
    finally:
        _Tasks.running = False


def _stop(number: int, frame: FrameType | None) -> None:
    del number, frame
    if not _Tasks.running:
        os._exit(0)
    sys.unraisablehook = lambda unraisable: None  # half-made objects, such as a file being opened, have nothing to say
    raise Stopped


def _end_with(parent: int) -> None:
    """End this process when its parent has ended, as after `kill -9`; nobody would send it a task any more."""
    while os.getppid() == parent:
        time.sleep(_PARENT_CHECKED)
    os._exit(1)


def _keep_memory() -> None:
    """Let loky not replace this process when its memory grows: compiled programs are kept on purpose."""
    with contextlib.suppress(ImportError):
        from loky import process_executor

        process_executor._USE_PSUTIL = False
