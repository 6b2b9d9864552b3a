"""Liu, Li, Wei, Zhou and Zhao (2021): noise picks the flat, balanced minimum of a matrix factorization."""

from equipoise.papers.liu2021.shared.seeds import SEED
from equipoise.papers.machinery.collect import claims_of
from equipoise.papers.machinery.paper import Paper

_CLAIMS = (
    "lemma1",
    "lemma2",
    "lemma3",
    "theorem1",
    "probability",
    "comparison",
    "lemma4",
    "lemma5",
    "lemma6",
    "lemma7",
    "theorem2",
    "figure1",
    "figure2",
    "figure3",
    "section5",
    "figure4",
    "figure5",
    "figure6",
    "discussion",
    "biasedgradient",
    "sgd",
    "plateau",
    "spread",
)

PAPER = Paper(
    id="liu2021",
    title="Noisy gradient descent converges to flat minima for nonconvex matrix factorization",
    authors="T. Liu, Y. Li, S. Wei, E. Zhou and T. Zhao",
    year=2021,
    where="AISTATS 2021",
    claims=claims_of(__name__, _CLAIMS),
    seed=SEED,
)
