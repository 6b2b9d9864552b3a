"""HaoChen, Wei, Lee and Ma (2021): label noise prefers sparse solutions, and isotropic noise does not."""

from equipoise.papers.haochen2021.shared.seeds import SEED
from equipoise.papers.machinery.collect import claims_of
from equipoise.papers.machinery.paper import Paper

_CLAIMS = ("recovery", "starts", "variance")

PAPER = Paper(
    id="haochen2021",
    title="Shape matters: understanding the implicit bias of the noise covariance",
    authors="J. HaoChen, C. Wei, J. Lee and T. Ma",
    year=2021,
    where="COLT 2021, arXiv:2006.08680",
    claims=claims_of(__name__, _CLAIMS),
    seed=SEED,
)
