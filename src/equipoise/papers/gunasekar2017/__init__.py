"""Gunasekar, Woodworth, Bhojanapalli, Neyshabur and Srebro (2017): small starts lead to the minimum nuclear norm."""

from equipoise.papers.gunasekar2017.shared.seeds import SEED
from equipoise.papers.machinery.collect import claims_of
from equipoise.papers.machinery.paper import Paper

_CLAIMS = (
    "figure1",
    "figure2",
    "conjecture",
    "warmup",
    "m1",
    "kkt",
    "theorem1",
    "corollary2",
    "figure3_1",
    "figure3_2",
    "figure3_3",
    "figure3_4",
    "figure4",
    "deep",
)

_MINE = ()
PAPER = Paper(
    id="gunasekar2017",
    title="Implicit regularization in matrix factorization",
    authors="S. Gunasekar, B. Woodworth, S. Bhojanapalli, B. Neyshabur and N. Srebro",
    year=2017,
    where="NIPS 2017",
    claims=claims_of(__name__, [c for c in _CLAIMS if c in _MINE]),
    seed=SEED,
)
