"""Two layers, one after the other, whose balance is watched."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from equipoise.core.errors import InputError


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two layers whose weights W, V meet in a hidden layer: x -> V φ(W x + b), φ(cz) = c φ(z) for c > 0.

    `first` and `second` name the layers: submodules of a PyTorch model, or the weights of a tree. `bias` names b in a
    tree; None lets the monitor look for it beside W. `linear` says that between them nothing acts but what is linear
    and the same for all channels, so that WWᵀ + bbᵀ − VᵀV is kept as a whole (Du et al., 2018, Theorem 2.2).
    `interleaved` tells, where positions were flattened between them, how the columns of V lie: those of a channel side
    by side (False, channels before positions, as in PyTorch), or one of every channel in turn (True, channels last, as
    in Flax). `between` names what acts between them, for the reader.
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
    """Pairs, or tuples (first, second), as pairs; `InputError` for anything else, for none, and for one given twice."""
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise InputError(f"pairs is {given!r}; it must be a list of pairs of names, as [('first', 'second')].")
    pairs = tuple(_as_pair(one, interleaved) for one in given)
    if not pairs:
        raise InputError("There are no pairs to watch; give at least one, as [('first', 'second')].")
    names = [pair.name for pair in pairs]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise InputError(f"The pair {twice[0]} is given twice; give it once.")
    return pairs


def _as_pair(given: Any, interleaved: bool) -> Pair:
    if not isinstance(given, Pair):
        is_tuple = isinstance(given, tuple | list) and len(given) == 2
        if not is_tuple or not all(isinstance(name, str) for name in given):
            raise InputError(f"{given!r} is no pair; give the names of two layers, as ('first', 'second'), or a Pair.")
        given = Pair(given[0], given[1], interleaved=interleaved)
    if given.first == given.second:
        raise InputError(f"The pair {given.name} names one layer twice; give two layers, one after the other.")
    return given
