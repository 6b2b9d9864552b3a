"""Figure 3 (iii): completion from entries observed by a power law."""

from equipoise.papers.gunasekar2017.shared.flows import EXPONENT, claim_of

CLAIM = claim_of(
    "3",
    "power",
    "Power-law completion",
    f"n = 50, m = 300 or 25 different entries with i ≥ j, drawn with probability ∝ (ij)^−{EXPONENT:g}; the exponent "
    "is open.",
    shares="figure3.2",
)
