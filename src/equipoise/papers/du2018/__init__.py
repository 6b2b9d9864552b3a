"""Du, Hu and Lee (2018): gradient flow keeps the layers as balanced as they start."""

from equipoise.papers.du2018.shared.seeds import SEED
from equipoise.papers.machinery.collect import claims_of
from equipoise.papers.machinery.paper import Paper

_CLAIMS = (  # in the order of the paper
    "section1",
    "figure1",
    "theorem2_1",
    "corollary2_1",
    "initializations",
    "theorem2_2",
    "theorem2_3",
    "discretization",
    "theorem3_1",
    "lemma3_2",
    "theorem3_2",
    "figure2",
    "futurework",
    "lemmaB_1",
    "equation15",
    "lemmaB_2",
    "equation19",
    "equation24",
    "lemmaC_1",
    "lemmaC_2",
)

PAPER = Paper(
    id="du2018",
    title="Algorithmic regularization in learning deep homogeneous models: layers are automatically balanced",
    authors="S. S. Du, W. Hu and J. D. Lee",
    year=2018,
    where="NeurIPS 2018",
    claims=claims_of(__name__, _CLAIMS),
    seed=SEED,
)
