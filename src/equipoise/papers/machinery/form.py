"""How the claims of a paper are run."""

from pathlib import Path
from typing import NamedTuple

from equipoise.papers.machinery.claim import Claim


class Form(NamedTuple):
    """How claims are run, of which paper (its id), and where to; `seed_asked` is None if the seed is the paper's own.

    Other processes are sent it.
    """

    paper: str
    out: Path
    quick: bool
    seed: int
    seed_asked: int | None

    @property
    def folder(self) -> Path:
        """Where the data lies."""
        return self.out / "data"

    def command(self, claim: Claim) -> str:
        """The command line that runs the claim in this form."""
        seed = "" if self.seed_asked is None else f" --seed {self.seed_asked}"
        quick = " --quick" if self.quick else ""
        return f"equipoise reproduce {self.paper} --claim {claim.id}{quick}{seed} --out {self.out}"
