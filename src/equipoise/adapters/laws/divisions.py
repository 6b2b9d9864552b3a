"""Ways to divide an axis into the channels of other axes: parts of fused layers, heads, groups, rotary pairs."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from equipoise.adapters.laws.columns import Column

MOST_PARTS = 6


def cuts(column: Column, width: int, others: Sequence[int]) -> Iterator[list[Column]]:
    """The ways to cut an axis into parts of which some may be channels of a given width.

    Parts are equal, as of a fused query, key and value, one after the other or within each head or expert; or they are
    one part and two smaller ones, as with grouped queries; or two parts, if the other one is a width as well.
    """
    length = column.length
    if not column.is_plain or width >= length or width < 2:
        return
    if length % width == 0:
        count = length // width
        if count > MOST_PARTS:
            return
        if len(column.axes) == 1:
            yield [_part(column, start, width) for start in range(0, length, width)]
            inner = [d for d in range(width - 1, 1, -1) if width % d == 0]
        else:
            last = column.split[-1] // count
            inner = [last] if last * count == column.split[-1] and column.split[0] > 1 else []
        for d in inner:
            split = (width // d, count, d)
            yield [dataclasses.replace(column, split=split, kept=(0, 2), picked=(1, k)) for k in range(count)]
        return
    rest = length - width
    if len(column.axes) > 1:
        return
    if rest % 2 == 0 and width % (rest // 2) == 0:
        half = rest // 2
        yield [_part(column, 0, width), _part(column, width, half), _part(column, width + half, half)]
    elif rest in others:
        yield [_part(column, 0, width), _part(column, rest, width)]


def _part(column: Column, start: int, length: int) -> Column:
    return Column(column.parameter, column.axes, column.start + start, (length,), (0,))


class Division(NamedTuple):
    """A way to divide axes of several lengths so that they have the same number of channels."""

    width: int
    divide: Callable[[Column], Column]


def divisions(base: int, has_multiples: bool) -> Iterator[Division]:
    """The ways to divide axes of length `base`, or of multiples of it, the finest first.

    - A head of the base serves several heads of the multiple one after the other (grouped queries; with heads of width
      1, positions flattened behind channels), or all of them in turn (channels last).
    - The two entries of a rotary pair turn into each other: they lie half a head apart, or side by side.
    - Only a head as a whole has a scale (a norm of queries or keys, or of groups of channels).
    """
    heads = [d for d in range(base, 0, -1) if base % d == 0]
    if has_multiples:
        for d in heads:
            yield Division(base, partial(_in_heads, base, d, (0, 2)))
    if base % 2 == 0:
        yield Division(base // 2, partial(_in_pairs, base, 2, (0, 2)))
        for d in (d for d in heads if d % 2 == 0 and d > 2):
            yield Division(base // 2, partial(_in_halves, base, d))
            if has_multiples:
                yield Division(base // 2, partial(_in_pairs, base, d, (0, 2)))
    for d in reversed(heads[1:-1]):
        yield Division(base // d, partial(_in_heads, base, d, (0,)))


def _in_heads(base: int, head: int, kept: tuple[int, ...], column: Column) -> Column:
    return column.divided((base // head, column.length // base, head), kept)


def _in_pairs(base: int, head: int, kept: tuple[int, ...], column: Column) -> Column:
    return column.divided((base // head, column.length // base, head // 2, 2), kept)


def _in_halves(base: int, head: int, column: Column) -> Column:
    return column.divided((base // head, column.length // base, 2, head // 2), (0, 3))
