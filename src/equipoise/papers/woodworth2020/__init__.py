"""Woodworth et al. (2020): the size of the start decides between the kernel regime and the rich one."""

from equipoise.papers.machinery.collect import claims_of
from equipoise.papers.machinery.paper import Paper
from equipoise.papers.woodworth2020.shared.seeds import SEED

_CLAIMS = ("twolayers", "depth", "samples")

PAPER = Paper(
    id="woodworth2020",
    title="Kernel and rich regimes in overparametrized models",
    authors="B. Woodworth, S. Gunasekar, J. Lee, E. Moroshko, P. Savarese, I. Golan, D. Soudry and N. Srebro",
    year=2020,
    where="COLT 2020",
    claims=claims_of(__name__, _CLAIMS),
    seed=SEED,
)
