"""The seed of the runs of Ziyin et al. (2024), the streams that its claims draw from, and their further runs."""

import enum

SEED = 2023
"""The default seed."""


@enum.unique
class Stream(enum.IntEnum):
    """Tags of `equipoise.core.seeds.generator`. The numbers 0 to 4 belong to the package's own instances."""

    POINTS = 7
    """Balance and diffusion: the data points."""


@enum.unique
class Offset(enum.IntEnum):
    """Offsets of `equipoise.core.seeds.further_seed`."""

    BALANCE = 0
    """Balance: one for each size of a batch."""
    EQUILIBRIUM = 50
    """Equilibrium: one for each start."""
    DIFFUSION = 100
    """Diffusion: one for each method."""
