"""Arora, Cohen, Hu and Luo (2019): depth strengthens the bias to low rank, and it is not that to the nuclear norm."""

from equipoise.papers.arora2019.shared.seeds import SEED
from equipoise.papers.machinery.collect import claims_of
from equipoise.papers.machinery.paper import Paper

_CLAIMS = ("nuclearnorm", "speeds", "minimum")

PAPER = Paper(
    id="arora2019",
    title="Implicit regularization in deep matrix factorization",
    authors="S. Arora, N. Cohen, W. Hu and Y. Luo",
    year=2019,
    where="NeurIPS 2019",
    claims=claims_of(__name__, _CLAIMS),
    seed=SEED,
)
