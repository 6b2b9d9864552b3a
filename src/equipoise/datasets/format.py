"""What a file format is: its names, its readers, and the options that apply to it.

It imports only the standard library, so that help need not wait for NumPy.
"""

import dataclasses
import pkgutil
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

Kind: TypeAlias = Literal["matrix", "triplets"]
"""The kinds of content of a file."""

Function: TypeAlias = Callable[..., Any] | str
"""A function, or its place as "module:name", from where it is imported on first use."""


@dataclasses.dataclass(frozen=True)
class Format:
    """A file format: its names, the kinds of content it can hold, and their readers.

    - `extensions`: the endings of the names of such files, in lower case: ".csv".
    - `content`: the content of such a file, in words, for the documentation.
    - `matrix`: the reader of a matrix, `(OpenFile, ReadOptions)` -> anything that `finite_matrix` takes, or a
      `LabelledMatrix`; None, the default, if the format has none.
    - `triplets`: the reader of triplets, `(OpenFile, ReadOptions)` -> `EntryTable`; None, the default, if the format
      has none.
    - `table`: instead of both, the reader of a table, `(OpenFile, ReadOptions)` -> `Table`, of which the package
      makes either.
    - `decide`: for a format with a reader of each kind, a function that tells the kind of some content,
      `(bytes, Format)` -> `Kind`.
    - `delimiter`: the separator of cells in a text, unless the content says otherwise.
    - `stamped`: whether the fourth column holds timestamps, as in MovieLens' own files.
    - `compressible`: whether the file may be compressed by gzip, with .gz after the extension.
    - `folder`: whether such a "file" is a folder.
    - `opening`: the bytes that such a file begins with, one of several; none if there are no such bytes.
    - `options`: the fields of `ReadOptions` that apply to its readers.
    - `package`: the package that must be installed, if any.
    - `extra`: the extra of Equipoise that installs it, if any.

    Functions are given themselves, or as "module:name". Raises `ValueError` for a format without a reader, and for one
    that can hold either kind but has no `decide`.
    """

    extensions: tuple[str, ...]
    content: str
    matrix: Function | None = None
    triplets: Function | None = None
    table: Function | None = None
    decide: Function | None = None
    delimiter: str = ""
    stamped: bool = False
    compressible: bool = False
    folder: bool = False
    opening: tuple[bytes, ...] = ()
    options: tuple[str, ...] = ()
    package: str = ""
    extra: str = ""

    def __post_init__(self) -> None:
        if not self.holds:
            raise ValueError(f"The format {self.extensions} holds nothing; give a reader of matrices or triplets.")
        if len(self.readers) > 1 and self.decide is None:
            raise ValueError(f"The format {self.extensions} can hold either; give decide= to tell which one a file is.")

    @property
    def readers(self) -> dict[Kind, Function]:
        """The reader of each kind that has one of its own."""
        named: dict[Kind, Function | None] = {"matrix": self.matrix, "triplets": self.triplets}
        return {kind: reader for kind, reader in named.items() if reader is not None}

    @property
    def holds(self) -> tuple[Kind, ...]:
        """What such a file can hold: a matrix, triplets, or either."""
        return tuple(self.readers) if self.table is None else ("matrix", "triplets")

    @property
    def names(self) -> tuple[str, ...]:
        """All extensions; those of compressed files follow the plain ones."""
        return tuple(
            extension + packing
            for extension in self.extensions
            for packing in (("", ".gz") if self.compressible else ("",))
        )


def resolved(function: Function) -> Callable[..., Any]:
    """The function itself, imported if only its place was given."""
    return pkgutil.resolve_name(function) if isinstance(function, str) else function
