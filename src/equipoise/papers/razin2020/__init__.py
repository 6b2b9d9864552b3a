"""Razin and Cohen (2020): gradient flow on deep factorizations can drive every norm to infinity, and the rank down."""

from equipoise.papers.machinery.collect import claims_of
from equipoise.papers.machinery.paper import Paper
from equipoise.papers.razin2020.shared.seeds import SEED

_CLAIMS = ("norms", "rank", "perturbed")

PAPER = Paper(
    id="razin2020",
    title="Implicit regularization in deep learning may not be explainable by norms",
    authors="N. Razin and N. Cohen",
    year=2020,
    where="NeurIPS 2020",
    claims=claims_of(__name__, _CLAIMS),
    seed=SEED,
)
