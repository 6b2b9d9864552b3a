"""Arora (2019): what the paper shows, in one line."""

from equipoise.papers.arora2019.shared.seeds import SEED
from equipoise.papers.machinery.collect import claims_of
from equipoise.papers.machinery.paper import Paper

_CLAIMS = ("nuclearnorm",)

PAPER = Paper(
    id="arora2019",
    title="The title of the paper",
    authors="A. Author and B. Author",
    year=2019,
    where="The venue, or the arXiv number",
    claims=claims_of(__name__, _CLAIMS),
    seed=SEED,
)
