"""The streams of random numbers of a completion. Each tag of rows is followed by that of columns."""

import enum


class Tag(enum.IntEnum):
    """What is drawn."""

    start = 10
    signs = 12
    block = 14
    middle = 16
