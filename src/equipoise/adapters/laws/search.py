"""The search for laws: the finest channels first, and in the innermost modules first."""

import dataclasses
import functools
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Sequence

import numpy as np

from equipoise.adapters.laws.columns import Column, whole
from equipoise.adapters.laws.divisions import cuts, divisions
from equipoise.adapters.laws.law import GradientLaws, Law
from equipoise.adapters.laws.null import enough, null_laws
from equipoise.adapters.laws.places import Places, Shadow
from equipoise.adapters.laws.samples import Samples
from equipoise.adapters.laws.scopes import module_of, scopes
from equipoise.adapters.laws.screen import Screen

APPROXIMATE = 1e-3
"""The largest residual of a law that holds but for the ε of a norm layer."""
_MOST_COLUMNS, _MOST_DIVIDED, _BARREN, _FEW, _NO_SCALE = 400, 40, 2, 4, 0.1


def find_laws(samples: Samples, *, tolerance: float | None = None) -> GradientLaws:
    """All laws of channels that the samples obey, without those that follow from them.

    - `tolerance`: the residual up to which a law is exact; by default it follows from the rounding of the samples.
    """
    search = _Search(samples, min(60 * samples.rounding, 0.02) if tolerance is None else tolerance)
    search.invariances(search.columns)
    search.channels(search.columns, is_all=True)
    search.of_parts(in_heads=False)
    search.of_modules()
    search.divided()
    search.of_parts(in_heads=True)
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


