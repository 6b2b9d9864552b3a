"""What a paper is: its citation and its claims."""

import dataclasses
from collections.abc import Sequence

from equipoise.core.errors import InputError
from equipoise.papers.entry import Entry


@dataclasses.dataclass(frozen=True)
class Paper:
    """A paper and its claims, in the paper's own order.

    `where` is the venue or the arXiv number, `seed` that of its runs unless another is asked for.
    """

    id: str
    title: str
    authors: str
    year: int
    where: str
    entries: tuple[Entry, ...]
    seed: int = 0

    def __post_init__(self) -> None:
        ids = [entry.id for entry in self.entries]
        for name in ids:
            if ids.count(name) > 1:
                raise InputError(f"The paper {self.id} has two entries {name}; rename one.")

    @property
    def citation(self) -> str:
        """Authors (year). Title. Where."""
        return f"{self.authors} ({self.year}). {self.title}. {self.where}."

    def select(self, ids: Sequence[str] | None = None) -> tuple[Entry, ...]:
        """The entries of the given ids, in the paper's order; all of them for None.

        Raises `InputError`, naming the known ids, for one that is not among them.
        """
        if ids is None:
            return self.entries
        known = [entry.id for entry in self.entries]
        for wanted in ids:
            if wanted not in known:
                raise InputError(f"The paper {self.id} has no entry {wanted!r}; choose from {', '.join(known)}.")
        return tuple(entry for entry in self.entries if entry.id in ids)
