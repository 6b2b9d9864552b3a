"""Gunasekar, Woodworth, Bhojanapalli, Neyshabur and Srebro (2017): small starts lead to the minimum nuclear norm."""

from equipoise.papers.gunasekar2017.shared.seeds import SEED
from equipoise.papers.machinery.collect import claims_of
from equipoise.papers.machinery.paper import Paper

_CLAIMS = (
    "algorithms",
    "multitask",
    "figure1",
    "figure2",
    "conjecture",
    "lift",
    "localminima",
    "warmup",
    "m1",
    "kkt",
    "theorem1",
    "control",
    "finitesteps",
    "corollary2",
    "closure",
    "commutators",
    "figure3_1",
    "figure3_2",
    "figure3_3",
    "figure3_4",
    "figure4",
    "momentum",
    "deep",
)

PAPER = Paper(
    id="gunasekar2017",
    title="Implicit regularization in matrix factorization",
    authors="S. Gunasekar, B. Woodworth, S. Bhojanapalli, B. Neyshabur and N. Srebro",
    year=2017,
    where="NIPS 2017",
    claims=claims_of(__name__, _CLAIMS),
    seed=SEED,
)
