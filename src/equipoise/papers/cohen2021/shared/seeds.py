"""The seed of the runs of Cohen et al. (2021), and the stream that their starts are drawn from."""

import enum

SEED = 2021
"""The default seed."""


@enum.unique
class Stream(enum.IntEnum):
    """Tags of `equipoise.core.seeds.generator`. The numbers 0 to 4 belong to the package's own instances."""

    STARTS = 7
    """All claims: the weights at the start."""
