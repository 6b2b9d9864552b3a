"""The table of file formats, a row for each: readers, messages, the command line's help and the docs follow it.

It imports nothing but the standard library, so that help need not wait for NumPy.
"""

import dataclasses
import pkgutil
from collections.abc import Callable, Sequence
from typing import Any, Literal, TypeAlias

Kind: TypeAlias = Literal["matrix", "triplets"]
"""What a file holds."""

Function: TypeAlias = Callable[..., Any] | str
"""A function, or its place as "module:name", from where it is imported when it is needed."""

_READERS = "equipoise.datasets.readers"


@dataclasses.dataclass(frozen=True)
class Format:
    """A kind of file: what it is called, what it can hold, and who reads it.

    - `extensions`: what the names of such files end with, in small letters: ".csv".
    - `content`: what is in such a file, in words, for the documentation.
    - `matrix`: the reader of a matrix, `(OpenFile, MatrixOptions)` -> anything that `finite_matrix` takes. By default
      such a file holds none.
    - `triplets`: the reader of triplets, `(OpenFile, TripletOptions)` -> `EntryTable`. By default it holds none.
    - `decide`: for a format that can hold either, which of the two a content is, `(bytes, Format)` -> `Kind`.
    - `delimiter`: what separates the cells of a text.
    - `stamped`: whether the fourth column holds timestamps, as in MovieLens' own files.
    - `compressible`: whether it may be compressed by gzip, with .gz after the extension.
    - `options`: those of "key" and "header" that mean something to its readers.
    - `package`: the package to be installed first, if any.

    Functions are given as they are, or as "module:name". Raises `ValueError` for a format that holds nothing, and for
    one that can hold either and does not decide.
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
            raise ValueError(f"The format {self.extensions} can hold either; say by decide= which one a file is.")

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
        """All extensions, those of compressed files after the plain ones."""
        return tuple(
            extension + packing
            for extension in self.extensions
            for packing in (("", ".gz") if self.compressible else ("",))
        )


FORMATS = (
    Format((".npy",), "one array of NumPy's", matrix=f"{_READERS}.numpy_files:read_npy"),
    Format(
        (".npz",),
        "several arrays of NumPy's, of which `key` names one, or a sparse matrix by `scipy.sparse.save_npz`",
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
"""The formats that are read, in the order in which messages list them."""


def holding(kind: Kind | Literal["auto"], formats: Sequence[Format] = FORMATS) -> tuple[Format, ...]:
    """The formats that can hold a matrix, or triplets; all of them for "auto"."""
    return tuple(each for each in formats if kind == "auto" or kind in each.holds)


def extensions(formats: Sequence[Format] = FORMATS) -> tuple[str, ...]:
    """Every extension of these formats, those of compressed files included."""
    return tuple(name for each in formats for name in each.names)


def in_brief(formats: Sequence[Format] = FORMATS) -> str:
    """The extensions for a line of help: ".npy, .csv[.gz]"."""
    return ", ".join(
        extension + ("[.gz]" if each.compressible else "") for each in formats for extension in each.extensions
    )


def resolved(function: Function) -> Callable[..., Any]:
    """The function, imported if its place was given."""
    return pkgutil.resolve_name(function) if isinstance(function, str) else function
