"""Marcotte, Gribonval and Peyré (2024): what is kept when there is momentum."""

from equipoise.papers.machinery.collect import claims_of
from equipoise.papers.machinery.paper import Paper

_CLAIMS = ("linear", "lost")

PAPER = Paper(
    id="momentum2024",
    title="Keep the momentum: conservation laws beyond Euclidean gradient flows",
    authors="S. Marcotte, R. Gribonval, G. Peyré",
    year=2024,
    where="ICML; arXiv:2405.12888",
    claims=claims_of(__name__, _CLAIMS),
)
