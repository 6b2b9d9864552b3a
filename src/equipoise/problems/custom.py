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

Loss = Callable[..., Any]
"""θ -> number, or (θ, data) -> number, in JAX."""

Redraw = Callable[[Key], Any]
"""A key -> data of the same form."""


class Custom(AbstractRedrawable):
    """loss(θ), or loss(θ, data), of a tuple θ of arrays; its gradient is by automatic differentiation."""

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
        """The precision that θ is kept in."""
        return self.kind

    @float64
    def loss(self, theta: Theta) -> Scalar:
        """The user's function at θ."""
        return self._value(theta)

    def _value(self, theta: Theta) -> Any:
        """Whatever the user's function gives."""
        arrays = tuple(jnp.asarray(w, self.kind) for w in theta)
        return jnp.asarray(self.function(arrays) if self.data is None else self.function(arrays, self.data))

    @float64
    def gradient(self, theta: Theta) -> tuple[Array, ...]:
        """The gradient at θ."""
        return jax.grad(self.loss)(tuple(jnp.asarray(w, self.kind) for w in theta))

    def curvature(self, theta: Theta) -> None:
        """Nothing is known in closed form."""

    @float64
    def redrawn(self, key: Key) -> "Custom":
        """The same loss on fresh data; itself without data, and `InputError` for data without a `redraw`."""
        if self.data is None:
            return self
        if self.draw is None:
            raise InputError("The problem does not say how its data are drawn; pass redraw= (key -> data) to custom.")
        return Custom(self.function, self.sizes, self.kind, self.draw(key), self.draw)


def custom(
    loss: Any,
    shapes: Any,
    *,
    data: PyTree[Any] = None,
    redraw: Redraw | None = None,
    dtype: DTypeLike = np.float64,
) -> Custom:
    """A problem from a loss of your own, `loss(theta)` or `loss(theta, data)`, written in JAX.

    `theta` is the tuple of arrays of the given `shapes`; every method, observable and figure then works on it. `data`
    is any nest of arrays, handed on as it is; `redraw`, a function of a random key, makes others of the same form, for
    what is asked of all data (`eq.theory.conservation_laws`), and the first ones where no `data` are given. Raises
    `InputError` for shapes that are none, and for a loss that fails on zeros, or that is not one real number there.
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
        problem = Custom(loss, sizes, precision(dtype), jax.tree.map(jnp.asarray, data), redraw)
        _try(problem)
    return problem


def _sequence(given: Any) -> Sequence[Any]:
    if isinstance(given, str) or not isinstance(given, Sequence | np.ndarray):
        raise InputError(f"shapes must be a list of shapes, such as [(3, 2), (4, 2)]; {given!r} is none.")
    return tuple(given)


def _try(problem: Custom) -> None:
    """`InputError` unless the loss can be traced and is one real number."""
    theta = tuple(jax.ShapeDtypeStruct(shape, problem.dtype) for shape in problem.shapes)
    name = getattr(problem.function, "__name__", "the loss")
    with_data = "" if problem.data is None else ", data"
    try:
        found = jax.eval_shape(problem._value, theta)
    except Exception as error:  # whatever the user's code raises
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
