"""The cores of this machine, and how processes that run at the same time share them."""

import os

THREADS = ("PJRT_NPROC", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""The variables that tell XLA, the native engine and the libraries of linear algebra how many threads to use."""


def cores() -> int:
    """The number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def shared_among(processes: int) -> dict[str, str]:
    """The environment of each of so many processes: their share of the cores, and no preallocation of GPU memory.

    What the user has set stays as it is.
    """
    threads = str(max(1, cores() // processes))
    wanted = {**dict.fromkeys(THREADS, threads), "XLA_PYTHON_CLIENT_PREALLOCATE": "false"}
    return {name: value for name, value in wanted.items() if name not in os.environ}
