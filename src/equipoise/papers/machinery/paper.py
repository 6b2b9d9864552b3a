"""What a paper is: its citation and its claims."""

import dataclasses
from collections.abc import Sequence

from equipoise.core.errors import InputError
from equipoise.papers.machinery.claim import Claim


@dataclasses.dataclass(frozen=True)
class Paper:
    """A paper and its claims.

    - `id`: the name of its folder, such as "liu2021".
    - `title`, `authors`, `year`: as cited.
    - `where`: the venue, or the arXiv number.
    - `claims`: the claims in the paper's order.
    - `seed`: the default seed of its runs; 0 by default.

    Raises `InputError` if two claims have the same id.
    """

    id: str
    title: str
    authors: str
    year: int
    where: str
    claims: tuple[Claim, ...]
    seed: int = 0

    def __post_init__(self) -> None:
        ids = [claim.id for claim in self.claims]
        for name in ids:
            if ids.count(name) > 1:
                raise InputError(f"The paper {self.id} has two claims {name}; rename one.")

    @property
    def citation(self) -> str:
        """Authors (year). Title. Where."""
        return f"{self.authors} ({self.year}). {self.title}. {self.where}."

    def about(self, claim: Claim) -> dict[str, str]:
        """A claim of the paper before it is run: id, paper, source, statement, and what is printed."""
        return {
            "id": claim.id,
            "paper": self.id,
            "source": claim.source,
            "statement": claim.statement,
            "printed": claim.printed.says,
        }

    def select(self, ids: Sequence[str] | None = None) -> tuple[Claim, ...]:
        """The claims with the given ids, in the paper's order; all of them for None.

        Raises `InputError`, with the known ids, for an unknown id.
        """
        if ids is None:
            return self.claims
        known = [claim.id for claim in self.claims]
        for wanted in ids:
            if wanted not in known:
                raise InputError(f"The paper {self.id} has no claim {wanted!r}; choose from {', '.join(known)}.")
        return tuple(claim for claim in self.claims if claim.id in ids)
