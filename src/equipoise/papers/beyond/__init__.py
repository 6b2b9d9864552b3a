"""Beyond the papers: what we found on the way, stated, derived and put to the test like the claims of others."""

from equipoise.papers.beyond.shared.seeds import SEED
from equipoise.papers.machinery.collect import claims_of
from equipoise.papers.machinery.paper import Paper

_CLAIMS = ("softthreshold", "lawreduction", "unity", "excess", "laws")

PAPER = Paper(
    id="beyond",
    title="Beyond the papers: laws of noisy and of small starts that can be put to the test",
    authors="The authors of Equipoise",
    year=2026,
    where="The documentation of this package",
    claims=claims_of(__name__, _CLAIMS),
    seed=SEED,
)
