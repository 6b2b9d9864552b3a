"""The recorded values, from weights of any array library: it uses only operators and methods that all libraries share.

A weight is (outputs, inputs, positions): (n, m, 1) for a dense layer, (channels, channels before, window) for a
convolution, with inputs counted within one group of channels.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

Tensor = Any
"""An array of PyTorch, JAX or NumPy."""

BLOCK = 2**20
"""The number of entries of a weight to convert at a time, so that little memory is needed in addition to the model."""


class Library(NamedTuple):
    """The functions that differ between array libraries."""

    widened: Callable[[Tensor], Tensor]
    """The array in the precision in which sums are computed."""
    joined: Callable[[Sequence[Tensor]], Tensor]
    """Arrays concatenated along the first axis."""
    gathered: Callable[[Tensor], Tensor] = lambda array: array
    """The whole of an array of which this process may hold but a part."""


class LayerArrays(NamedTuple):
    """The weight of a layer (outputs, inputs, positions), and its bias (outputs,) if it has one."""

    weight: Tensor
    bias: Tensor | None


class Link(NamedTuple):
    """A pair, with numbers in place of the names of its layers.

    - `first`, `second`: the numbers of the layers.
    - `neurons`: the number of neurons between them.
    - `groups`: the groups of the second layer's convolution.
    - `interleaved`: how the columns of V belong to neurons; see `Pair`.
    - `matrix`: whether the matrix WWᵀ + bbᵀ − VᵀV is recorded as a whole.
    """

    first: int
    second: int
    neurons: int
    groups: int
    interleaved: bool
    matrix: bool


def inner_products(
    library: Library, left: Tensor, right: Tensor, groups: int = 1, *, by_input: bool = True, block: int = BLOCK
) -> tuple[Tensor, Tensor | None]:
    """The sums of left · right over each output's entries, (outputs,), and over each input's, (groups · inputs,).

    With a weight itself as `right`, these are sums of squares. At most `block` entries are converted at a time.
    """
    left, right = gathered_both(library, left, right)
    outputs, inputs, positions = left.shape
    rows = max(1, block // max(1, inputs * positions)) if groups == 1 else outputs
    per_output, per_input = [], None
    for start in range(0, outputs, rows):
        own = library.widened(left[start : start + rows])
        other = own if right is left else library.widened(right[start : start + rows])
        products = (own * other).reshape(groups, -1, inputs, positions)
        per_output.append(products.sum((2, 3)).reshape(-1))
        if by_input:
            sums = products.sum((1, 3)).reshape(-1)
            per_input = sums if per_input is None else per_input + sums
    return per_output[0] if len(per_output) == 1 else library.joined(per_output), per_input


def gathered_both(library: Library, left: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
    """Two arrays as a whole; one and the same is gathered once."""
    whole = library.gathered(left)
    return whole, whole if right is left else library.gathered(right)


def by_neuron(link: Link, per_input: Tensor) -> Tensor:
    """The sums over the second layer's columns, added up for each neuron: (neurons,)."""
    if per_input.shape[0] == link.neurons:
        return per_input
    if link.interleaved:
        return per_input.reshape(-1, link.neurons).sum(0)
    return per_input.reshape(link.neurons, -1).sum(1)


def neuron_sums(
    library: Library, layers: Sequence[LayerArrays], links: Sequence[Link], others: Sequence[LayerArrays] | None = None
) -> tuple[list[Tensor], list[tuple[Tensor, Tensor]]]:
    """‖W‖² of each layer (1,), and for each pair the incoming and the outgoing sum of its neurons, (neurons,) each.

    They are ‖W[i,:]‖² + b_i² and ‖V[:,i]‖²: the bias is one more incoming weight (Du et al., 2018, footnote 8). With
    `others`, squares become products with the entries of the others.
    """
    others = layers if others is None else others
    groups = {link.second: link.groups for link in links}
    sums = [
        inner_products(library, own.weight, other.weight, groups.get(i, 1), by_input=i in groups)
        for i, (own, other) in enumerate(zip(layers, others, strict=True))
    ]
    sides = []
    for link in links:
        incoming, outgoing = sums[link.first][0], by_neuron(link, sums[link.second][1])
        bias, other_bias = layers[link.first].bias, others[link.first].bias
        if bias is not None:
            incoming = incoming + library.widened(library.gathered(bias)) * library.widened(
                library.gathered(other_bias)
            )
        sides.append((incoming, outgoing))
    return [per_output.sum().reshape(1) for per_output, _ in sums], sides


def matrix_invariants(
    library: Library, layers: Sequence[LayerArrays], links: Sequence[Link], others: Sequence[LayerArrays] | None = None
) -> list[Tensor]:
    """WWᵀ + bbᵀ − VᵀV of each linear pair, (neurons, neurons). Source: Du et al. (2018), Theorem 2.2.

    With `others` P, Q, p it is WPᵀ + bpᵀ − QᵀV, a part of the derivative along them.
    """
    others = layers if others is None else others
    return [
        _incoming(library, layers[link.first]) @ _incoming(library, others[link.first]).T
        - _outgoing(library, link, others[link.second]) @ _outgoing(library, link, layers[link.second]).T
        for link in links
        if link.matrix
    ]


def _incoming(library: Library, layer: LayerArrays) -> Tensor:
    """The rows (W, b) of the neurons."""
    rows = library.widened(library.gathered(layer.weight)).reshape(layer.weight.shape[0], -1)
    if layer.bias is None:
        return rows
    # joined along the first axis, as all libraries do by default
    return library.joined([rows.T, library.widened(library.gathered(layer.bias)).reshape(1, -1)]).T


def _outgoing(library: Library, link: Link, layer: LayerArrays) -> Tensor:
    """The columns of V, with those of one neuron as one row."""
    columns = library.widened(library.gathered(layer.weight)).swapaxes(0, 1)
    if link.interleaved:
        columns = columns.reshape(-1, link.neurons, *columns.shape[1:]).swapaxes(0, 1)
    return columns.reshape(link.neurons, -1)


def observed(library: Library, layers: Sequence[LayerArrays], links: Sequence[Link], start: Sequence[Tensor]) -> Tensor:
    """One vector: squared norms of the layers, differences of all pairs' neurons, ‖D‖_F and ‖D − D_start‖_F.

    The difference of a neuron is its incoming minus its outgoing sum. Source: Du et al. (2018), Eq. (6), and for
    convolutions Theorem 2.3, channel by channel; D of linear pairs is that of Theorem 2.2.
    """
    norms, sides = neuron_sums(library, layers, links)
    differences = [incoming - outgoing for incoming, outgoing in sides]
    matrices = [
        size
        for now, then in zip(matrix_invariants(library, layers, links), start, strict=True)
        for size in (norm(now), norm(now - then))
    ]
    return library.joined([*norms, *differences, *matrices])


def norm(matrix: Tensor) -> Tensor:
    """‖D‖_F, as a vector of one number."""
    return ((matrix**2).sum() ** 0.5).reshape(1)