class _Search:
    """What is found so far.

    A law takes one of its columns, the pivot, out of what is searched later: with it would go only sums of laws.
    """

    def __init__(self, samples: Samples, tolerance: float) -> None:
        self.samples = samples
        self.tolerance = tolerance
        self.laws: list[Law] = []
        self.pivots, self.explained = Places(samples), Places(samples)
        self.scaled: set[str] = set()
        self.paired: set[str] = set()
        self.shadow = Shadow(samples)
        self.null, self.next = 0.0, float("inf")
        self.unread = 0
        self.undecided: set[int] = set()
        self.barren: Counter[Hashable] = Counter()
        every = [_channels(samples, name, axes) for name in samples.shapes for axes in samples.axes[name]]
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
            every = self.active(by_width[width])
            screen = self._screen(every) if len(every) >= _FEW else None
            for inside in scopes(by_width[width]):
                last = is_all and len(inside) == len(by_width[width])
                inside = self.active(inside)
                if last or screen is None or screen.allows(inside):
                    self._solve(inside, is_all=last)

    def of_parts(self, *, in_heads: bool) -> None:
        """Laws of parts of axes, as of fused layers and of what was concatenated, or of parts within heads."""
        for inside in scopes(self.columns):
            # sums of laws of two axes are laws again, and no new ones
            inside = [c for c in self.active(inside) if len(c.axes) == 1 or c.parameter not in self.paired]
            if len(inside) > _MOST_COLUMNS:
                continue
            widths = sorted({c.width for c in inside}, reverse=True)
            for width in widths:
                self._of_parts(inside, width, widths, in_heads)

    def _of_parts(self, inside: Sequence[Column], width: int, widths: Sequence[int], in_heads: bool) -> None:
        """Laws of columns of one width, and of parts of longer ones: cut in one way each, all in the same way."""
        ways = [list(cuts(c, width, widths)) for c in inside if c.length > width and self.is_open(c)]
        most = max(map(len, ways), default=0)
        for way in range(1, most) if in_heads else range(min(most, 1)):
            cut = [part for parts in ways if way < len(parts) for part in parts[way]]
            self.channels(dict.fromkeys([*self.active(c for c in inside if c.width == width), *self.active(cut)]))

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
            single = [c for c in inside if len(c.axes) == 1]
            self._divided(single)
            for width in widths:
                cut = {c: next(cuts(c, width, widths), None) for c in single if self.is_open(c)}
                if any(cut.values()):
                    new = {part for parts in cut.values() for part in parts or ()}
                    self._divided([part for c in single for part in cut.get(c) or [c]], new)
            free = [c for c in inside if c.parameter not in self.paired]
            paired = {c.parameter for c in free if len(c.axes) > 1}
            if paired:
                self._divided([c for c in free if len(c.axes) > 1 or c.parameter not in paired])

    def _divided(self, inside: Sequence[Column], new: Collection[Column] | None = None) -> None:
        """Laws of columns divided in the same way; with `new`, those alone that have some of these."""
        for base in sorted({c.length for c in inside if self.is_open(c) and c.length > 1}, reverse=True):
            chosen = [c for c in inside if c.length % base == 0 and (c.length == base or self.is_open(c))]
            if new is not None and not any(c in new for c in chosen):
                continue
            for way, division in enumerate(divisions(base, any(c.length > base for c in chosen))):
                active = self.active(chosen)
                alike = (base, way, *map(_kind, active))
                if self.barren[alike] < _BARREN:
                    self._solve([division.divide(c) for c in active], is_all=False, alike=alike)

    def _scales(self, columns: Sequence[Column]) -> None:
        columns = [c for c in columns if self.is_open(c)]
        if not columns:
            return
        length = columns[0].length
        # a scale of parts is one of the whole, where errors of one sign may add up
        if self.samples.residual([c.divided((1, length), (0,)) for c in columns], (1,) * len(columns)) > _NO_SCALE:
            return
        for size in (d for d in range(2, length + 1) if length % d == 0):
            if self._accept_invariance([c.divided((length // size, size), (0,)) for c in columns]):
                return

    def _accept_invariance(self, columns: Sequence[Column]) -> bool:
        ones = (1,) * len(columns)
        if self.samples.residual(columns, ones) > max(APPROXIMATE, self.tolerance):
            return False
        self._accept(columns, ones)
        return True

    def _solve(self, columns: Sequence[Column], *, is_all: bool, alike: Hashable = None) -> None:
        """The laws of columns of one width, unless two sets of columns `alike` had none."""
        columns = self.shadow.independent(columns)
        if not columns or columns[0].width < 2 or not any(self.is_open(c) for c in columns):
            return  # of a whole parameter there are too few sums to tell
        if not enough(columns[0].width * self.samples.passes, len(columns)):
            if is_all:
                self.undecided.add(columns[0].width)
            return
        if columns[0].width >= 4 * len(columns) + 16:  # wide enough for one pass to tell that there is no law
            alike = alike or tuple(map(_kind, columns))
            if self.barren[alike] >= _BARREN and not is_all:
                return  # layers of a stack have the same laws
            if not self._screen(columns).is_open:
                self.barren[alike] += 1
                return
        found = null_laws(*self._sums(columns, None), self.tolerance)
        if found is None:
            return
        self.null, self.next = max(self.null, found.null), min(self.next, found.next)
        self.unread += found.unread
        for row in found.coefficients:
            used = np.flatnonzero(row)
            self._accept([columns[k] for k in used], tuple(int(row[k]) for k in used))
        self.pivots.add(columns[k] for k in found.pivots)

    def _screen(self, columns: Sequence[Column]) -> Screen:
        """What may hold among columns, from as many of their sums as tell that nothing does."""
        width, wanted = columns[0].width, 2 * len(columns) + 16
        sums = self._sums(columns, -(-wanted // width), max(1, width // wanted))
        return Screen(columns, *sums, self.tolerance)

    def _sums(self, columns: Sequence[Column], passes: int | None, every: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """The sums of the columns in the first passes, or in all, and the squares of their sizes by chance.

        With `every`, one in so many channels is taken.
        """
        parts = [self.samples.of(column, passes) for column in columns]
        sums, squares = (np.stack([part[k].ravel()[::every] for part in parts], axis=1) for k in (0, 1))
        return sums, squares

    def _accept(self, columns: Sequence[Column], coefficients: tuple[int, ...]) -> None:
        residual = self.samples.residual(columns, coefficients)
        if residual > max(APPROXIMATE, 3 * self.tolerance):
            return
        columns, coefficients = self._needed(columns, coefficients, residual)
        residual = self.samples.residual(columns, coefficients)
        law = Law(tuple(columns), coefficients, residual)
        self.laws.append(dataclasses.replace(law, is_approximate=law.is_invariance and residual > self.tolerance))
        self.explained.add(columns)
        self.paired.update(c.parameter for c in columns if len(c.axes) > 1)
        if law.is_invariance:
            self.scaled.update(law.parameters)
            self.pivots.add(columns)

    def _needed(
        self, columns: Sequence[Column], coefficients: tuple[int, ...], residual: float
    ) -> tuple[Sequence[Column], tuple[int, ...]]:
        """The law without columns that do not matter to it, as of a bias of keys, which has hardly any gradient."""
        for column in columns:
            if len(columns) < 3:
                break
            left = [(c, n) for c, n in zip(columns, coefficients, strict=True) if c != column]
            others, numbers = [c for c, _ in left], tuple(n for _, n in left)
            if self.samples.residual(others, numbers) <= 2 * residual:
                columns, coefficients = others, numbers
        return columns, coefficients


@functools.lru_cache(4096)
def _kind(column: Column) -> Hashable:
    """What a column has in common with those of other layers of a stack."""
    name = re.sub(r"\d+", "#", column.parameter)
    return name, column.axes, column.start, column.split, column.kept, column.picked


def _channels(samples: Samples, name: str, axes: tuple[int, ...]) -> Column:
    """The column of all channels along some axes; of a convolution with groups, those that it reads."""
    shape, groups = samples.shapes[name], samples.groups.get(name, 1)
    if groups > 1 and axes == (0, 1):
        return Column(name, axes, 0, (groups, shape[0] // groups, shape[1]), (0, 2))
    return whole(name, shape, axes)
