"""The lock of a store: one sweep at a time writes into it."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import filelock

from equipoise.core.errors import InputError
from equipoise.core.messages import shown_path
from equipoise.sweeps.store.places import beside

_NAME = "sweep.lock"


@contextlib.contextmanager
def locked(folder: Path, patience: float = 1.0) -> Iterator[None]:
    """Hold the lock of the store in a folder; the system gives it back when the process ends, however it ends.

    - `patience`: the seconds to wait for it; a look at the status holds it for a moment.

    Raises `InputError` if another sweep holds it.
    """
    lock = filelock.FileLock(beside(folder) / _NAME)
    try:
        lock.acquire(timeout=patience)
    except filelock.Timeout as error:
        raise InputError(
            f"The store {shown_path(folder)} is in use by another sweep; wait for it to end, or use another store."
        ) from error
    try:
        yield
    finally:
        lock.release()


def is_locked(folder: Path) -> bool:
    """Whether a sweep is writing into the store in a folder."""
    if not (beside(folder) / _NAME).exists():
        return False
    try:
        with locked(folder, patience=0.0):
            return False
    except InputError:
        return True
