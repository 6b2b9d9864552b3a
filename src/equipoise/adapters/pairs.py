"""Pairs of consecutive layers."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from equipoise.core.errors import InputError


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two layers whose weights W, V meet in a hidden layer: x -> V φ(W x + b), φ(cz) = c φ(z) for c > 0.

    - `first`, `second`: the names of the layers: submodules of a PyTorch model, or the paths of weights in a tree.
    - `bias`: the path of b in a tree. None, the default, lets the monitor look for it beside W.
    - `linear`: whether only linear maps that are the same for all channels act between the layers; False by default.
      Then the matrix WWᵀ + bbᵀ − VᵀV is recorded as a whole (Du et al., 2018, Theorem 2.2).
    - `interleaved`: the order of V's columns if positions were flattened between the layers. False, the default: the
      columns of one channel are side by side (channels before positions, as in PyTorch). True: the channels alternate
      (channels last, as in Flax).
    - `between`: the names of the operations between the layers, for the reader.
    """

    first: str
    second: str
    bias: str | None = None
    linear: bool = False
    interleaved: bool = False
    between: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The label of the pair in a dataset."""
        return f"{self.first} → {self.second}"


def as_pairs(given: Any, *, interleaved: bool) -> tuple[Pair, ...]:
    """Pairs, or tuples (first, second), as pairs; raises `InputError` for anything else, and if one is given twice."""
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise InputError(f"pairs is {given!r}; it must be a list of pairs of names, such as [('first', 'second')].")
    pairs = tuple(_as_pair(one, interleaved) for one in given)
    if not pairs:
        raise InputError("There are no pairs to watch; give at least one, such as [('first', 'second')].")
    names = [pair.name for pair in pairs]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise InputError(f"The pair {twice[0]} is given twice; give it once.")
    return pairs


def _as_pair(given: Any, interleaved: bool) -> Pair:
    if not isinstance(given, Pair):
        is_tuple = isinstance(given, tuple | list) and len(given) == 2
        if not is_tuple or not all(isinstance(name, str) for name in given):
            raise InputError(f"{given!r} is not a pair; give two names of layers, as ('first', 'second'), or a Pair.")
        given = Pair(given[0], given[1], interleaved=interleaved)
    if given.first == given.second:
        raise InputError(f"The pair {given.name} names one layer twice; give two layers, one after the other.")
    return given
