"""The seed of the runs of Gunasekar et al. (2017), the streams that its claims draw from, their further instances."""

import enum

SEED = 2017
"""Unless another is asked for."""


class Stream(enum.IntEnum):
    """Tags of `equipoise.core.seeds.generator`.

    Two names of one number are one stream, so that no claim may draw from both. 0 to 4 are those of the package's own
    instances, too.
    """

    THEOREM1 = 1
    """Eigenvectors, eigenvalues and truth."""
    M1 = 10
    """The measurement and the start."""
    COROLLARY2 = 20
    """Measurements and truth."""
    WARMUP = 30
    """The truth."""
    RECONSTRUCTION_TRUTH = 40
    """Figures 1 and 2: the truth, with the number of the panel as a further tag."""
    RECONSTRUCTION_STARTS = 41
    """Figures 1 and 2."""
    GRID_DIRECTIONS = 40
    """Figure 4: the directions of the starts, with the number of the mask as a further tag."""
    GRID_ORDER = 41
    """Figure 4: which instances are in a sample."""
    FLOW_START = 50
    """Figure 3 (i-iii)."""
    FLOW_TRUTH = 51
    """Figure 3 (i-iii), with the number of the setting as a further tag."""
    KKT_TRUTH = 60
    """Eq. (6)."""
    KKT_START = 61
    """Eq. (6): the direction of all starts."""
    CONJECTURE_TRUTH = 70
    """Section 3."""
    CONJECTURE_START = 71
    """Section 3: the direction of all starts."""
    RATINGS = 80
    """Figure 3 (iv): made-up ratings."""
    DEEP = 90
    """The truth."""


class Offset(enum.IntEnum):
    """Offsets of `equipoise.core.seeds.further_seed`. Two names of one number are the same instances."""

    PANELS = 0
    """Figures 1 and 2: the measurements, one for each panel."""
    SETTINGS = 0
    """Figure 3 (i-iii): the measurements, one for each setting."""
    INSTANCE = 1000
    """Section 3: from one instance to the next."""
