"""Cohen et al. (2021): gradient descent on networks sharpens them until 2/η, and goes on at the edge of stability."""

from equipoise.papers.cohen2021.shared.seeds import SEED
from equipoise.papers.machinery.collect import claims_of
from equipoise.papers.machinery.paper import Paper

_CLAIMS = ("edge", "loss", "momentum")

PAPER = Paper(
    id="cohen2021",
    title="Gradient descent on neural networks typically occurs at the edge of stability",
    authors="J. Cohen, S. Kaur, Y. Li, J. Z. Kolter and A. Talwalkar",
    year=2021,
    where="ICLR 2021",
    claims=claims_of(__name__, _CLAIMS),
    seed=SEED,
)
