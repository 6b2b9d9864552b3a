"""Files given by path, opened: the format, the kind of content, and every failure as an error of one sentence."""

import contextlib
import dataclasses
import functools
import importlib
import io
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from equipoise.core.errors import InputError
from equipoise.core.messages import joined, reason, shown_path
from equipoise.datasets.finding import check_file, decompressed, format_of, format_of_bytes, shown_formats
from equipoise.datasets.formats import FORMATS, Format, Kind, holding, resolved
from equipoise.datasets.options import ReadOptions
from equipoise.datasets.tables.kind import kind_of
from equipoise.datasets.tables.table import Table

_CALLED = {"matrix": "matrix", "triplets": "table", "auto": "file"}
Lean = Kind | Literal["neither"]


@dataclasses.dataclass(frozen=True)
class OpenFile:
    """A file that is open for reading.

    - `name`: its name for messages.
    - `format`: its row in the table of formats.
    - `kind`: whether it is read as a matrix or as triplets.
    - `stream`: its content, decompressed, from the beginning; empty for a folder.
    - `others`: all formats that can hold the same kind, for messages.
    - `options`: how to read it.
    - `path`: where it is; None if it comes from a pipe.
    """

    name: str
    format: Format
    kind: Kind
    stream: io.BufferedIOBase
    others: tuple[Format, ...]
    options: ReadOptions = dataclasses.field(default_factory=ReadOptions)
    path: Path | None = None

    @functools.cached_property
    def table(self) -> Table:
        """The table in the file, read once, if the format is one of tables."""
        assert self.format.table is not None
        return self._made_by(self.format.table)

    def read(self) -> Any:
        """Return what the reader of this kind makes of the content; a `Table` if the format is one of tables.

        Raises `InputError` for an option that does not apply to this format, for a package that is not installed, and
        for any error that the reader finds.
        """
        return self.table if self.format.table is not None else self._made_by(self.format.readers[self.kind])

    def _made_by(self, reader: Any) -> Any:
        _check_options(self)
        _check_package(self)
        return resolved(reader)(self, self.options)


def _check_options(file: OpenFile) -> None:
    for option in file.options.given():
        if option in file.format.options:
            continue
        takers = [each for each in FORMATS + file.others if option in each.options]
        files = joined(list(dict.fromkeys(extension for each in takers for extension in each.extensions)))
        raise InputError(f"{option}= is only for {files} files, not for {file.name}; leave it out.")


def _check_package(file: OpenFile) -> None:
    package, extra = file.format.package, file.format.extra
    if not package:
        return
    try:
        importlib.import_module(package)
    except ImportError as error:
        free = [each.extensions[0] for each in file.others if not each.package and each.compressible]
        instead = f", or save the table as {free[0]}" if free else ""
        install = f"pip install 'equipoise[{extra}]'" if extra else f"pip install {package}"
        raise InputError(
            f"Reading {file.name} needs {package}, which is not installed; install it ({install}){instead}."
        ) from error


@contextlib.contextmanager
def open_file(
    path: str | os.PathLike[str],
    kind: Kind | Literal["auto"] = "auto",
    formats: Sequence[Format] = FORMATS,
    options: ReadOptions | None = None,
    *,
    format: str | None = None,
    lean: Lean = "neither",
) -> Iterator[OpenFile]:
    """Open a file for a `with` block, find its format by the extension, and decide how to read it.

    - `path`: the file. Upper and lower case of the extension do not matter. "-" is standard input.
    - `kind`: "matrix" or "triplets". For "auto", the default, a format that can hold either decides by the content,
      which is read from disk once.
    - `formats`: the table of formats; by default that of the package.
    - `options`: how to read it; by default the content decides.
    - `format`: an extension without its dot, such as "csv", if the name of the file does not tell.
    - `lean`: the kind to take where both readings remain; "neither", the default, refuses such a file.

    Every failure, also inside the block, becomes an `InputError` of one sentence that names the file.
    """
    piped = os.fspath(path) == "-"
    name = "standard input" if piped else shown_path(path)
    with one_sentence(name, _CALLED[kind]), contextlib.ExitStack() as stack:
        known = holding(kind, formats)
        if piped:
            content = sys.stdin.buffer.read()
            stream: io.BufferedIOBase = io.BytesIO(content)
            packed, found = format_of_bytes(content, known, format)
        else:
            packed, found = format_of(path, known, format, name)
            check_file(Path(path), name, folder=found.folder)
            stream = io.BytesIO() if found.folder else stack.enter_context(Path(path).open("rb"))
        stream = decompressed(stream, name) if packed else stream
        _check_opening(found, stream, name, known)
        given = options or ReadOptions()
        file = OpenFile(name, found, "matrix", stream, known, given, None if piped or packed else Path(path))
        yield _decided(file, kind, lean, formats)


def _decided(file: OpenFile, kind: Kind | Literal["auto"], lean: Lean, formats: Sequence[Format]) -> OpenFile:
    """Return the file with its kind and a stream from the beginning."""
    found = file.format
    if kind != "auto":
        return dataclasses.replace(file, kind=kind)
    if found.table is not None:
        decided = kind_of(file.table, file.options.columns, lean)
        made = dataclasses.replace(file, kind=decided, others=holding(decided, formats))
        made.__dict__["table"] = file.table
        return made
    if found.decide is None:
        return dataclasses.replace(file, kind=found.holds[0], others=holding(found.holds[0], formats))
    content = file.stream.read()
    decided = resolved(found.decide)(content, found)
    return dataclasses.replace(file, kind=decided, stream=io.BytesIO(content), others=holding(decided, formats))


def _check_opening(found: Format, stream: io.BufferedIOBase, name: str, known: Sequence[Format]) -> None:
    """Raise `InputError` for a text that has the extension of a binary format."""
    if not found.opening or found.compressible or found.folder:
        return
    start = stream.read(512)
    stream.seek(0)
    if start.startswith(found.opening) or not start:
        return
    if b"\0" not in start and sum(byte >= 32 or byte in b"\t\r\n" for byte in start) > 0.9 * len(start):
        raise InputError(
            f"{name} begins like a text, not like a {found.extensions[0]} file; pass format='csv' if it is a table, or "
            f"give one of {shown_formats(known)}."
        )


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
