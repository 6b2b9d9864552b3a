"""Figure 3 (i): Gaussian measurements."""

from equipoise.papers.gunasekar2017.shared.flows import claim_of

CLAIM = claim_of(
    "1",
    "gaussian",
    "Gaussian measurements",
    "n = 50, m = 300 or 25, symmetric Gaussian A_i.",
    false_alarm="Quick form: 0 of 24 fresh seeds fail (below 12 % with 95 % confidence); smallest margin 4.1 "
    "standard deviations (c: excess of X_gd over that of the ODE solver's limit).",
)
