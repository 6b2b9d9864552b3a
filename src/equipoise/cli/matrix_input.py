"""The input of the commands on a whole matrix."""

from pathlib import Path
from typing import TYPE_CHECKING

from equipoise.cli.reading import Reading

if TYPE_CHECKING:
    from equipoise.datasets import LabelledMatrix
    from equipoise.datasets.formats import Kind


def read_matrix(file: Path, how: Reading) -> "LabelledMatrix":
    """The matrix in `file`; raises `InputError` if titles say that it holds entries."""
    from equipoise.core.errors import InputError
    from equipoise.datasets import matrix_in, open_file

    lean: Kind = "matrix"
    with open_file(file, how.kind, options=how.options(), format=how.file_format, lean=lean) as opened:
        if opened.kind == "triplets":
            raise InputError(
                f"{opened.name} holds entries (row id, column id, value), and not the rows of a matrix; complete it by "
                "equipoise complete, or add --format matrix."
            )
        return matrix_in(opened, duplicates=how.duplicates)
