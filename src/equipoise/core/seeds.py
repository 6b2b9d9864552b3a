"""Random numbers outside the runs of `core/stream.py`: NumPy generators by tag, and seeds of further runs.

A tag names a stream of a seed, an offset names a run. Tags and offsets are members of enums that list all of their
kind, so that it is plain which numbers are taken: `problems/seeds.py` lists those of the package's own instances, and
the `shared/seeds.py` of each paper lists those of its claims.
"""

import numpy as np


def generator(seed: int, *tags: int) -> np.random.Generator:
    """The NumPy generator of the stream of `seed` that `tags` name; without tags it is that of `default_rng(seed)`."""
    return np.random.default_rng([seed, *tags])


def further_seed(seed: int, offset: int, number: int = 0) -> int:
    """The seed of a further run: seed + offset + number, where `number` counts the runs of this `offset` from 0."""
    return seed + offset + number
