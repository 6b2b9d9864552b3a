"""How the norm is divided between layers, and the differences that gradient flow conserves."""

import functools
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array

from equipoise.core.errors import InputError
from equipoise.core.layered import AbstractLayered, Between, Chain, Layer
from equipoise.core.observable import Observable, Variable
from equipoise.core.problem import AbstractFactorization, AbstractProblem
from equipoise.core.types import Theta
from equipoise.observables.spectrum import product_singular_values


class Pair(NamedTuple):
    """A layer, the next, and what lies between them."""

    layer: Layer
    next: Layer
    between: Between

    @property
    def obstacle(self) -> str:
        """Why gradient flow does not conserve the differences of these layers; empty if it does."""
        for layer in (self.layer, self.next):
            if layer.obstacle:
                return f"{layer.name} {layer.obstacle}"
        if self.between.obstacle:
            return self.between.obstacle
        if self.between.degree is None:
            return f"{self.between.activation}, between {self.layer.name} and {self.next.name}, is not homogeneous"
        return ""

    def weighed(self, outgoing: Array) -> Array:
        """`outgoing` times the degree of the activation in between, or unchanged if that has no degree."""
        return outgoing if self.between.degree in (None, 1.0) else self.between.degree * outgoing


def _chain(problem: AbstractProblem, theta: Theta, observable: str) -> Chain:
    """The layers of `problem`; raises `InputError` with the name of the observable for a problem without layers."""
    if not isinstance(problem, AbstractLayered):
        raise InputError(f"The observable {observable} needs a problem in layers, not {type(problem).__name__}.")
    return problem.chain(theta)


def _pairs(problem: AbstractProblem, theta: Theta, observable: str, *, checked: bool) -> list[Pair]:
    """Each layer with the next; `InputError` for a single layer and, if `checked`, for a pair with an obstacle."""
    chain = _chain(problem, theta, observable)
    pairs = [
        Pair(layer, next_layer, between)
        for layer, next_layer, between in zip(chain.layers[:-1], chain.layers[1:], chain.between, strict=True)
    ]
    if not pairs:
        raise InputError(f"The observable {observable} compares two layers, but there is only one.")
    for pair in pairs:
        if checked and pair.obstacle:
            raise InputError(
                f"{pair.obstacle}, so that gradient flow does not conserve {observable}; to record it anyway, use "
                f"equipoise.observables.{observable}(checked=False)."
            )
    return pairs


def _square(array: Array) -> Array:
    return jnp.sum(array**2)


def _into(layer: Layer) -> Array:
    """‖W‖² + ‖b‖²."""
    square = _square(layer.weight)
    return square if layer.bias is None else square + _square(layer.bias)


def _squared_norms(problem: AbstractProblem, theta: Theta) -> dict[str, Array]:
    layers = _chain(problem, theta, "squared_norms").layers
    return {"squared_norms": jnp.stack([_square(layer.weight) for layer in layers])}


def _norm_ratios(problem: AbstractProblem, theta: Theta) -> dict[str, Array]:
    pairs = _pairs(problem, theta, "norm_ratios", checked=False)
    return {"norm_ratios": jnp.stack([_square(p.layer.weight) / _square(p.next.weight) for p in pairs])}


squared_norms = Observable(
    "squared_norms",
    _squared_norms,
    (Variable("squared_norms", "squared norm of the weights", "‖W_h‖²", axes=("layer",)),),
)
norm_ratios = Observable(
    "norm_ratios",
    _norm_ratios,
    (Variable("norm_ratios", "ratio of squared norms", "‖W_h‖²/‖W_{h+1}‖²", axes=("pair",)),),
)


@functools.cache
def norm_differences(checked: bool = True) -> Observable:
    """‖W_h‖² + ‖b_h‖² − k‖W_{h+1}‖² for each layer h except the last; gradient flow conserves these numbers.

    - `checked`: whether to raise `InputError` where they are not conserved, at an activation without a degree or a skip
      connection; True by default. If it is False, k is 1 where there is no degree.

    k is the degree of the activation between the layers: 1 for linear, ReLU and leaky ReLU. The norms are over the free
    parameters; a bias counts with the weights into its layer.
    Source: Du et al. (2018), Corollary 2.1, Theorem 2.3 and footnote 8.
    """

    def measure(problem: AbstractProblem, theta: Theta) -> dict[str, Array]:
        pairs = _pairs(problem, theta, "norm_differences", checked=checked)
        return {"norm_differences": jnp.stack([_into(p.layer) - p.weighed(_square(p.next.weight)) for p in pairs])}

    formula = "‖W_h‖² + ‖b_h‖² − ‖W_{h+1}‖²"
    variable = Variable("norm_differences", "difference of squared norms", formula, axes=("pair",))
    return Observable("norm_differences", measure, (variable,))


