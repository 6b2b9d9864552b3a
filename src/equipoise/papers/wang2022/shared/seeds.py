"""The seed of the runs of Wang et al. (2022), and the streams that its claims draw from."""

import enum

SEED = 2022
"""The default seed."""


@enum.unique
class Stream(enum.IntEnum):
    """Tags of `equipoise.core.seeds.generator`. The numbers 0 to 4 belong to the package's own instances."""

    STARTS = 7
    """Convergence and balancing: the starts near an unbalanced minimum."""
    PLANE = 8
    """Orbits: the starts in the plane."""
