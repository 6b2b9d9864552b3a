"""What to record, decided once from the shapes: which layers, which pairs, and which values of each."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from equipoise.adapters.arithmetic import Link
from equipoise.adapters.pairs import Pair
from equipoise.core.checks import whole_number
from equipoise.core.errors import InputError


class Limits(NamedTuple):
    """How often to record, and the largest hidden layers to record neuron by neuron and as a whole matrix."""

    every: int
    neurons: int
    matrix_width: int


def checked_limits(every: int, neurons: int, matrix_width: int) -> Limits:
    """The three limits as whole numbers; raises `InputError` if one is out of range."""
    return Limits(
        whole_number("every", every, 1),
        whole_number("neurons", neurons, 0),
        whole_number("matrix_width", matrix_width, 0),
    )


class Shape(NamedTuple):
    """The shape of a layer's weight: outputs, inputs (within a group of channels), positions, groups; and its bias.

    `bias` says whether the layer has one, `transposed` whether inputs come first in its weight.
    """

    outputs: int
    inputs: int
    positions: int
    groups: int = 1
    bias: bool = False
    transposed: bool = False


class Plan(NamedTuple):
    """The monitored layers by name, their shapes, the pairs, and the pairs with numbers in place of names."""

    layers: tuple[str, ...]
    shapes: tuple[Shape, ...]
    pairs: tuple[Pair, ...]
    links: tuple[Link, ...]
    limits: Limits

    @property
    def narrow(self) -> tuple[int, ...]:
        """The numbers of the pairs that are recorded neuron by neuron."""
        return tuple(k for k, link in enumerate(self.links) if link.neurons <= self.limits.neurons)

    @property
    def linear(self) -> tuple[int, ...]:
        """The numbers of the pairs that are recorded as matrices."""
        return tuple(k for k, link in enumerate(self.links) if link.matrix)


def make_plan(pairs: Sequence[Pair], shapes: Mapping[str, Shape], limits: Limits) -> Plan:
    """Number the layers in the order in which the pairs name them; raise `InputError` if two layers do not fit."""
    layers = tuple(dict.fromkeys(name for pair in pairs for name in (pair.first, pair.second)))
    links = tuple(_link(pair, layers, shapes, limits) for pair in pairs)
    return Plan(layers, tuple(shapes[name] for name in layers), tuple(pairs), links, limits)


def _link(pair: Pair, layers: Sequence[str], shapes: Mapping[str, Shape], limits: Limits) -> Link:
    first, second = shapes[pair.first], shapes[pair.second]
    neurons, columns = first.outputs, second.inputs * second.groups
    if not neurons or not columns or columns % neurons:
        raise InputError(
            f"{pair.first} has {neurons} outputs but {pair.second} has {columns} inputs, which is not a multiple; "
            "give a second layer that reads the output of the first."
        )
    matrix = pair.linear and first.groups == second.groups == 1 and neurons <= limits.matrix_width
    return Link(layers.index(pair.first), layers.index(pair.second), neurons, second.groups, pair.interleaved, matrix)
