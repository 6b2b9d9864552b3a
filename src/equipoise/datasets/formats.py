"""The table of file formats, one row per format, used by readers, messages, the help of the command line and the docs.

It imports only the standard library, so that help need not wait for NumPy.
"""

import dataclasses
import pkgutil
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

Kind: TypeAlias = Literal["matrix", "triplets"]
"""The kinds of content of a file."""

Function: TypeAlias = Callable[..., Any] | str
"""A function, or its place as "module:name", from where it is imported on first use."""

_READERS = "equipoise.datasets.readers"


@dataclasses.dataclass(frozen=True)
class Format:
    """A file format: its names, the kinds of content it can hold, and their readers.

    - `extensions`: the endings of the names of such files, in lower case: ".csv".
    - `content`: the content of such a file, in words, for the documentation.
    - `matrix`: the reader of a matrix, `(OpenFile, MatrixOptions)` -> anything that `finite_matrix` takes; None, the
      default, if the format cannot hold one.
    - `triplets`: the reader of triplets, `(OpenFile, TripletOptions)` -> `EntryTable`; None, the default, if the format
      cannot hold them.
    - `decide`: for a format that can hold either, a function that tells the kind of some content, `(bytes, Format)` ->
      `Kind`.
    - `delimiter`: the separator of cells in a text.
    - `stamped`: whether the fourth column holds timestamps, as in MovieLens' own files.
    - `compressible`: whether the file may be compressed by gzip, with .gz after the extension.
    - `options`: those of "key" and "header" that apply to its readers.
    - `package`: the package that must be installed, if any.

    Functions are given themselves, or as "module:name". Raises `ValueError` for a format without a reader, and for one
    that can hold either kind but has no `decide`.
    """

    extensions: tuple[str, ...]
    content: str
    matrix: Function | None = None
    triplets: Function | None = None
    decide: Function | None = None
    delimiter: str = ""
    stamped: bool = False
    compressible: bool = False
    options: tuple[str, ...] = ()
    package: str = ""

    def __post_init__(self) -> None:
        if not self.holds:
            raise ValueError(f"The format {self.extensions} holds nothing; give a reader of matrices or triplets.")
        if len(self.holds) > 1 and self.decide is None:
            raise ValueError(f"The format {self.extensions} can hold either; give decide= to tell which one a file is.")

    @property
    def readers(self) -> dict[Kind, Function]:
        """The reader of each kind that such a file can hold."""
        named: dict[Kind, Function | None] = {"matrix": self.matrix, "triplets": self.triplets}
        return {kind: reader for kind, reader in named.items() if reader is not None}

    @property
    def holds(self) -> tuple[Kind, ...]:
        """What such a file can hold: a matrix, triplets, or either."""
        return tuple(self.readers)

    @property
    def names(self) -> tuple[str, ...]:
        """All extensions; those of compressed files follow the plain ones."""
        return tuple(
            extension + packing
            for extension in self.extensions
            for packing in (("", ".gz") if self.compressible else ("",))
        )


FORMATS = (
    Format((".npy",), "one NumPy array", matrix=f"{_READERS}.numpy_files:read_npy"),
    Format(
        (".npz",),
        "several NumPy arrays (`key` names the one to read), or a sparse matrix by `scipy.sparse.save_npz`",
        matrix=f"{_READERS}.numpy_files:read_npz",
        options=("key",),
    ),
    Format(
        (".csv",),
        "a table in text, cells separated by commas",
        matrix=f"{_READERS}.text.matrix:read_text_matrix",
        triplets=f"{_READERS}.text.triplets:read_text_triplets",
        decide=f"{_READERS}.text.kind:kind_of_table",
        delimiter=",",
        compressible=True,
        options=("header",),
    ),
    Format(
        (".tsv",),
        "a table in text, cells separated by tabs",
        matrix=f"{_READERS}.text.matrix:read_text_matrix",
        triplets=f"{_READERS}.text.triplets:read_text_triplets",
        decide=f"{_READERS}.text.kind:kind_of_table",
        delimiter="\t",
        compressible=True,
        options=("header",),
    ),
    Format(
        (".mtx",),
        "Matrix Market, dense or sparse",
        matrix=f"{_READERS}.matrix_market:read_matrix_market",
        compressible=True,
    ),
    Format(
        (".data", ".base", ".test"),
        "MovieLens' own, cells separated by tabs, timestamps in the fourth column",
        triplets=f"{_READERS}.text.triplets:read_text_triplets",
        delimiter="\t",
        stamped=True,
        compressible=True,
        options=("header",),
    ),
    Format(
        (".dat",),
        "MovieLens' own, cells separated by double colons, timestamps in the fourth column",
        triplets=f"{_READERS}.text.triplets:read_text_triplets",
        delimiter="::",
        stamped=True,
        compressible=True,
        options=("header",),
    ),
    Format(
        (".parquet",),
        "the columns of a Parquet table",
        triplets=f"{_READERS}.parquet:read_parquet",
        package="pyarrow",
    ),
)
"""The supported formats, in the order in which messages list them."""


def holding(kind: Kind | Literal["auto"], formats: Sequence[Format] = FORMATS) -> tuple[Format, ...]:
    """The formats that can hold a matrix, or triplets; all of them for "auto"."""
    return tuple(each for each in formats if kind == "auto" or kind in each.holds)


def extensions(formats: Sequence[Format] = FORMATS) -> tuple[str, ...]:
    """Every extension of these formats, including those of compressed files."""
    return tuple(name for each in formats for name in each.names)


def in_brief(formats: Sequence[Format] = FORMATS) -> str:
    """The extensions for a line of help: ".npy, .csv[.gz]"."""
    return ", ".join(
        extension + ("[.gz]" if each.compressible else "") for each in formats for extension in each.extensions
    )


def resolved(function: Function) -> Callable[..., Any]:
    """The function itself, imported if only its place was given."""
    return pkgutil.resolve_name(function) if isinstance(function, str) else function
