"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

Flag = Annotated[bool, Parameter(show_default=False)]
"""A switch that is off unless named."""

AsJson = Annotated[bool, Parameter(name="--json", show_default=False)]
"""Print one JSON document on stdout, and everything else on stderr."""

Folder = Annotated[Path, Parameter(metavar="DIR")]
"""A folder to write into, made if need be."""
