"""The seed of the runs of Liu et al. (2021), and of the further runs of its claims.

Claims that draw with NumPy do so from the stream without a tag, or from one of `Stream`.
"""

import enum

SEED = 2021
"""The default seed."""


class Offset(enum.IntEnum):
    """Offsets of `equipoise.core.seeds.further_seed`. Two names with the same number mean the same runs."""

    AVERAGES = 0
    """Lemma 3: the draws of the noise, one for each point."""
    FIGURE6 = 0
    """Figure 6: the rank is added."""
    THEOREM1 = 10
    """Theorem 1: one for each start, then the larger step size, and the start that is too far."""
    DECAYING = 20
    """Theorem 1: the decaying noise."""
    LEMMA4 = 30
    """Lemma 4: one for each step size, and 9 for the huge starts."""
    LEMMA5 = 40
    """Lemma 5: one for each start."""
    ESCAPES = 200
    """Lemma 5: one for each step size, and from 10 on one for each noise level."""
    LEMMA6 = 50
    """Lemma 6: one for each setting."""
    LEMMA7 = 60
    """Lemma 7: one for each step size and noise level, and 9 for the run of which every step is recorded."""
    COVARIANCES = 80
    """Section 6: one for each covariance."""
    TAILS = 90
    """Section 6: one for each tail."""
    FIGURE2 = 100
    """Figure 2: one for each panel."""
    FIGURE3 = 1000
    """Figure 3: one for each panel."""
    SECTION5 = 2000
    """Section 5 at rank 10 with other balances: one for each setting."""
    SGD = 3000
    """Section 6, SGD: one for each method and step size."""
    BIAS = 3100
    """Section 6, biased gradients: one for each method and step size."""
    PLATEAU = 3200
    """Section 6, decay of the step size: two for each start."""
    SPREAD = 3300
    """The heights of the boxes: one for each box."""


@enum.unique
class Stream(enum.IntEnum):
    """Tags of `equipoise.core.seeds.generator`, for claims that came later."""

    PROBABILITY = 10
    """Theorem 1: the paths for each ε."""
    ODDS = 11
    """Theorem 1: the paths for each step size."""
    COMPARISON = 12
    """Remarks on Theorem 1: the starts of gradient descent."""
    ESTIMATOR = 13
    """Section 6: perturbations and minibatches of single gradients."""
    LABELS = 14
    """Section 6: the fixed noise on the labels."""
