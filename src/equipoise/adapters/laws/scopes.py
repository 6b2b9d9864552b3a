"""The tree of a model's modules, as its parameters' names tell it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from equipoise.adapters.laws.columns import Column


def parts_of(name: str) -> list[str]:
    """The parts of a name with dots, as in PyTorch, or with slashes, as in trees."""
    return name.split("/" if "/" in name else ".")


def module_of(name: str) -> tuple[str, ...]:
    """The module that a parameter lies in."""
    return tuple(parts_of(name)[:-1])


def scopes(columns: Iterable[Column]) -> list[Sequence[Column]]:
    """The columns of each module and all modules inside it, the innermost modules first and the model last.

    Of modules with the same columns, one is given.
    """
    inside: dict[tuple[str, ...], dict[Column, None]] = defaultdict(dict)
    for column in columns:
        module = module_of(column.parameter)
        for depth in range(len(module) + 1):
            inside[module[:depth]][column] = None
    distinct: dict[frozenset[Column], Sequence[Column]] = {}
    for module in sorted(inside, key=len, reverse=True):
        distinct.setdefault(frozenset(inside[module]), list(inside[module]))
    return list(distinct.values())
