"""Ziyin, Wang, Li and Wu (2024), and Ziyin, Li and Ueda (2023): gradient noise balances what a symmetry leaves free."""

from equipoise.papers.machinery.collect import claims_of
from equipoise.papers.machinery.paper import Paper
from equipoise.papers.ziyin2024.shared.seeds import SEED

_CLAIMS = ("balance", "equilibrium", "diffusion")

PAPER = Paper(
    id="ziyin2024",
    title="Parameter symmetry and noise equilibrium of stochastic gradient descent",
    authors="L. Ziyin, M. Wang, H. Li and L. Wu",
    year=2024,
    where="NeurIPS 2024, arXiv:2402.07193; with L. Ziyin, H. Li and M. Ueda, arXiv:2308.06671",
    claims=claims_of(__name__, _CLAIMS),
    seed=SEED,
)
