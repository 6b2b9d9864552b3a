"""The form in which the claims of a paper are run."""

from pathlib import Path
from typing import NamedTuple

from equipoise.papers.machinery.claim import Claim


class Form(NamedTuple):
    """The form in which claims are run; it is sent to other processes.

    - `paper`: the id of the paper.
    - `out`: the folder to write to.
    - `quick`: whether to run the shorter form.
    - `seed`: the seed.
    - `seed_asked`: the seed if it is not the paper's own, else None.
    """

    paper: str
    out: Path
    quick: bool
    seed: int
    seed_asked: int | None

    @property
    def folder(self) -> Path:
        """The folder of the data."""
        return self.out / "data"

    def command(self, claim: Claim) -> str:
        """The command line that runs the claim in this form."""
        seed = "" if self.seed_asked is None else f" --seed {self.seed_asked}"
        quick = " --quick" if self.quick else ""
        return f"equipoise reproduce {self.paper} --claim {claim.id}{quick}{seed} --out {self.out}"
