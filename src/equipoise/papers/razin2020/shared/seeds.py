"""The seed of the runs of Razin and Cohen (2020), and the streams that their starts are drawn from."""

import enum

SEED = 2020
"""The default seed."""


@enum.unique
class Stream(enum.IntEnum):
    """Tags of `equipoise.core.seeds.generator`. The numbers 0 to 4 belong to the package's own instances."""

    STARTS = 7
    """Norms and rank: the starts, with the depth and the sign of the determinant as further tags."""
    PERTURBED = 8
    """Perturbed entries: the starts."""
