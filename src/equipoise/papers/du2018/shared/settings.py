"""The settings that the claims of Du, Hu and Lee (2018) share."""

SEED = 2018
"""The seed unless another is asked for; what a claim runs adds a number of its own to it."""
