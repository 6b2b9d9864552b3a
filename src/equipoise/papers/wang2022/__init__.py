"""Wang, Chen, Zhao and Tao (2022): large steps of gradient descent end at balanced factors."""

from equipoise.papers.machinery.collect import claims_of
from equipoise.papers.machinery.paper import Paper
from equipoise.papers.wang2022.shared.seeds import SEED

_CLAIMS = ("convergence", "balancing", "orbits")

PAPER = Paper(
    id="wang2022",
    title="Large learning rate tames homogeneity: convergence and balancing effect",
    authors="Y. Wang, M. Chen, T. Zhao and M. Tao",
    year=2022,
    where="ICLR 2022, arXiv:2110.03677",
    claims=claims_of(__name__, _CLAIMS),
    seed=SEED,
)
