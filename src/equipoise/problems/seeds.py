"""The streams that the package's own instances are drawn from."""

import enum


@enum.unique
class Stream(enum.IntEnum):
    """Tags of `equipoise.core.seeds.generator`, each with what is drawn from it."""

    LEFT_BASIS = 0
    RIGHT_BASIS = 1
    MEASUREMENTS = 2
    ENTRIES = 3
    NETWORK = 4
