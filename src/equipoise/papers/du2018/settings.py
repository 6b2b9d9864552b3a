"""The settings that the entries of Du, Hu and Lee (2018) share."""

PAPER = "du2018"
SEED = 2018
"""The seed unless another is asked for; what an entry runs adds a number of its own to it."""
