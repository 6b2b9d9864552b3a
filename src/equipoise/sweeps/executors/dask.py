"""A Dask cluster as an executor."""

import contextlib
import importlib.metadata
from collections.abc import Iterator
from concurrent.futures import Executor
from typing import Any

from equipoise.core.errors import InputError
from equipoise.core.messages import reason
from equipoise.machine import versions

_PATIENCE = "20s"
"""How long to wait for the scheduler."""


@contextlib.contextmanager
def connected(address: str) -> Iterator[tuple[Executor, Any]]:
    """Yield an executor on the workers of the scheduler at an address, and the client behind it.

    Raises `InputError` without the package distributed, if the scheduler cannot be reached, and if a worker lacks the
    package or has another version of it or of a library that computes.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError(
            "A scheduler needs the package distributed, which is not installed; "
            "run: pip install 'equipoise[distributed]'."
        ) from error
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(
            f"The scheduler {address} cannot be reached ({reason(error)}); start one by `dask scheduler`, "
            "or check the address."
        ) from error
    with client:
        check_workers(client)
        executor = client.get_executor(pure=False)
        try:
            yield executor, client
        finally:
            with contextlib.suppress(Exception):  # the scheduler may have gone
                executor.shutdown(wait=False)


def check_workers(client: Any) -> None:
    """Raise `InputError` if a worker of the cluster lacks the package, or has other versions than there are here."""
    for name, version in versions().items():
        for worker, found in client.run(importlib.metadata.version, name, on_error="return").items():
            if isinstance(found, Exception):
                raise InputError(f"The worker {worker} has no package {name}; install it in the worker's environment.")
            if found != version:
                raise InputError(f"The worker {worker} has {name} {found}, but here it is {version}; install the same.")


def threads_of(client: Any) -> int:
    """The number of tasks that the workers can run at once; at least 1, since workers may join later.

    Raises `InputError` if the scheduler has gone.
    """
    try:
        return max(1, sum(client.nthreads().values()))
    except Exception as error:
        raise InputError(
            f"The scheduler has gone ({reason(error)}); start it again, and run the sweep again to go on."
        ) from error
