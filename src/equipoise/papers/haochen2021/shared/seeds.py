"""The seed of the runs of HaoChen et al. (2021), the streams that its claims draw from, and their further runs."""

import enum

SEED = 2020
"""The default seed."""


@enum.unique
class Stream(enum.IntEnum):
    """Tags of `equipoise.core.seeds.generator`. The numbers 0 to 4 belong to the package's own instances."""

    POINTS = 7
    """All claims: the inputs."""
    STARTS = 8
    """Starts: the random one."""


@enum.unique
class Offset(enum.IntEnum):
    """Offsets of `equipoise.core.seeds.further_seed`."""

    RECOVERY = 0
    """Recovery: one for each method."""
    STARTS = 50
    """Starts: one for each method."""
    VARIANCE = 100
    """Variance: one for each method."""
