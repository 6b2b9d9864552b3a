"""What the search has seen of the parameters: places that are in laws, and sums that are combinations of others."""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from equipoise.adapters.laws.columns import Column, sums_along
from equipoise.adapters.laws.samples import Samples


class Places:
    """A set of places along the axes of parameters."""

    def __init__(self, samples: Samples) -> None:
        self._marks = {
            (name, axes): np.zeros(math.prod(shape[a] for a in axes), dtype=bool)
            for name, shape in samples.shapes.items()
            for axes in samples.axes[name]
        }

    def add(self, columns: Iterable[Column]) -> None:
        """Add all places of the columns; of one with two axes, those of each axis too, which sums of laws are about."""
        for c in columns:
            c.view(self._marks[c.parameter, c.axes])[...] = True
            for axis in c.axes if len(c.axes) > 1 else ():
                if (c.parameter, (axis,)) in self._marks:
                    self._marks[c.parameter, (axis,)][:] = True

    def contain(self, column: Column) -> bool:
        """Whether all places of the column are in the set."""
        return bool(column.view(self._marks[column.parameter, column.axes]).all())


class Shadow:
    """Sums of random numbers in place of w·∂w, which show what holds for all numbers: that is an identity, no law.

    Identities are between sums over one axis and sums over two of the same array.
    """

    def __init__(self, samples: Samples) -> None:
        random = np.random.default_rng(0)
        self._sums: dict[tuple[str, tuple[int, ...]], np.ndarray] = {}
        for name, shape in samples.shapes.items():
            if any(len(axes) > 1 for axes in samples.axes[name]):
                numbers = random.random(shape, dtype=np.float32)
                self._sums |= {(name, axes): sums_along(numbers, axes) for axes in samples.axes[name]}

    def independent(self, columns: Sequence[Column]) -> list[Column]:
        """The columns without those that are combinations of others."""
        kept: list[Column] = []
        for column in columns:
            key = column.parameter, column.axes
            same = [c for c in kept if c.parameter == column.parameter]
            if key in self._sums and same:
                matrix = np.stack([c.folded(self._sums[c.parameter, c.axes]) for c in (*same, column)])
                if np.linalg.matrix_rank(matrix / np.linalg.norm(matrix, axis=1, keepdims=True), 1e-4) <= len(same):
                    continue
            kept.append(column)
        return kept
