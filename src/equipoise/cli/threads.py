"""The number of threads that XLA computes in."""

import contextlib
import os
from collections.abc import Iterator

_THREADS = "PJRT_NPROC"
"""XLA reads it when its first computation starts."""


@contextlib.contextmanager
def one_thread(wanted: bool = True) -> Iterator[None]:
    """Let XLA compute in one thread, if it starts within the block and the user has not set another number.

    For small ensembles it costs more to distribute the parts of a step over threads than to compute them: a step of 10
    replicates of rank 1 takes 75 µs in two threads, and 30 µs in one. Compilation always uses all cores.
    """
    if not wanted or _THREADS in os.environ:
        yield
        return
    os.environ[_THREADS] = "1"
    try:
        yield
    finally:
        del os.environ[_THREADS]
