"""Writing files, each whole or not at all, and preparing the folder for them."""

import contextlib
import csv
import errno
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from equipoise.core.errors import InputError
from equipoise.core.strict_json import to_json

_FULL = tuple(getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG") if hasattr(errno, name))


@contextlib.contextmanager
def explained_if_full(path: Path) -> Iterator[None]:
    """Raise `InputError` in place of an error of the block that says that the disk, or the share of it, is full.

    Libraries say so by an `OSError` with a number, or by an error of their own with the words of the system.
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        number = error.errno if isinstance(error, OSError) else None
        words = [os.strerror(code) for code in _FULL if code == number or os.strerror(code) in str(error)]
        if not words:
            raise
        raise InputError(f"Cannot write {path}: {words[0]}; free some space there, or choose another place.") from error


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; rename it to `path` at the end, or delete it if the block fails.

    An interrupted or failed write leaves the old file as it was. The temporary name keeps the suffix of `path`, since
    some writers choose their format by it. Raises `InputError` if the folder is not writable or full, or if `path` is a
    folder.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    except OSError as error:
        raise InputError(f"Cannot write to {path.parent}: {error.strerror}; choose another folder.") from error
    os.close(handle)
    temporary = Path(name)
    try:
        with explained_if_full(path):
            yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        _rename(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder beside `path`; rename it to `path` at the end, or delete it if the block fails.

    So the files in it are there as a set or not at all. Raises `InputError` if the place is not writable or full, or
    taken by anything but an empty folder.
    """
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    except OSError as error:
        raise InputError(f"Cannot write to {path.parent}: {error.strerror}; choose another folder.") from error
    try:
        with explained_if_full(path):
            yield temporary
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o777 & ~umask)
        if path.is_dir():
            with contextlib.suppress(OSError):
                path.rmdir()  # only if empty, since not every system renames onto a folder
        _rename(temporary, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _rename(temporary: Path, path: Path) -> None:
    try:
        os.replace(temporary, path)
    except OSError as error:
        raise InputError(f"Cannot write {path}: {error.strerror}; choose another name.") from error


def write_text(path: Path, text: str) -> Path:
    """Write `text` to `path` in UTF-8, whole or not at all; return the path."""
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path


def write_json(path: Path, value: Any) -> Path:
    """Write `value` as strict JSON, whole or not at all; return the path."""
    return write_text(path, to_json(value))


def write_arrays(path: Path, **arrays: np.ndarray) -> Path:
    """Write a .npz archive of `arrays` by name, without pickled objects, whole or not at all; return the path."""
    with whole_file(path) as temporary:
        np.savez(temporary, allow_pickle=False, **arrays)
    return path


def write_array(path: Path, array: np.ndarray) -> Path:
    """Write one array as .npy, whole or not at all; return the path."""
    with whole_file(path) as temporary:
        np.save(temporary, array, allow_pickle=False)
    return path


def write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Path:
    """Write a table as .csv in UTF-8, whole or not at all; return the path."""
    with whole_file(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return path


@contextlib.contextmanager
def output_folder(path: Path) -> Iterator[Path]:
    """Yield `path` as a writable folder, made if it is missing; if the block fails, remove new folders that are empty.

    Files that were there before, or were written in the block, stay. Raises `InputError` before the block if the folder
    is not writable.
    """
    path = Path(path)
    made = [folder for folder in (path, *path.parents) if not folder.exists()]
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise InputError(f"Cannot write to the output folder {path}: {error.strerror}; choose another.") from error
    try:
        yield path
    except BaseException:
        if made:
            for inner, _, _ in os.walk(path, topdown=False):
                _remove_if_empty(Path(inner))
        for folder in made:
            _remove_if_empty(folder)
        raise


def _remove_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


@contextlib.contextmanager
def whole_set(folder: Path, names: Iterable[str]) -> Iterator[Path]:
    """Yield a temporary folder in `folder`; at the end move its files there, in place of those of an earlier result.

    - `folder`: where the files go, made if it is missing.
    - `names`: patterns of the names that a result can have. Files that match one and are not in the new set are
      deleted.

    If the block fails, the earlier result stays as it was. Raises `InputError` if the folder is not writable or full.
    """
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
    except OSError as error:
        raise InputError(f"Cannot write to {folder}: {error.strerror}; choose another folder.") from error
    try:
        with explained_if_full(folder):
            yield temporary
    except InputError as error:  # it names the temporary folder, of which the user knows nothing
        shutil.rmtree(temporary, ignore_errors=True)
        raise InputError(str(error).replace(str(temporary), str(folder))) from error
    try:
        made = sorted(temporary.iterdir())
        for path in made:
            _rename(path, folder / path.name)
        remove_others(folder, names, made)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def remove_others(folder: Path, names: Iterable[str], kept: Iterable[Path]) -> None:
    """Delete the files of an earlier result from `folder`: those that match one of `names` and are not in `kept`."""
    wanted = {Path(path).name for path in kept}
    for pattern in names:
        for found in folder.glob(pattern):
            if found.name not in wanted and found.is_file():
                found.unlink()
