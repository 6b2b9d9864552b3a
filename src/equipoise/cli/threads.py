"""How many threads XLA computes in."""

import contextlib
import os
from collections.abc import Iterator

_THREADS = "PJRT_NPROC"
"""XLA reads it when its first computation begins."""


@contextlib.contextmanager
def one_thread(wanted: bool = True) -> Iterator[None]:
    """Let XLA compute in one thread if it begins within the block, and the user has not asked for another number.

    To hand the parts of a small ensemble's steps to several threads takes longer than to compute them: 10 replicates of
    rank 1 are stepped in 75 µs by two threads, and in 30 µs by one. Compiling uses all cores in any case.
    """
    if not wanted or _THREADS in os.environ:
        yield
        return
    os.environ[_THREADS] = "1"
    try:
        yield
    finally:
        del os.environ[_THREADS]
