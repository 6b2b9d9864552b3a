"""A user's own loss as a problem."""

from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, DTypeLike, PyTree

from equipoise.core.checks import whole_number
from equipoise.core.errors import InputError
from equipoise.core.precision import float64, numerics
from equipoise.core.sampled import AbstractRedrawable
from equipoise.core.types import Key, Scalar, Shapes, Theta
from equipoise.problems.constructors import precision
from equipoise.problems.custom_points import CustomPoints, Label, axes_of, part_of

Loss = Callable[..., Any]
"""θ -> number, or (θ, data) -> number, in JAX."""

Redraw = Callable[[Key], Any]
"""A random key -> data of the same form."""


class Custom(AbstractRedrawable):
    """A problem with the user's loss(θ) or loss(θ, data) of a tuple θ of arrays; made by `custom`.

    The gradient is by automatic differentiation.
    """

    function: Loss = eqx.field(static=True)
    sizes: Shapes = eqx.field(static=True)
    kind: np.dtype = eqx.field(static=True)
    data: PyTree[Any] = None
    draw: Redraw | None = eqx.field(static=True, default=None)

    @property
    def shapes(self) -> Shapes:
        """The shape of each array of θ."""
        return self.sizes

    @property
    def dtype(self) -> np.dtype:
        """The precision of θ."""
        return self.kind

    @float64
    def loss(self, theta: Theta) -> Scalar:
        """The user's function at θ."""
        return self.value(theta)

    def value(self, theta: Theta) -> Array:
        """The result of the user's function, not checked."""
        arrays = tuple(jnp.asarray(w, self.kind) for w in theta)
        return jnp.asarray(self.function(arrays) if self.data is None else self.function(arrays, self.data))

    @float64
    def gradient(self, theta: Theta) -> tuple[Array, ...]:
        """The gradient at θ."""
        return jax.grad(self.loss)(tuple(jnp.asarray(w, self.kind) for w in theta))

    def curvature(self, theta: Theta) -> None:
        """None: no closed form is known."""

    @float64
    def redrawn(self, key: Key) -> "Custom":
        """The same loss with new data, or itself if it has no data; raises `InputError` for data without `redraw`."""
        if self.data is None:
            return self
        if self.draw is None:
            raise InputError("The problem does not say how its data is drawn; pass redraw= (key -> data) to custom.")
        return Custom(self.function, self.sizes, self.kind, self.draw(key), self.draw)


def custom(
    loss: Any,
    shapes: Any,
    *,
    data: PyTree[Any] = None,
    redraw: Redraw | None = None,
    per_point: bool = False,
    axis: Any = None,
    reduction: str = "mean",
    labels: Label | None = None,
    dtype: DTypeLike = np.float64,
) -> Custom | CustomPoints:
    """A problem from a loss of your own, written in JAX; every method, observable and figure works on it.

    - `loss`: a function `loss(theta)`, or `loss(theta, data)` if there is data, that returns one real number. `theta`
      is a tuple of arrays.
    - `shapes`: the shape of each array of θ.
    - `data`: any pytree of arrays, passed to `loss` unchanged; none by default.
    - `redraw`: a function of a random key that returns new data of the same form. It is needed to study all data at
      once (`eq.theory.conservation_laws`), and makes the data if `data` is not given. None by default.
    - `per_point`: whether `loss(theta, point)` is that of a single data point; False by default.
    - `axis`: the axis of the data that numbers the data points, one for all arrays, or a tree of axes as for
      `jax.vmap`, with None for arrays that all points share. It makes `Minibatch` possible. By default 0 if
      `per_point`; otherwise the data has no points.
    - `reduction`: what the loss takes over the points, "mean" (the default) or "sum".
    - `labels`: which part of the data is the labels, for `LabelNoise`: a key of a dictionary, a position in a tuple, or
      the name of a field. None by default.
    - `dtype`: the precision of θ, float64 or float32; float64 by default.

    A batch is the loss of its points alone; their sum is scaled to that of all points. The gradient is by automatic
    differentiation. Raises `InputError` for invalid shapes, for data whose arrays have different numbers of points, and
    for a loss that JAX cannot trace on arrays of these shapes or that does not return one real number.
    """
    sizes = tuple(
        tuple(whole_number("A size in shapes", n, 1) for n in _sequence(shape)) for shape in _sequence(shapes)
    )
    if not sizes:
        raise InputError("shapes is empty; give the shape of each array of theta.")
    if not callable(loss):
        raise InputError(f"loss is {loss!r}; pass a function of theta.")
    with numerics():
        if data is None and redraw is not None:
            data = redraw(jax.random.key(0))
        arrays = jax.tree.map(jnp.asarray, data)
        problem: Custom | CustomPoints
        if per_point or axis is not None:
            problem = _with_points(loss, sizes, precision(dtype), arrays, redraw, (per_point, axis, reduction, labels))
        elif labels is not None:
            raise InputError(f"labels is {labels!r}, but the data has no points; give axis= or per_point=True too.")
        else:
            problem = Custom(loss, sizes, precision(dtype), arrays, redraw)
        _try(problem)
    return problem


def _with_points(
    loss: Loss, sizes: Shapes, dtype: np.dtype, data: PyTree[Any], redraw: Redraw | None, of: tuple[Any, ...]
) -> CustomPoints:
    """The problem over data points, with its settings checked."""
    per_point, axis, reduction, labels = of
    if data is None:
        raise InputError("data is missing; give the data whose points axis= or per_point= is about.")
    if reduction not in ("mean", "sum"):
        raise InputError(f"reduction is {reduction!r}; it must be 'mean' or 'sum'.")
    axes = axes_of(data, 0 if axis is None else axis)
    if labels is not None:
        part_of(data, labels)
    return CustomPoints(loss, sizes, dtype, data, redraw, axes, bool(per_point), reduction, labels)


def _sequence(given: Any) -> Sequence[Any]:
    if isinstance(given, str) or not isinstance(given, Sequence | np.ndarray):
        raise InputError(f"shapes must be a list of shapes, such as [(3, 2), (4, 2)]; {given!r} is not one.")
    return tuple(given)


def _try(problem: Custom | CustomPoints) -> None:
    """Raise `InputError` unless the loss can be traced and is one real number."""
    theta = tuple(jax.ShapeDtypeStruct(shape, problem.dtype) for shape in problem.shapes)
    name = getattr(problem.function, "__name__", "the loss")
    is_point = isinstance(problem, CustomPoints) and problem.per_point
    with_data = "" if problem.data is None else ", point" if is_point else ", data"
    try:
        found = jax.eval_shape(problem.value, theta)
    except Exception as error:  # the user's code may raise anything
        first = str(error).strip().splitlines()
        raise InputError(
            f"{name}(theta{with_data}) fails on arrays of shapes {problem.shapes}: "
            f"{type(error).__name__}: {first[0] if first else ''}"
        ) from error
    if found.shape != () or not jnp.issubdtype(found.dtype, jnp.floating):
        raise InputError(
            f"{name}(theta{with_data}) returns an array of shape {found.shape} and type {found.dtype}; "
            "it must be one real number."
        )
