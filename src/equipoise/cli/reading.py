"""The options of commands that read a file of the user's own."""

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from equipoise.datasets.formats import FORMATS, Kind

if TYPE_CHECKING:
    from equipoise.datasets.options import ReadOptions

Duplicates = Literal["error", "mean", "last", "sum"]


@Parameter(name="*")
@dataclasses.dataclass(frozen=True)
class Reading:
    """How to read a file; what is left out is found out."""

    format: Annotated[
        str,
        Parameter(
            help="What the file holds, triplets or matrix; or its format, such as csv, if its name does not tell."
        ),
    ] = "auto"
    separator: Annotated[
        str | None, Parameter(help="What stands between the cells of a text: a character, or comma, tab, space, ...")
    ] = None
    decimal: Annotated[str | None, Parameter(help="The decimal mark of a text: . or ,")] = None
    thousands: Annotated[str | None, Parameter(help="The mark between thousands in a text, such as , or '")] = None
    missing: Annotated[
        list[str] | None,
        Parameter(
            help="A cell that stands for a missing number, beside empty ones, NA, NaN, null and ?; such as -999. "
            "Give it several times for several.",
            allow_leading_hyphen=True,
        ),
    ] = None
    encoding: Annotated[str | None, Parameter(help="The encoding of a text, such as utf-16 or latin-1.")] = None
    comment: Annotated[
        str | None, Parameter(help="What begins a comment in a text; by default lines that begin with # or % are.")
    ] = None
    header: Annotated[
        bool | None,
        Parameter(
            negative="--no-header",
            help="Whether the first line of a table holds titles; by default the program decides by the content.",
        ),
    ] = None
    labels: Annotated[
        bool | None,
        Parameter(negative="--no-labels", help="Whether the first column of a matrix holds the labels of its rows."),
    ] = None
    columns: Annotated[
        list[str] | None,
        Parameter(
            help="The titles of row ids, column ids and values (and times), for triplets.", consume_multiple=(1, None)
        ),
    ] = None
    duplicates: Annotated[
        Duplicates,
        Parameter(help="What to do with several values for one entry: refuse them, or take their mean, last or sum."),
    ] = "error"
    key: Annotated[str | None, Parameter(help="The array to take from a file of several.")] = None
    layer: Annotated[str | None, Parameter(help="The layer to take from an AnnData file.")] = None
    sheet: Annotated[str | None, Parameter(help="The sheet to take from a spreadsheet, by name or by number.")] = None

    @property
    def kind(self) -> Kind | Literal["auto"]:
        """What `--format` or `--columns` say of the content."""
        if self.columns is not None and self.format != "matrix":
            return "triplets"
        kinds: dict[str, Kind] = {"matrix": "matrix", "triplets": "triplets"}
        return kinds.get(self.format, "auto")

    @property
    def file_format(self) -> str | None:
        """The format of the file that `--format` names, if it does."""
        from equipoise.datasets.finding import named_format

        if self.format in ("auto", "matrix", "triplets"):
            return None
        named_format(self.format, FORMATS)
        return self.format

    def options(self) -> "ReadOptions":
        """The options of the readers."""
        from equipoise.datasets.options import read_options

        names = (
            "separator",
            "decimal",
            "thousands",
            "encoding",
            "comment",
            "header",
            "labels",
            "key",
            "layer",
            "sheet",
        )
        given: dict[str, Any] = {name: getattr(self, name) for name in names}
        return read_options({**given, "columns": self.columns, "missing_cells": self.missing})


SAID = {"missing_cells": "missing", "kind": "format", "dense": "all", "as_json": "json"}
"""Names of options on the command line that differ from those in Python."""
