"""The seed of the runs of Liu et al. (2021), and of the further runs of its claims.

What the claims draw by NumPy is from the one stream without a tag.
"""

import enum

SEED = 2021
"""Unless another is asked for."""


class Offset(enum.IntEnum):
    """Offsets of `equipoise.core.seeds.further_seed`. Two names of one number are the same runs."""

    AVERAGES = 0
    """Lemma 3: the draws of the noise, one for each point."""
    FIGURE6 = 0
    """The rank is added."""
    THEOREM1 = 10
    """One for each start."""
    DECAYING = 20
    """Theorem 1: the noise that decays."""
    LEMMA4 = 30
    """One for each step size."""
    LEMMA5 = 40
    """One for each start."""
    LEMMA6 = 50
    """One for each setting."""
    LEMMA7 = 60
    """One for each step size and noise level."""
    COVARIANCES = 80
    """Section 6: one for each covariance."""
    TAILS = 90
    """Section 6: one for each tail."""
    FIGURE2 = 100
    """One for each panel."""
    FIGURE3 = 1000
    """One for each panel."""
