"""Marcotte, Gribonval and Peyré (2023): how many independent laws gradient flow has, and that all are found."""

from equipoise.papers.machinery.collect import claims_of
from equipoise.papers.machinery.paper import Paper

_CLAIMS = ("counts", "homogeneity")

PAPER = Paper(
    id="marcotte2023",
    title="Abide by the law and follow the flow: conservation laws for gradient flows",
    authors="S. Marcotte, R. Gribonval, G. Peyré",
    year=2023,
    where="NeurIPS; arXiv:2307.00144",
    claims=claims_of(__name__, _CLAIMS),
)
