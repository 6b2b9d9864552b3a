"""Cohen (2021): what the paper shows, in one line."""

from equipoise.papers.cohen2021.shared.seeds import SEED
from equipoise.papers.machinery.collect import claims_of
from equipoise.papers.machinery.paper import Paper

_CLAIMS = ("edge",)

PAPER = Paper(
    id="cohen2021",
    title="The title of the paper",
    authors="A. Author and B. Author",
    year=2021,
    where="The venue, or the arXiv number",
    claims=claims_of(__name__, _CLAIMS),
    seed=SEED,
)
