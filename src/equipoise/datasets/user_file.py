"""Files given by path, opened: the format, the kind of content, and every failure as an error of one sentence."""

import contextlib
import dataclasses
import gzip
import importlib
import io
import os
import warnings
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from equipoise.core.errors import InputError
from equipoise.core.messages import joined, reason, shown_path
from equipoise.datasets.formats import FORMATS, Format, Kind, extensions, holding, resolved
from equipoise.datasets.options import MatrixOptions, TripletOptions

_CALLED = {"matrix": "matrix", "triplets": "table", "auto": "file"}


@dataclasses.dataclass(frozen=True)
class OpenFile:
    """A file that is open for reading.

    - `name`: its name for messages.
    - `format`: its row in the table of formats.
    - `kind`: whether it is read as a matrix or as triplets.
    - `stream`: its content, decompressed, from the beginning.
    - `others`: all formats that can hold the same kind, for messages.
    """

    name: str
    format: Format
    kind: Kind
    stream: io.BufferedIOBase
    others: tuple[Format, ...]

    def read(self, options: MatrixOptions | TripletOptions) -> Any:
        """Return what the reader of the format makes of the content.

        Raises `InputError` for an option that does not apply to this format, for a package that is not installed, and
        for any error that the reader finds.
        """
        self._check_options(options._asdict())
        self._check_package()
        return resolved(self.format.readers[options.kind])(self, options)

    def _check_options(self, options: dict[str, Any]) -> None:
        for option, value in options.items():
            takers = [each for each in self.others if option in each.options]
            if value is not None and takers and option not in self.format.options:
                files = joined([extension for each in takers for extension in each.extensions])
                raise InputError(f"{option}= is only for {files} files, not for {self.name}; leave it out.")

    def _check_package(self) -> None:
        package = self.format.package
        if not package:
            return
        try:
            importlib.import_module(package)
        except ImportError as error:
            free = [each.extensions[0] for each in self.others if not each.package]
            instead = f", or save the table as {free[0]}" if free else ""
            raise InputError(
                f"Reading {self.name} needs {package}, which is not installed; "
                f"install it (pip install {package}){instead}."
            ) from error


@contextlib.contextmanager
def open_file(
    path: str | os.PathLike[str], kind: Kind | Literal["auto"] = "auto", formats: Sequence[Format] = FORMATS
) -> Iterator[OpenFile]:
    """Open a file for a `with` block, find its format by the extension, and decide how to read it.

    - `path`: the file. Upper and lower case of the extension do not matter.
    - `kind`: "matrix" or "triplets". For "auto", the default, a format that can hold either decides by the content,
      which is read from disk once.
    - `formats`: the table of formats; by default that of the package.

    Every failure, also inside the block, becomes an `InputError` of one sentence that names the file.
    """
    name = shown_path(path)
    with one_sentence(name, _CALLED[kind]):
        check_file(Path(path), name)
        extension, found = _known_format(path, holding(kind, formats), name)
        with Path(path).open("rb") as raw:
            stream = raw if extension in found.extensions else _decompressed(raw, name)
            decided, stream = _decided(found, stream) if kind == "auto" else (kind, stream)
            yield OpenFile(name, found, decided, stream, holding(decided, formats))


def check_file(file: Path, name: str) -> None:
    """Raise `InputError` unless `file` is an existing regular file."""
    if file.is_dir():
        raise InputError(f"{name} is a folder; give a file in it.")
    if not file.exists():
        raise InputError(f"There is no file {name}; correct the path.")
    if not file.is_file():
        raise InputError(f"{name} is not a regular file; copy its content to one.")


def _known_format(path: str | os.PathLike[str], formats: Sequence[Format], name: str) -> tuple[str, Format]:
    """Return the longest extension that `path` ends with, and its format; raise `InputError` if it has none."""
    ending = os.fspath(path).lower()
    known = [(extension, each) for each in formats for extension in each.names if ending.endswith(extension)]
    if not known:
        listed = ", ".join(extensions(formats))
        raise InputError(f"{name} has no known extension; use one of {listed}.")
    return max(known, key=lambda pair: len(pair[0]))


def _decompressed(stream: io.BufferedIOBase, name: str) -> io.BufferedIOBase:
    """Return the content of a gzip stream; raise `InputError` if it is not one or is cut short."""
    packed = stream.read()
    try:
        return io.BytesIO(gzip.decompress(packed))
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(
            f"{name} is not a complete gzip file ({reason(error)}); "
            "compress it again, or remove .gz from its name if it is not compressed."
        ) from error


def _decided(found: Format, stream: io.BufferedIOBase) -> tuple[Kind, io.BufferedIOBase]:
    """Return the kind of the content, and a stream of it from the beginning."""
    if found.decide is None:
        return found.holds[0], stream
    content = stream.read()
    return resolved(found.decide)(content, found), io.BytesIO(content)


@contextlib.contextmanager
def one_sentence(name: str, what: str) -> Iterator[None]:
    """Let `InputError` pass and turn any other failure into one; suppress warnings about the content.

    Readers of foreign formats fail in more ways than they document. `what` names what is read: a matrix, a table.
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
