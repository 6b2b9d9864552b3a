"""The file that a model was made from, and whether it has changed since."""

import hashlib
import os
from pathlib import Path
from typing import NamedTuple

from equipoise.core.messages import shown_path


class Origin(NamedTuple):
    """The file of the entries, as it was when the model was made.

    - `file`: its path; in a saved model relative to the folder of the model, so that both can move together.
    - `size`: its length in bytes.
    - `sha256`: the SHA-256 of its content, in hexadecimal digits.
    """

    file: str
    size: int
    sha256: str

    def warning(self) -> str:
        """A sentence if the file is still there, but with another content; empty otherwise."""
        path = Path(self.file)
        try:
            if not path.is_file() or (path.stat().st_size == self.size and _hash(path) == self.sha256):
                return ""
        except OSError:  # what cannot be read has not been seen to change
            return ""
        return f"{shown_path(path)} has changed since the model was made from it; complete it again to use what is new."

    def seen_from(self, folder: Path) -> "Origin":
        """The same with a path relative to a folder."""
        try:
            return self._replace(file=Path(os.path.relpath(self.file, folder)).as_posix())
        except ValueError:  # another drive
            return self._replace(file=str(Path(self.file).absolute()))

    def beside(self, folder: Path) -> "Origin":
        """The same with the path that is relative to a folder."""
        return self._replace(file=os.path.normpath(folder / self.file))


def origin_of(file: Path) -> Origin | None:
    """The origin of a file as it is now; None for what is no file on a disk, such as standard input."""
    path = Path(file)
    if str(file) == "-" or not path.is_file():
        return None
    return Origin(str(path), path.stat().st_size, _hash(path))


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
