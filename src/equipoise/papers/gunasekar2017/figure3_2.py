"""Figure 3 (ii): completion from entries observed uniformly at random."""

from equipoise.papers.gunasekar2017.shared.flows import claim_of

CLAIM = claim_of(
    "2",
    "uniform",
    "Uniform completion",
    "n = 50, m = 300 or 25 different entries with i ≥ j, drawn uniformly.",
)
