"""The seed of the runs of Woodworth et al. (2020), and the streams that its instances are drawn from."""

import enum

SEED = 2020
"""The default seed."""


@enum.unique
class Stream(enum.IntEnum):
    """Tags of `equipoise.core.seeds.generator`. The numbers 0 to 4 belong to the package's own instances."""

    REGRESSION = 7
    """Limits at two layers and by depth: inputs and targets."""
    SPARSE = 8
    """Sparse regression: inputs and the sparse truth."""
