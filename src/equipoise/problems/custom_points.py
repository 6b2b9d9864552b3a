"""A user's own loss over data points, which methods can draw batches of."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int, PyTree

from equipoise.core.errors import InputError
from equipoise.core.precision import float64
from equipoise.core.quick_normal import quick_normal
from equipoise.core.sampled import AbstractSampled
from equipoise.core.types import AnyArray, Key, RealNumber, Scalar, Shapes, Theta

Label = str | int
"""Where the labels are in the data: a key of a dictionary, a position in a tuple, or the name of a field."""


class CustomPoints(AbstractSampled):
    """A problem with the user's loss over data points; made by `custom(…, axis=…)` or `custom(…, per_point=True)`.

    The loss is the mean, or the sum, over the points. The gradient is by automatic differentiation.
    """

    function: Callable[..., Any] = eqx.field(static=True)
    sizes: Shapes = eqx.field(static=True)
    kind: np.dtype = eqx.field(static=True)
    data: PyTree[Any]
    draw: Callable[[Key], Any] | None = eqx.field(static=True)
    axes: tuple[int | None, ...] = eqx.field(static=True)
    per_point: bool = eqx.field(static=True)
    reduction: str = eqx.field(static=True)
    labels: Label | None = eqx.field(static=True)
    share: float = eqx.field(static=True, default=1.0)

    @property
    def shapes(self) -> Shapes:
        """The shape of each array of θ."""
        return self.sizes

    @property
    def dtype(self) -> np.dtype:
        """The precision of θ."""
        return self.kind

    @property
    def points(self) -> int:
        """The number of data points."""
        leaves = zip(jax.tree.leaves(self.data), self.axes, strict=True)
        return next(int(leaf.shape[axis]) for leaf, axis in leaves if axis is not None)

    @float64
    def loss(self, theta: Theta) -> Scalar:
        """The mean, or the sum, of the user's function over the points."""
        return self.value(theta)

    def value(self, theta: Theta) -> Array:
        """The result of the user's function over all points, not checked."""
        arrays = tuple(jnp.asarray(w, self.kind) for w in theta)
        if not self.per_point:
            return jnp.asarray(self.function(arrays, self.data)) / self.share
        axes = jax.tree.unflatten(jax.tree.structure(self.data), self.axes)
        each = jax.vmap(lambda point: self.function(arrays, point), in_axes=(axes,))(self.data)
        return (jnp.mean(each, axis=0) if self.reduction == "mean" else jnp.sum(each, axis=0)) / self.share

    @float64
    def gradient(self, theta: Theta) -> tuple[Array, ...]:
        """The gradient at θ."""
        return jax.grad(self.loss)(tuple(jnp.asarray(w, self.kind) for w in theta))

    def curvature(self, theta: Theta) -> None:
        """None: no closed form is known."""

    @float64
    def batch(self, indices: Int[AnyArray, " batch"]) -> "CustomPoints":
        """The loss on these points alone: their mean, or their sum times points/batch."""
        leaves, structure = jax.tree.flatten(self.data)
        parts = [w if axis is None else jnp.take(w, indices, axis) for w, axis in zip(leaves, self.axes, strict=True)]
        share = 1.0 if self.reduction == "mean" else indices.shape[0] / self.points
        return self._on(jax.tree.unflatten(structure, parts), self.share * share)

    @float64
    def with_label_noise(self, key: Key, std: Scalar | RealNumber) -> "CustomPoints":
        """The problem with independent N(0, std²) noise on every label; `InputError` if the labels are not named."""
        if self.labels is None:
            raise InputError(
                "The problem does not say which part of its data is the labels; pass labels= to custom: the key, the "
                "position or the name of that part."
            )
        noisy = _noisy(key, std, self.kind)
        return self._on(eqx.tree_at(lambda data: _at(data, self.labels), self.data, replace_fn=noisy), self.share)

    @float64
    def redrawn(self, key: Key) -> "CustomPoints":
        """The same loss with new data; raises `InputError` for data without `redraw`."""
        if self.draw is None:
            raise InputError("The problem does not say how its data is drawn; pass redraw= (key -> data) to custom.")
        return self._on(self.draw(key), self.share)

    def _on(self, data: PyTree[Any], share: float) -> "CustomPoints":
        """The same loss on other data."""
        fixed = (self.draw, self.axes, self.per_point, self.reduction, self.labels)
        return CustomPoints(self.function, self.sizes, self.kind, data, *fixed, share)


def part_of(data: PyTree[Any], label: Label | None) -> Any:
    """The part of the data that the label names; raises `InputError` if there is none, or if it is not numbers."""
    try:
        part = _at(data, label)
        is_real = bool(jnp.issubdtype(part.dtype, jnp.floating))
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise InputError(
            f"labels is {label!r}, but the data has no such array; give the key, the position or the name of an array."
        ) from error
    if not is_real:
        raise InputError(f"The labels {label!r} are of type {part.dtype}; noise needs real numbers, so convert them.")
    return part


def _at(data: PyTree[Any], label: Any) -> Any:
    return getattr(data, label) if isinstance(label, str) and not isinstance(data, dict) else data[label]


def _noisy(key: Key, std: Scalar | RealNumber, dtype: np.dtype) -> Callable[[Array], Array]:
    def noisy(labels: Array) -> Array:
        drawn = quick_normal(key, labels.shape, dtype)
        return labels + (jnp.asarray(std, dtype) * drawn).astype(labels.dtype)

    return noisy


def axes_of(data: PyTree[Any], axis: Any) -> tuple[int | None, ...]:
    """The axis of the points in each array of the data, from one for all or a tree of them as for `jax.vmap`.

    Raises `InputError` for an axis that an array does not have, and for different numbers of points.
    """
    leaves, structure = jax.tree.flatten(data)
    try:
        given = jax.tree.broadcast(axis, data, is_leaf=lambda part: part is None)
        axes = jax.tree.leaves(given, is_leaf=lambda part: part is None)
    except ValueError as error:
        raise InputError(f"axis is {axis}, which does not fit the data {structure}; give one whole number.") from error
    counts = set()
    for leaf, each in zip(leaves, axes, strict=True):
        if each is None:
            continue
        if isinstance(each, bool) or not isinstance(each, int) or not -leaf.ndim <= each < leaf.ndim:
            raise InputError(
                f"axis is {each}, but the data has an array of shape {leaf.shape}; give the axis that numbers the "
                "points in all arrays, or a tree of axes with None for arrays without points."
            )
        counts.add(leaf.shape[each])
    if len(counts) != 1:
        found = f"the arrays have {sorted(counts)} points" if counts else "no array has points"
        raise InputError(
            f"The data needs one number of points, but along axis {axis} {found}; change the data or axis."
        )
    return tuple(axes)
