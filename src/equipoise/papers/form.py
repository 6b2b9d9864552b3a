"""How the entries of a paper are run."""

from pathlib import Path
from typing import NamedTuple

from equipoise.papers.entry import Entry


class Form(NamedTuple):
    """How all entries are run, and where to; `seed_asked` is None if the seed is the paper's own."""

    out: Path
    quick: bool
    seed: int
    seed_asked: int | None

    @property
    def folder(self) -> Path:
        """Where the data lies."""
        return self.out / "data"

    def command(self, entry: Entry) -> str:
        """The command line that runs the entry in this form."""
        seed = "" if self.seed_asked is None else f" --seed {self.seed_asked}"
        quick = " --quick" if self.quick else ""
        return f"equipoise reproduce {entry.paper} --figure {entry.id}{quick}{seed} --out {self.out}"
