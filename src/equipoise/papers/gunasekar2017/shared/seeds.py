"""The seed of the runs of Gunasekar et al. (2017), the streams that its claims draw from, their further instances."""

import enum

SEED = 2017
"""The default seed."""


class Stream(enum.IntEnum):
    """Tags of `equipoise.core.seeds.generator`.

    Two names with the same number are one stream, so no claim may draw from both. The numbers 0 to 4 also belong to the
    package's own instances.
    """

    THEOREM1 = 1
    """Theorem 1: eigenvectors, eigenvalues and truth."""
    M1 = 10
    """One measurement: the measurement and the start."""
    COROLLARY2 = 20
    """Corollary 2: measurements and truth."""
    WARMUP = 30
    """The warm-up: the truth."""
    RECONSTRUCTION_TRUTH = 40
    """Figures 1 and 2: the truth, with the number of the panel as a further tag."""
    RECONSTRUCTION_STARTS = 41
    """Figures 1 and 2: the starts."""
    GRID_DIRECTIONS = 40
    """Figure 4: the directions of the starts, with the number of the mask as a further tag."""
    GRID_ORDER = 41
    """Figure 4: which instances are in a sample."""
    FLOW_START = 50
    """Figure 3 (i-iii): the start."""
    FLOW_TRUTH = 51
    """Figure 3 (i-iii): the truth, with the number of the setting as a further tag."""
    KKT_TRUTH = 60
    """Eq. (6): the truth."""
    KKT_START = 61
    """Eq. (6): the direction of all starts."""
    CONJECTURE_TRUTH = 70
    """Section 3: the truth."""
    CONJECTURE_START = 71
    """Section 3: the direction of all starts."""
    RATINGS = 80
    """Figure 3 (iv): synthetic ratings."""
    DEEP = 90
    """Deep factorization: the truth."""
    ALGORITHMS = 100
    """Section 1, other algorithms: measurements, data, preconditioner and order."""
    MULTITASK = 110
    """Section 1, multi-task: inputs, truth and start."""
    LIFT = 120
    """Section 3, the lift: measurements, truth and start."""
    LOCAL_MINIMA = 130
    """Section 3, local minima: measurements, data and starts."""
    CONTROL = 140
    """Section 4, any control: the measurements and the controls."""
    FINITE_STEPS = 150
    """Section 4, finite steps: the measurements."""
    CLOSURE = 160
    """Section 4, the Lie closure: measurements, starts and targets."""
    COMMUTATORS = 170
    """Section 4, commutator terms: measurements, truths and controls."""
    MOMENTUM = 180
    """Section 6: measurements and data."""


class Offset(enum.IntEnum):
    """Offsets of `equipoise.core.seeds.further_seed`. Two names with the same number mean the same instances."""

    PANELS = 0
    """Figures 1 and 2: the measurements, one for each panel."""
    SETTINGS = 0
    """Figure 3 (i-iii): the measurements, one for each setting."""
    INSTANCE = 1000
    """Section 3: from one instance to the next."""
    LOCAL_MINIMA = 5000
    """Section 3, local minima: the measurements, from one instance to the next."""
    COMMUTATORS = 6000
    """Section 4, commutator terms: the measurements, from one instance to the next."""
