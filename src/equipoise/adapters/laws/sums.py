"""Sums along the axes of parameters, in the array library that they are of."""

from collections.abc import Iterable, Mapping, Sequence

from equipoise.adapters.arithmetic import BLOCK, Library, Tensor, gathered_both
from equipoise.adapters.laws.columns import sums_along

Key = tuple[str, tuple[int, ...]]
"""A parameter, and the axes along which its sums are kept."""


def products_along(
    library: Library, left: Tensor, right: Tensor, axes: Sequence[tuple[int, ...]], *, squared: bool = False
) -> list[Tensor]:
    """The sums of left · right, or of its square, along each of the axes; a large array is converted in blocks."""
    left, right = gathered_both(library, left, right)
    rows = max(1, BLOCK // max(1, left[:1].reshape(-1).shape[0]))
    parts: list[list[Tensor]] = [[] for _ in axes]
    for start in range(0, left.shape[0], rows):
        own = library.widened(left[start : start + rows])
        products = own * (own if right is left else library.widened(right[start : start + rows]))
        products = products * products if squared else products
        for part, kept in zip(parts, axes, strict=True):
            part.append(sums_along(products, kept))
    return [_whole(library, part, 0 in kept) for part, kept in zip(parts, axes, strict=True)]


def _whole(library: Library, parts: Sequence[Tensor], is_first: bool) -> Tensor:
    """Blocks of rows, put one after the other if the rows are among the axes, else added up."""
    if len(parts) == 1:
        return parts[0]
    if is_first:
        return library.joined(parts)
    result = parts[0]
    for part in parts[1:]:
        result = result + part
    return result


def squares_along(library: Library, weights: Mapping[str, Tensor], keys: Iterable[Key]) -> Tensor:
    """One vector: for each key in turn, the sums of squares along the axes."""
    chosen: dict[str, list[tuple[int, ...]]] = {}
    for name, axes in keys:
        chosen.setdefault(name, []).append(axes)
    return library.joined(
        [sums for name, axes in chosen.items() for sums in products_along(library, weights[name], weights[name], axes)]
    )
