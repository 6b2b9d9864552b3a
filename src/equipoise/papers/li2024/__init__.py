"""Li, Zhang and He (2024): sharpness-aware minimization moves the balance."""

from equipoise.papers.li2024.shared.seeds import SEED
from equipoise.papers.machinery.collect import claims_of
from equipoise.papers.machinery.paper import Paper

_CLAIMS = ("drift", "outliers", "rectangular", "regularization")

PAPER = Paper(
    id="li2024",
    title="Implicit regularization of sharpness-aware minimization for scale-invariant problems",
    authors="B. Li, L. Zhang and N. He",
    year=2024,
    where="NeurIPS 2024, arXiv:2410.14802",
    claims=claims_of(__name__, _CLAIMS),
    seed=SEED,
)
