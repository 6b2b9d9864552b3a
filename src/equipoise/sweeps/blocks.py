"""Blocks: the rectangles of points and replicates in which a sweep is computed and stored."""

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

_MOST_PATHS, _LEAST_PATHS = 1024, 32
"""The numbers of replicates, of all points together, that a block has at most and at least."""

_MOST_STEPS = 2 * 10**7
"""The number of steps of a block, summed over replicates, beyond which it is made smaller; a few seconds of work."""

_MOST_BYTES = 2**26
_FEWEST_BLOCKS = 16
"""The number of blocks to aim at, where there are as many points."""


class Size(NamedTuple):
    """The size of a block: the numbers of points and of replicates."""

    points: int
    replicates: int


class Block(NamedTuple):
    """A block of work: rows of the store, replicates, and steps; the ends are not included.

    - `rows`: the first row, and the one after the last.
    - `replicates`: the first replicate, and the one after the last.
    - `done`: the number of steps that are stored already, from which the block goes on; −1 if nothing is stored.
    """

    rows: tuple[int, int]
    replicates: tuple[int, int]
    done: int = -1

    @property
    def paths(self) -> int:
        """The number of replicates of all points."""
        return (self.rows[1] - self.rows[0]) * (self.replicates[1] - self.replicates[0])


def block_size(points: int, replicates: int, steps: int, bytes_each: int) -> Size:
    """The size of the blocks of a study, which does not depend on where it runs.

    - `points`, `replicates`, `steps`: the size of the study.
    - `bytes_each`: the bytes that a replicate gives.

    A block is large enough that its overhead is small, and small enough that little is lost with it. The replicates of
    a point are divided only where they would be too many.
    """
    spread = max(points * replicates // _FEWEST_BLOCKS, replicates)
    wanted = min(spread, _MOST_PATHS, _MOST_STEPS // max(steps, 1), _MOST_BYTES // max(bytes_each, 1))
    paths = max(wanted, min(_LEAST_PATHS, _MOST_BYTES // max(bytes_each, 1)), 1)
    if paths >= replicates:
        return Size(min(points, paths // replicates), replicates)
    parts = -(-replicates // paths)
    return Size(1, -(-replicates // parts))


def blocks_to_do(done: np.ndarray, programs: Sequence[int], steps: int, size: Size) -> Iterator[Block]:
    """The blocks that bring every replicate of every row to `steps`; those that are there already are in none.

    - `done`: the number of steps stored of each row and replicate; −1 for nothing, and `steps` for what is not wanted.
    - `programs`: the number of the program of each row.

    A block has rows of one program, and lies within one cell of a mesh that depends on `size` and the programs alone.
    So a sweep that goes on has the blocks of an uninterrupted one.
    """
    for first, last in _runs_of_rows(programs, size.points):
        for left in range(0, done.shape[1], size.replicates):
            right = min(left + size.replicates, done.shape[1])
            spans = [tuple(_spans(done[row, left:right], left, steps)) for row in range(first, last)]
            for same, group in itertools.groupby(range(first, last), key=lambda row: spans[row - first]):
                rows = list(group)
                for start, stop, reached in same:
                    yield Block((rows[0], rows[-1] + 1), (start, stop), reached)


def _runs_of_rows(programs: Sequence[int], most: int) -> Iterator[tuple[int, int]]:
    """Neighboring rows of one program, at most so many: the first, and the one after the last."""
    for _, group in itertools.groupby(range(len(programs)), key=lambda row: programs[row]):
        rows = list(group)
        for first in range(rows[0], rows[-1] + 1, most):
            yield first, min(first + most, rows[-1] + 1)


def _spans(reached: np.ndarray, offset: int, steps: int) -> Iterator[tuple[int, int, int]]:
    """Neighboring replicates with work left and as many steps stored: the first, the one after the last, the steps."""
    for value, group in itertools.groupby(range(reached.size), key=lambda i: int(reached[i])):
        columns = list(group)
        if value < steps:
            yield columns[0] + offset, columns[-1] + 1 + offset, value
