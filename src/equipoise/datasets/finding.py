"""The format of a file: by its extension, by the name of a format, or by its first bytes."""

import difflib
import gzip
import io
import os
import zlib
from collections.abc import Sequence
from pathlib import Path

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt, reason
from equipoise.datasets.formats import REFUSED, Format, in_brief


def check_file(file: Path, name: str, folder: bool = False) -> None:
    """Raise `InputError` unless `file` is an existing regular file, or a folder if the format is one of folders."""
    if file.is_dir() and not folder:
        raise InputError(f"{name} is a folder; give a file in it.")
    if not file.exists():
        raise InputError(f"There is no file {name}; correct the path.")
    if folder and not file.is_dir():
        raise InputError(f"{name} is not a folder, as a store of this format is; unpack it, or correct its name.")
    if not folder and not file.is_file():
        raise InputError(f"{name} is not a regular file; copy its content to one.")


def format_of(
    path: str | os.PathLike[str], formats: Sequence[Format], named: str | None, name: str
) -> tuple[bool, Format]:
    """Return whether a file is compressed, and its format: by the name of a format, or by the longest extension."""
    ending = os.fspath(path).lower()
    if named is not None:
        return ending.endswith(".gz"), named_format(named, formats)
    known = [(extension, each) for each in formats for extension in each.names if ending.endswith(extension)]
    if known:
        extension, found = max(known, key=lambda pair: len(pair[0]))
        return extension not in found.extensions, found
    check_file(Path(path), name)
    refused = next((way for extension, way in REFUSED.items() if ending.endswith((extension, extension + ".gz"))), None)
    if refused is not None:
        raise InputError(
            f"{name} is not read, for files of its kind can run code or are outdated; convert it: {refused}."
        )
    raise InputError(
        f"{name} has no known extension; use one of {shown_formats(formats)}, or pass format='csv' if it is a table in "
        "text."
    )


def shown_formats(formats: Sequence[Format]) -> str:
    """Return the extensions of the formats for messages."""
    return in_brief(formats)


def named_format(named: str, formats: Sequence[Format]) -> Format:
    """Return the format of an extension without its dot; raise `InputError` with the nearest if there is none."""
    known = {extension.removeprefix("."): each for each in formats for extension in each.extensions}
    wanted = named.lower().removeprefix(".").removesuffix(".gz")
    if wanted in known:
        return known[wanted]
    near = difflib.get_close_matches(wanted, known, 1, 0.5)
    instead = f"did you mean {near[0]!r}?" if near else f"use one of {', '.join(known)}."
    raise InputError(f"There is no format {excerpt(named)}; {instead}")


def format_of_bytes(content: bytes, formats: Sequence[Format], named: str | None) -> tuple[bool, Format]:
    """Return whether some content is compressed, and its format: by name, by its first bytes, or else text."""
    start = content[:16]
    packed = start.startswith(b"\x1f\x8b")
    if named is not None:
        return packed, named_format(named, formats)
    if packed:
        start = decompressed(io.BytesIO(content), "standard input").read(16)
    for each in formats:
        if each.opening and start.startswith(each.opening):
            return packed, each
    if start.startswith(b"PK"):
        raise InputError("Standard input is an archive; say by format='npz' or format='xlsx' what it is.")
    return packed, named_format("csv", formats)


def decompressed(stream: io.BufferedIOBase, name: str) -> io.BufferedIOBase:
    """Return the content of a gzip stream; raise `InputError` if it is not one or is cut short."""
    packed = stream.read()
    try:
        return io.BytesIO(gzip.decompress(packed))
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(
            f"{name} is not a complete gzip file ({reason(error)}); "
            "compress it again, or remove .gz from its name if it is not compressed."
        ) from error
