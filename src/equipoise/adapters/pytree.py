"""A monitor of the balance of layers in a tree of JAX arrays, for given pairs."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr

from equipoise.adapters.arithmetic import (
    LayerArrays,
    Library,
    Link,
    matrix_invariants,
    observed,
)
from equipoise.adapters.history import Engine, History
from equipoise.adapters.laws.history import LawHistory
from equipoise.adapters.laws.law import GradientLaws
from equipoise.adapters.laws.table import laws_as_dataset
from equipoise.adapters.mismatch import mismatches
from equipoise.adapters.pairs import Pair, as_pairs
from equipoise.adapters.plan import Plan, Shape, checked_limits, make_plan
from equipoise.adapters.table import as_dataset
from equipoise.adapters.tree_laws import tree_engine, tree_samples
from equipoise.core.errors import InputError
from equipoise.core.precision import float64
from equipoise.core.trees import named_leaves
from equipoise.core.types import AnyArray

_LIBRARY = Library(lambda array: array.astype(jnp.float64), jnp.concatenate)


class PyTreeMonitor:
    """Record how the balance of consecutive layers in a tree of JAX arrays changes during training.

    The parameters may be in any tree of dictionaries, lists and modules. The two layers of a pair must follow one
    another, with only operations between them under which each channel can be scaled by itself (ReLU, pooling, dropout,
    reshaping). The monitor cannot see these operations, but `gradient_mismatch` can test them.

    - `pairs`: the paths of the two weights of each pair, with slashes, as in `[("Dense_0/kernel", "Dense_1/kernel")]`;
      attributes and positions in lists are names too (`layers/0/weight`). Use a `Pair` for more options.
      Or laws that `conservation_laws` found: then the dataset has dims (step, law).
    - `axes`: "in-out" (as in Flax; the default) if the last two axes are inputs and outputs, after those of the window,
      or "out-in" (as in Equinox) if the first two are outputs and inputs.
    - `bias`: the name of a first layer's bias, beside its weight; "bias" by default. A layer without it has no bias.
    - `every`: the number of calls of `step` per record; 500 by default.
    - `neurons`: the largest width of a hidden layer that is recorded neuron by neuron; 64 by default.
    - `matrix_width`: the largest width of a hidden layer whose linear pair is recorded as a matrix; 128 by default.

    Raises `InputError` for invalid pairs and for numbers out of range. Source: Du et al. (2018), Theorems 2.1 to 2.3.
    """

    def __init__(
        self,
        pairs: Sequence[Pair | Sequence[str]] | GradientLaws,
        *,
        axes: str = "in-out",
        bias: str = "bias",
        every: int = 500,
        neurons: int = 64,
        matrix_width: int = 128,
    ) -> None:
        if axes not in ("in-out", "out-in"):
            raise InputError(f"axes is {axes!r}; it must be 'in-out', as in Flax, or 'out-in', as in Equinox.")
        self.laws = pairs if isinstance(pairs, GradientLaws) else None
        self._law_history: LawHistory | None = None
        self.pairs = () if isinstance(pairs, GradientLaws) else as_pairs(pairs, interleaved=axes == "in-out")
        self._axes = axes
        self._bias = bias
        self._limits = checked_limits(every, neurons, matrix_width)
        self._history: History | None = None
        self._biases: dict[str, str] = {}
        self._count = 0

    @float64
    def record(self, step: int, parameters: Any) -> None:
        """Record the tree as it is now.

        - `step`: the number of the current step, greater than that of the last record.
        - `parameters`: the tree. Later records are compared with the first one.

        Raises `InputError` for a step that is not above the last one, for a name that is not in the tree, for a shape
        that does not fit or has changed, and inside a compiled function.
        """
        leaves = _outside_traces(parameters)
        if self.laws is not None:
            self._record_laws(step, parameters, leaves)
            return
        history = self._history or self._begin(leaves)
        history.add(step, self._layers(leaves, history.plan))
        self._history, self._count = history, history.steps[-1]

    def _record_laws(self, step: int, parameters: Any, leaves: dict[str, AnyArray]) -> None:
        assert self.laws is not None
        history = self._law_history
        if history is None:
            samples = tree_samples(parameters, self._axes)
            history = LawHistory(samples, self.laws, self._limits, tree_engine())
        if history.samples.shapes != dict(self.laws.shapes) or any(
            (leaves[name].shape or (1,)) != shape for name, shape in self.laws.shapes.items()
        ):
            raise InputError("The tree has other arrays than the laws were found for; find its laws anew.")
        history.add(step, {name: jnp.atleast_1d(leaves[name]) for name in self.laws.shapes})
        self._law_history, self._count = history, history.steps[-1]

    def step(self, parameters: Any) -> None:
        """Count one step of the optimizer; call it after the step. Every `every` steps, record.

        Raises `InputError` if the start was not recorded, and as `record` does.
        """
        if self._history is None and self._law_history is None:
            raise InputError("The start is not recorded; call record(0, parameters) before the first step.")
        self._count += 1
        if self._count % self._limits.every == 0:
            self.record(self._count, parameters)

    @float64
    def gradient_mismatch(self, parameters: Any, gradients: Any) -> dict[str, float]:
        """How far each pair is from the law at these gradients: 0, up to rounding, for a true pair, and at most 1.

        For each pair it is the largest |⟨W[i,:], ∂W[i,:]⟩ + bᵢ∂bᵢ − ⟨V[:,i], ∂V[:,i]⟩| over neurons i, relative to the
        largest possible value.

        - `parameters`: the tree.
        - `gradients`: the gradients of the loss, in a tree of the same form.

        Raises `InputError` as `record` does.
        """
        if self.laws is not None:
            raise InputError("Laws are tested as they are found; read their residuals in monitor.laws.")
        leaves, slopes = _outside_traces(parameters), _outside_traces(gradients)
        history = self._history or self._begin(leaves)
        own, other = self._layers(leaves, history.plan), self._layers(slopes, history.plan)
        return mismatches(_LIBRARY, history.plan, own, other)

    def dataset(self) -> xr.Dataset:
        """All records, with dims (step, layer) and (step, pair); raises `InputError` if there are none."""
        if self._law_history is not None:
            return laws_as_dataset(self._law_history, {"monitor": "PyTreeMonitor", "axes": self._axes}, {})
        if self._history is None:
            raise InputError("Nothing is recorded yet; call record first.")
        return as_dataset(self._history, {"monitor": "PyTreeMonitor", "axes": self._axes}, {})

    def _begin(self, leaves: dict[str, AnyArray]) -> History:
        names = [name for pair in self.pairs for name in (pair.first, pair.second)]
        shapes = {name: self._shape(name, _leaf(leaves, name)) for name in names}
        self._biases = {pair.first: found for pair in self.pairs if (found := self._bias_of(pair, leaves))}
        plan = make_plan(self.pairs, shapes, self._limits)
        return History(plan, _engine(plan.links))

    def _bias_of(self, pair: Pair, leaves: dict[str, AnyArray]) -> str | None:
        """The path of the first layer's bias."""
        if pair.bias is not None:
            _leaf(leaves, pair.bias)
            return pair.bias
        beside = "/".join([*pair.first.split("/")[:-1], self._bias])
        return beside if beside in leaves else None

    def _shape(self, name: str, array: AnyArray) -> Shape:
        if array.ndim < 2 or not jnp.issubdtype(array.dtype, jnp.floating):
            raise InputError(
                f"{name} is an array of shape {array.shape} and type {array.dtype}; "
                "name a weight, which is real and has two axes or more."
            )
        outputs, inputs = array.shape[:2] if self._axes == "out-in" else array.shape[:-3:-1]
        return Shape(outputs, inputs, array.size // max(1, outputs * inputs))

    def _layers(self, leaves: dict[str, AnyArray], plan: Plan) -> list[LayerArrays]:
        layers = []
        for name, shape in zip(plan.layers, plan.shapes, strict=True):
            array = _leaf(leaves, name)
            if self._shape(name, array) != shape:
                raise InputError(f"{name} now has the shape {array.shape}; make a new monitor when shapes change.")
            if self._axes == "in-out":
                array = array.reshape(-1, shape.inputs, shape.outputs).swapaxes(0, 2)
            bias = self._biases.get(name)
            layers.append(
                LayerArrays(
                    array.reshape(shape.outputs, shape.inputs, -1),
                    None if bias is None else _vector(leaves, bias, shape.outputs),
                )
            )
        return layers


def _outside_traces(tree: Any) -> dict[str, AnyArray]:
    """The arrays of a tree by their paths with slashes; raises `InputError` inside a trace."""
    named = named_leaves(tree)
    if any(isinstance(leaf, jax.core.Tracer) for leaf in named.values()):
        raise InputError("A monitor cannot record inside a compiled or differentiated function; call it outside.")
    return named


def _leaf(leaves: dict[str, AnyArray], name: str) -> AnyArray:
    if name not in leaves:
        known = ", ".join(list(leaves)[:12]) or "none"
        raise InputError(f"There is no array {name} in the tree; it has {known}{', …' if len(leaves) > 12 else ''}.")
    return leaves[name]


def _vector(leaves: dict[str, AnyArray], name: str, size: int) -> AnyArray:
    array = _leaf(leaves, name)
    if array.size != size:
        raise InputError(f"The bias {name} has the shape {array.shape}, but its layer has {size} outputs.")
    return array.reshape(-1)


def _engine(links: tuple[Link, ...]) -> Engine:
    """The arithmetic, compiled for these pairs."""
    return Engine(
        jax.jit(lambda layers: matrix_invariants(_LIBRARY, layers, links)),
        jax.jit(lambda layers, start: observed(_LIBRARY, layers, links, start)),
        lambda vectors: np.stack([np.asarray(vector, dtype=float) for vector in jax.device_get(vectors)]),
        float64(jnp.asarray),
    )
