"""Opening a user's file: what may be wrong with the path or the packing, and any other failure, in one sentence."""

import contextlib
import gzip
import io
import os
import warnings
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from equipoise.core.errors import InputError
from equipoise.core.messages import reason


def check_file(file: Path, name: str) -> None:
    """Raise `InputError` unless `file` is a regular file that exists."""
    if file.is_dir():
        raise InputError(f"{name} is a folder; give a file in it.")
    if not file.exists():
        raise InputError(f"There is no file {name}; correct the path.")
    if not file.is_file():
        raise InputError(f"{name} is not a regular file; copy its content to one.")


def known_extension(path: str | os.PathLike[str], extensions: Sequence[str], name: str) -> str:
    """Return the one of `extensions` that `path` ends with, in small letters or capitals; `InputError` if none."""
    known = [extension for extension in extensions if os.fspath(path).lower().endswith(extension)]
    if not known:
        raise InputError(f"{name} has no extension that is known here; use one of {', '.join(extensions)}.")
    return known[0]


def unpacked(stream: io.BufferedIOBase, name: str) -> io.BufferedIOBase:
    """Return the content of a gzip stream; `InputError` if it is none, or cut short."""
    packed = stream.read()
    try:
        return io.BytesIO(gzip.decompress(packed))
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(
            f"{name} is not a complete gzip file ({reason(error)}); "
            "compress it again, or take .gz from its name if it is plain."
        ) from error


@contextlib.contextmanager
def one_sentence(name: str, what: str) -> Iterator[None]:
    """Let `InputError` pass and turn any other failure into one; warnings about the content are not shown.

    Readers of foreign formats fail in more ways than they document. `what` is being read: a matrix, a table.
    """
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            yield
    except InputError:
        raise
    except MemoryError as error:
        raise InputError(f"{name} does not fit in memory ({reason(error)}); give a smaller {what}.") from error
    except Exception as error:
        if isinstance(error, OSError) and error.filename is not None:  # the path failed, not the content
            raise InputError(f"Cannot open {name}: {reason(error)}; check its permissions.") from error
        raise InputError(
            f"Cannot read {name} ({reason(error)}); it is damaged or not what its extension says, "
            "so save it again or correct its extension."
        ) from error