@functools.cache
def neuron_differences(checked: bool = True) -> Observable:
    """‖W_h[i,:]‖² + b_h[i]² − k‖W_{h+1}[:,i]‖² for each hidden neuron i, layer after layer in one vector.

    - `checked`: as in `norm_differences`, and so is k.

    In a convolution i is a channel, and the squares are summed over its filters. Raises `InputError` for layers whose
    neurons share weights by an index map.
    Source: Du et al. (2018), Theorem 2.1 and footnote 8.
    """

    def measure(problem: AbstractProblem, theta: Theta) -> dict[str, Array]:
        pairs = _pairs(problem, theta, "neuron_differences", checked=checked)
        return {"neuron_differences": jnp.concatenate([_of_neurons(pair) for pair in pairs])}

    formula = "‖W_h[i,:]‖² + b_h[i]² − ‖W_{h+1}[:,i]‖²"
    variable = Variable("neuron_differences", "weights into a neuron less those out of it", formula, axes=("neuron",))
    return Observable("neuron_differences", measure, (variable,))


def _of_neurons(pair: Pair) -> Array:
    rows, columns = pair.layer.rows, pair.next.columns
    if rows is None or columns is None:
        which = pair.layer if rows is None else pair.next
        raise InputError(f"The neurons of {which.name} share weights; record norm_differences instead.")
    into = jnp.sum(rows**2, axis=1)
    into = into if pair.layer.bias is None else into + pair.layer.bias**2
    return into - pair.weighed(jnp.sum(columns**2, axis=0))


def _of_matrices(problem: AbstractProblem, theta: Theta, observable: str) -> list[Array]:
    """W_h W_hᵀ + b_h b_hᵀ − W_{h+1}ᵀ W_{h+1} for each pair of layers without an activation in between."""
    found = []
    for pair in _pairs(problem, theta, observable, checked=False):
        rows, columns = pair.layer.rows, pair.next.columns
        if not pair.between.is_linear or pair.obstacle or rows is None or columns is None:
            continue
        gap = rows @ rows.T - columns.T @ columns
        found.append(gap if pair.layer.bias is None else gap + jnp.outer(pair.layer.bias, pair.layer.bias))
    if not found:
        raise InputError(
            f"The observable {observable} needs two layers whose neurons share no weights, with a linear activation "
            "between them."
        )
    return found


def _matrix_differences(problem: AbstractProblem, theta: Theta) -> dict[str, Array]:
    found = _of_matrices(problem, theta, "matrix_differences")
    return {"matrix_differences": jnp.stack([jnp.sqrt(jnp.sum(gap**2)) for gap in found])}


def _matrix_difference_entries(problem: AbstractProblem, theta: Theta) -> dict[str, Array]:
    found = _of_matrices(problem, theta, "matrix_difference_entries")
    return {"matrix_difference_entries": jnp.concatenate([gap.ravel() for gap in found])}


# Du et al. (2018), Theorem 2.2: conserved for layers without an activation between them; for convolutions the matrix is
# over channels
matrix_differences = Observable(
    "matrix_differences",
    _matrix_differences,
    (
        Variable(
            "matrix_differences", "matrix difference of layers", "‖W_hW_hᵀ − W_{h+1}ᵀW_{h+1}‖_F", axes=("linear_pair",)
        ),
    ),
)
matrix_difference_entries = Observable(
    "matrix_difference_entries",
    _matrix_difference_entries,
    (Variable("matrix_difference_entries", "its entries", "W_hW_hᵀ − W_{h+1}ᵀW_{h+1}", axes=("entry",)),),
)


def _end_to_end_singular_values(problem: AbstractProblem, theta: Theta) -> dict[str, Array]:
    name = "end_to_end_singular_values"
    if isinstance(problem, AbstractFactorization):
        return {name: product_singular_values(problem, theta, name)}
    if not isinstance(problem, AbstractLayered):
        raise InputError(f"The observable {name} needs a linear network, not {type(problem).__name__}.")
    return {name: jnp.linalg.svd(problem.end_to_end(theta), compute_uv=False)}


end_to_end_singular_values = Observable(
    "end_to_end_singular_values",
    _end_to_end_singular_values,
    (
        Variable(
            "end_to_end_singular_values",
            "singular values of the network",
            "σᵢ(W_N … W_1)",
            axes=("singular_value",),
        ),
    ),
)
