"""Figure 3 (i): Gaussian measurements."""

from equipoise.papers.gunasekar2017.shared.flows import claim_of

CLAIM = claim_of(
    "1",
    "gaussian",
    "Gaussian measurements",
    "n = 50, m = 300 or 25, symmetric Gaussian A_i.",
)
