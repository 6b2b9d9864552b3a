"""A checkout of this package: where a paper's parts go, and which shared files name it."""

import dataclasses
import re
import tomllib
from pathlib import Path

from equipoise.core.errors import InputError

_LAYER = re.compile(r"    \| (?P<id>\w+)")
_PAGE = re.compile(r"      - [^:]+: (?P<id>[a-z]+\d{4})\.md")


@dataclasses.dataclass(frozen=True)
class Checkout:
    """The checkout at `root`."""

    root: Path

    @property
    def papers(self) -> Path:
        """Where the folders of papers are."""
        return self.root / "src/equipoise/papers"

    @property
    def tests(self) -> Path:
        """Where their tests are."""
        return self.root / "tests/papers"

    @property
    def docs(self) -> Path:
        """Where their pages are."""
        return self.root / "docs"

    def with_paper(self, name: str, label: object) -> dict[Path, str]:
        """The shared files with one more line each, by path: the layers in pyproject.toml, the pages in mkdocs.yml.

        Raises `InputError` if one of them has no papers listed in the expected form.
        """
        lines = {
            self.root / "pyproject.toml": (_LAYER, f"    | {name}"),
            self.root / "mkdocs.yml": (_PAGE, f"      - {label}: {name}.md"),
        }
        return {path: _inserted(path, pattern, name, line) for path, (pattern, line) in lines.items()}


def checkout_around(place: Path) -> Checkout | None:
    """The checkout of this package that `place` is in, or None."""
    place = place.resolve()
    for folder in (place, *place.parents):
        project = folder / "pyproject.toml"
        if (folder / "src/equipoise/papers").is_dir() and project.is_file() and _name(project) == "equipoise":
            return Checkout(folder)
    return None


def _name(project: Path) -> str:
    try:
        return str(tomllib.loads(project.read_text(encoding="utf-8")).get("project", {}).get("name", ""))
    except (OSError, ValueError):
        return ""


def _inserted(path: Path, pattern: re.Pattern[str], name: str, line: str) -> str:
    """The text of a file with `line` among those of other papers, before the first whose id comes after `name`."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror}; is the checkout whole?") from error
    found = {k: match["id"] for k, text in enumerate(lines) if (match := pattern.fullmatch(text))}
    if not found:
        raise InputError(f"No paper is listed in {path} in the usual form; name {name} there by hand.")
    place = next((k for k, other in found.items() if other > name), max(found) + 1)
    return "\n".join([*lines[:place], line, *lines[place:]]) + "\n"
