"""What is drawn from a seed beside the runs of `core/stream.py`: NumPy's generators by tags, and seeds of further runs.

A tag says which stream of a seed is meant, an offset which run. Both are members of an enum that lists all of their
kind, so that a number taken is seen to be: `problems/seeds.py` has those of the package's own instances, and each
paper those of its claims in its `shared/seeds.py`.
"""

import numpy as np


def generator(seed: int, *tags: int) -> np.random.Generator:
    """NumPy's generator for one stream of a seed, told by its tags; without tags that of `default_rng(seed)`."""
    return np.random.default_rng([seed, *tags])


def further_seed(seed: int, offset: int, number: int = 0) -> int:
    """The seed of a further run: seed + offset + number, where `number` counts the runs that begin at `offset`."""
    return seed + offset + number
