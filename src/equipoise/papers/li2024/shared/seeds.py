"""The seed of the runs of Li et al. (2024), the streams that its claims draw from, and their further runs."""

import enum

SEED = 2024
"""The default seed."""


@enum.unique
class Stream(enum.IntEnum):
    """Tags of `equipoise.core.seeds.generator`. The numbers 0 to 4 belong to the package's own instances."""

    POINTS = 7
    """Drift: the points at which it is compared."""


@enum.unique
class Offset(enum.IntEnum):
    """Offsets of `equipoise.core.seeds.further_seed`."""

    OUTLIERS = 0
    """Outliers: one for each strength of the noise."""
    RECTANGULAR = 50
    """Rectangular: one for each start."""
    REGULARIZATION = 100
    """Regularization: one for each method."""
