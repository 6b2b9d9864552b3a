"""The random streams from which the package's own instances are drawn."""

import enum


@enum.unique
class Stream(enum.IntEnum):
    """Tags for `equipoise.core.seeds.generator`, each named after what is drawn from it."""

    LEFT_BASIS = 0
    RIGHT_BASIS = 1
    MEASUREMENTS = 2
    ENTRIES = 3
    NETWORK = 4
    BLOCK = 5
