"""Options shared by several commands."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter, Token


def _exactly(kind: Any, tokens: Sequence[Token]) -> int:
    """The token as an int; cyclopts itself would round 1.5."""
    del kind
    try:
        return int(tokens[0].value)
    except ValueError:
        raise ValueError(f"{tokens[0].value!r} is not a whole number") from None


WholeNumber = Annotated[int, Parameter(converter=_exactly)]
"""A whole number; any other number is an error and is not rounded."""

OptionalWholeNumber = Annotated[int | None, Parameter(converter=_exactly)]
"""A whole number, or None if the option is left out."""

Flag = Annotated[bool, Parameter(show_default=False)]
"""A switch that is off by default."""

Center = Annotated[bool, Parameter(name=("--center", "--centre"), show_default=False)]
"""First subtract means; in both spellings."""

AsJson = Annotated[bool, Parameter(name="--json", show_default=False)]
"""Print one JSON document on stdout, and everything else on stderr."""

Folder = Annotated[Path, Parameter(metavar="DIR")]
"""A folder to write into, created if needed."""
