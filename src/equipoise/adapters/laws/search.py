"""The search for laws: the finest channels first, and in the innermost modules first."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from equipoise.adapters.laws.columns import Column, whole
from equipoise.adapters.laws.divisions import divisions, parts
from equipoise.adapters.laws.law import GradientLaws, Law
from equipoise.adapters.laws.null import enough, null_laws
from equipoise.adapters.laws.samples import Samples
from equipoise.adapters.laws.scopes import module_of, scopes

APPROXIMATE = 3e-3
"""The largest residual of a law that holds but for the ε of a norm layer."""
_MOST_COLUMNS, _MOST_DIVIDED = 400, 40


def find_laws(samples: Samples) -> GradientLaws:
    """All laws of channels that the samples obey, without those that follow from them."""
    search = _Search(samples)
    search.invariances(search.columns)
    search.channels(search.columns, is_all=True)
    search.of_parts()
    search.of_modules()
    search.divided()
    search.streams()
    laws = sorted(search.laws, key=lambda law: -law.width)
    return GradientLaws(
        tuple(laws),
        samples.shapes,
        search.tolerance,
        search.null,
        search.next,
        tuple(search.still),
        search.unread,
        tuple(sorted(search.undecided)),
    )


class Places:
    """A set of places along the axes of parameters."""

    def __init__(self, samples: Samples) -> None:
        self._marks = {
            (name, axes): np.zeros(math.prod(shape[a] for a in axes), dtype=bool)
            for name, shape in samples.shapes.items()
            for axes in samples.axes[name]
        }

    def add(self, columns: Iterable[Column]) -> None:
        """Add all places of the columns."""
        for c in columns:
            self._marks[c.parameter, c.axes][c.start : c.start + c.length] = True

    def contain(self, column: Column) -> bool:
        """Whether all places of the column are in the set."""
        return bool(self._marks[column.parameter, column.axes][column.start : column.start + column.length].all())


class _Search:
    """What is found so far.

    A law takes one of its columns, the pivot, out of what is searched later: with it would go only sums of laws.
    """

    def __init__(self, samples: Samples) -> None:
        self.samples = samples
        self.tolerance = min(60 * samples.rounding, 0.02)
        self.laws: list[Law] = []
        self.pivots, self.explained = Places(samples), Places(samples)
        self.scaled: set[str] = set()
        self.null, self.next = 0.0, float("inf")
        self.unread = 0
        self.undecided: set[int] = set()
        every = [whole(name, shape, axes) for name, shape in samples.shapes.items() for axes in samples.axes[name]]
        moving = [column for column in every if samples.of(column)[1].any()]
        self.columns = moving
        self.still = [name for name in samples.shapes if not any(c.parameter == name for c in moving)]

    def active(self, columns: Iterable[Column]) -> list[Column]:
        """The columns that are no pivot of a law."""
        return [c for c in columns if not self.pivots.contain(c)]

    def is_open(self, column: Column) -> bool:
        """Whether some of the column is in no law."""
        return not self.explained.contain(column)

    def invariances(self, columns: Iterable[Column]) -> None:
        """Laws of one column: the loss does not depend on its scale."""
        for column in self.active(columns):
            self._accept_invariance([column])

    def channels(self, columns: Iterable[Column], *, is_all: bool = False) -> None:
        """Laws of columns of one width."""
        by_width: dict[int, list[Column]] = defaultdict(list)
        for column in columns:
            by_width[column.width].append(column)
        for width in sorted((w for w in by_width if w > 1), reverse=True):
            for inside in scopes(by_width[width]):
                self._solve(self.active(inside), is_all=is_all and len(inside) == len(by_width[width]))

    def of_parts(self) -> None:
        """Laws of parts of axes, as of fused layers and of what was concatenated."""
        for inside in scopes(c for c in self.columns if len(c.axes) == 1):
            inside = self.active(inside)
            widths = sorted({c.width for c in inside})
            open_ones = [c for c in inside if self.is_open(c)]
            if len(inside) > _MOST_COLUMNS:
                continue
            for width in reversed(widths):
                of_width = [c for c in inside if c.width == width]
                longer = [c for c in open_ones if c.length > width and self.is_open(c)]
                cut = [part for column in longer for part in parts(column, width, widths)]
                if cut:
                    self.channels(dict.fromkeys([*self.active(of_width), *cut]))

    def of_modules(self) -> None:
        """Scales of a layer's groups of outputs, weight and bias together, as before a norm of groups or of all."""
        beside: dict[tuple[tuple[str, ...], int], list[Column]] = defaultdict(list)
        for column in self.columns:
            if column.axes == (0,) or len(self.samples.shapes[column.parameter]) == 1:
                beside[module_of(column.parameter), column.width].append(column)
        for columns in beside.values():
            self._scales(columns)

    def streams(self) -> None:
        """The scale of all that is added up in a residual stream, where only norm layers read it."""
        by_width: dict[int, list[Column]] = defaultdict(list)
        for column in self.columns:
            if len(column.axes) == 1 and self.is_open(column) and column.parameter not in self.scaled:
                by_width[column.width].append(column)
        for columns in by_width.values():
            for inside in scopes(columns):
                self._scales(inside)

    def divided(self) -> None:
        """Laws of groups of heads, rotary pairs, flattened positions and the like, in each module."""
        for inside in scopes(self.columns):
            inside = self.active(inside)
            if not any(self.is_open(c) for c in inside) or len(inside) > _MOST_DIVIDED:
                continue
            widths = sorted({c.width for c in inside}, reverse=True)
            self._divided(inside)
            for width in widths:
                cut = {c: parts(c, width, widths) for c in inside if self.is_open(c) and len(c.axes) == 1}
                if any(cut.values()):
                    self._divided([part for c in inside for part in cut.get(c) or [c]])

    def _divided(self, inside: Sequence[Column]) -> None:
        for base in sorted({c.length for c in inside if self.is_open(c) and c.length > 1}, reverse=True):
            chosen = [c for c in inside if c.length % base == 0 and (c.length == base or self.is_open(c))]
            for division in divisions(base, any(c.length > base for c in chosen)):
                self._solve([division.divide(c) for c in self.active(chosen)], is_all=False)

    def _scales(self, columns: Sequence[Column]) -> None:
        columns = [c for c in columns if self.is_open(c)]
        if not columns:
            return
        length = columns[0].length
        for size in (d for d in range(2, length + 1) if length % d == 0):
            if self._accept_invariance([c.divided((length // size, size), (0,)) for c in columns]):
                return

    def _accept_invariance(self, columns: Sequence[Column]) -> bool:
        ones = (1,) * len(columns)
        if self.samples.residual(columns, ones) > APPROXIMATE:
            return False
        self._accept(columns, ones)
        return True

    def _solve(self, columns: Sequence[Column], *, is_all: bool) -> None:
        if not columns or not any(self.is_open(c) for c in columns):
            return
        parts_ = [self.samples.of(column) for column in columns]
        sums, squares = (np.stack([part[k].ravel() for part in parts_], axis=1) for k in (0, 1))
        if not enough(len(sums), len(columns)):
            if is_all:
                self.undecided.add(columns[0].width)
            return
        found = null_laws(sums, squares, self.tolerance)
        if found is None:
            return
        self.null, self.next = max(self.null, found.null), min(self.next, found.next)
        self.unread += found.unread
        for row in found.coefficients:
            used = np.flatnonzero(row)
            self._accept([columns[k] for k in used], tuple(int(row[k]) for k in used))
        self.pivots.add(columns[k] for k in found.pivots)

    def _accept(self, columns: Sequence[Column], coefficients: tuple[int, ...]) -> None:
        residual = self.samples.residual(columns, coefficients)
        if residual > APPROXIMATE:
            return
        law = Law(tuple(columns), coefficients, residual, residual > self.tolerance)
        self.laws.append(law)
        self.explained.add(columns)
        if law.is_invariance:
            self.scaled.update(law.parameters)
            self.pivots.add(columns)
