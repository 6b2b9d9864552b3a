"""The seed of the runs of Arora et al. (2019), the streams that its instances are drawn from, and further instances."""

import enum

SEED = 2019
"""The default seed."""


@enum.unique
class Stream(enum.IntEnum):
    """Tags of `equipoise.core.seeds.generator`. The numbers 0 to 4 belong to the package's own instances."""

    TRUTH = 7
    """Nuclear norm and minimum: the matrix to complete."""
    STARTS = 8
    """Nuclear norm: the direction of the starts."""
    SPEEDS = 9
    """Speeds: the matrix to complete and the start."""


@enum.unique
class Offset(enum.IntEnum):
    """Offsets of `equipoise.core.seeds.further_seed`."""

    REDRAWN = 0
    """Nuclear norm: instances, until one is fit."""
    INSTANCES = 1000
    """Minimum: the entries, one for each instance."""
