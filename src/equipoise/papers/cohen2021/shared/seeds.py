"""The seed of the runs of Cohen (2021), and the offsets of their further runs."""

import enum

SEED = 2021
"""The default seed."""


@enum.unique
class Offset(enum.IntEnum):
    """Offsets of `equipoise.core.seeds.further_seed`."""

    STARTS = 0
    """edge: the starts."""
