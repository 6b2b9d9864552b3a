"""The seed of the runs of Arora (2019), and the offsets of their further runs."""

import enum

SEED = 2019
"""The default seed."""


@enum.unique
class Offset(enum.IntEnum):
    """Offsets of `equipoise.core.seeds.further_seed`."""

    STARTS = 0
    """nuclearnorm: the starts."""
