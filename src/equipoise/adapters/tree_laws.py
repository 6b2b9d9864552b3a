"""The conservation laws of a model whose parameters are a tree of JAX arrays, found from its gradients."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from equipoise.adapters.arithmetic import Library, Tensor
from equipoise.adapters.laws.columns import Column
from equipoise.adapters.laws.history import LawEngine
from equipoise.adapters.laws.law import GradientLaws, Law
from equipoise.adapters.laws.matrices import block_matrices, matrix_sizes, with_matrices
from equipoise.adapters.laws.samples import Samples
from equipoise.adapters.laws.search import find_laws
from equipoise.adapters.laws.sums import Key, products_along, squares_along
from equipoise.adapters.laws.verify import verified
from equipoise.core.checks import positive_number, whole_number
from equipoise.core.errors import InputError
from equipoise.core.precision import float64
from equipoise.core.trees import named_leaves
from equipoise.core.types import RealNumber

_NUMPY = Library(lambda array: np.asarray(array, dtype=float), np.concatenate)
_JAX = Library(lambda array: array.astype(jnp.float64), jnp.concatenate)


def conservation_laws(
    parameters: Any,
    gradient: Callable[[Any], Any],
    *,
    passes: int = 6,
    perturbation: RealNumber = 0.3,
    seed: int = 0,
    matrix_width: int = 128,
    tolerance: RealNumber | None = None,
    axes: str = "in-out",
) -> GradientLaws:
    """The conservation laws of a tree of JAX arrays, found from a few gradients of its loss.

    It finds what `equipoise.adapters.torch.conservation_laws` finds, in the same way. Heads in axes of their own, as in
    Flax's attention, and layers stacked for a scan are channels of two axes.

    - `parameters`: the tree.
    - `gradient`: a function from a tree to the gradients of the loss on fresh data, in a tree of the same form.
    - `passes`, `perturbation`, `seed`, `matrix_width`, `tolerance`: as there.
    - `axes`: "in-out" (as in Flax; the default) if the axes of a convolution's window come first, or "out-in" (as in
      Equinox) if they come last.

    Raises `InputError` for a tree without arrays of real numbers, and for gradients of other shapes or not finite.
    """
    if axes not in ("in-out", "out-in"):
        raise InputError(f"axes is {axes!r}; it must be 'in-out', as in Flax, or 'out-in', as in Equinox.")
    count, widest = whole_number("passes", passes, 1), whole_number("matrix_width", matrix_width, 0)
    limit = None if tolerance is None else positive_number("tolerance", tolerance)
    size = positive_number("perturbation", perturbation)
    random = np.random.default_rng(whole_number("seed", seed, 0))
    samples, fresh = (tree_samples(parameters, axes) for _ in range(2))
    weights: dict[str, np.ndarray] = {}
    slopes: dict[str, np.ndarray] = {}
    for number in range(count + 1):
        moved = jax.tree.map(lambda leaf: _moved(leaf, size, random), parameters)
        weights, slopes = _real(moved), _real(gradient(moved))
        _add(samples if number < count else fresh, weights, slopes)
    laws = verified(find_laws(samples, tolerance=limit), fresh)

    def rows_of(column: Column) -> tuple[np.ndarray, np.ndarray]:
        return _rows(weights[column.parameter], column), _rows(slopes[column.parameter], column)

    return laws.replaced(with_matrices(laws.laws, rows_of, widest, laws.tolerance))


def tree_samples(parameters: Any, axes: str) -> Samples:
    """Samples with the shapes of the real arrays of a tree; raises `InputError` if it has none."""
    leaves = {name: leaf for name, leaf in named_leaves(parameters).items() if _is_real(leaf)}
    if not leaves:
        raise InputError("There are no arrays of real numbers in the tree; give the tree of the parameters.")
    rounding = max(float(jnp.finfo(leaf.dtype).eps) for leaf in leaves.values())
    shapes = {name: tuple(leaf.shape) for name, leaf in leaves.items()}
    return Samples(shapes, rounding=rounding, window_first=axes == "in-out")


def tree_engine() -> LawEngine:
    """The arithmetic of records of laws, compiled for the axes that are needed."""
    compiled = jax.jit(lambda weights, keys: squares_along(_JAX, weights, keys), static_argnums=1)
    blocks = jax.jit(lambda weights, laws: block_matrices(_JAX, laws, weights), static_argnums=1)

    @float64
    def matrices(weights: Mapping[str, Tensor], laws: Sequence[Law]) -> Sequence[Tensor]:
        used = {name for law in laws for name in law.parameters}
        return blocks({name: weights[name] for name in used}, tuple(laws)) if laws else []

    @float64
    def vector(
        weights: Mapping[str, Tensor], keys: Sequence[Key], laws: Sequence[Law], start: Sequence[Tensor]
    ) -> Tensor:
        used = {name for name, _ in keys}
        sums = compiled({name: weights[name] for name in used}, tuple(keys))
        return jnp.concatenate([sums, *matrix_sizes(matrices(weights, laws), start)])

    def stacked(vectors: Sequence[Tensor]) -> np.ndarray:
        return np.stack([np.asarray(v, dtype=float) for v in jax.device_get(vectors)])

    return LawEngine(vector, matrices, stacked, float64(jnp.asarray))


def _is_real(leaf: Any) -> bool:
    return hasattr(leaf, "dtype") and bool(jnp.issubdtype(leaf.dtype, jnp.floating)) and leaf.size > 0


def _real(tree: Any) -> dict[str, np.ndarray]:
    """The arrays of real numbers of a tree."""
    return {name: np.asarray(leaf, dtype=float) for name, leaf in named_leaves(tree).items() if _is_real(leaf)}


def _moved(leaf: Any, size: float, random: np.random.Generator) -> Any:
    if not _is_real(leaf):
        return leaf
    scale = size * (float(np.sqrt(np.mean(np.square(np.asarray(leaf, dtype=float))))) or 1.0)
    return jnp.asarray(np.asarray(leaf, dtype=float) + scale * random.standard_normal(leaf.shape), leaf.dtype)


def _add(samples: Samples, weights: Mapping[str, np.ndarray], slopes: Mapping[str, np.ndarray]) -> None:
    """Add one gradient to the samples."""
    found: dict[Key, tuple[np.ndarray, np.ndarray]] = {}
    for name, shape in samples.shapes.items():
        if name not in slopes or slopes[name].shape != weights[name].shape:
            raise InputError(f"The gradient of {name} is missing or of another shape; give a tree of the same form.")
        if not np.isfinite(slopes[name]).all():
            raise InputError(f"The gradient of {name} is not finite; give a smaller perturbation, or other data.")
        own, slope = weights[name].reshape(shape), slopes[name].reshape(shape)
        axes = samples.axes[name]
        sums = products_along(_NUMPY, own, slope, axes)
        squares = products_along(_NUMPY, own, slope, axes, squared=True)
        found |= {(name, kept): (a, b) for kept, a, b in zip(axes, sums, squares, strict=True)}
    samples.add(found)


def _rows(array: np.ndarray, column: Column) -> np.ndarray:
    along = np.moveaxis(np.atleast_1d(array), column.axes[0], 0)[column.start : column.start + column.length]
    return along.reshape(len(along), -1)
