"""Constructors of problems whose unknown is a tensor of CP form."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import DTypeLike

from equipoise.core.checks import whole_number
from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber
from equipoise.problems.constructors import checked_scale, dense_array, precision
from equipoise.problems.factored import Factored
from equipoise.problems.matrices import Dense
from equipoise.problems.measurements import Full
from equipoise.problems.parametrizations import CanonicalPolyadic
from equipoise.problems.recovery import completion


def tensor_factorization(
    tensor: Any, width: int, *, scale: RealNumber = 0.5, dtype: DTypeLike = np.float64
) -> Factored:
    """A tensor in CP form: find A, B, C, … with Σ_r a_r ⊗ b_r ⊗ c_r ⊗ … = T. loss = scale · ‖Σ_r … − T‖²_F.

    - `tensor`: T, an array with two or more axes.
    - `width`: the number of components.
    - `scale`: the factor in front of the squared norm; ½ by default.
    - `dtype`: the precision, float64 or float32; float64 by default.

    The matrix of the problem is T unfolded along its first axis; `problem.parametrization.tensor(theta)` folds it
    again. Raises `InputError` for fewer than two axes, and for entries that are complex, NaN or infinite.
    Source: N. Razin, A. Maman and N. Cohen, Implicit regularization in tensor factorization (2021), Section 3.
    """
    given = _with_axes(tensor)
    matrix = dense_array(given.reshape(given.shape[0], -1), "The unfolded tensor", precision(dtype))
    return Factored(Full(Dense(matrix), checked_scale(scale)), _form(given.shape, width))


def tensor_completion(
    observed: Any,
    width: int,
    *,
    shape: Sequence[int] | None = None,
    scale: RealNumber = 1.0,
    dtype: DTypeLike = np.float64,
) -> Factored:
    """A tensor from some of its entries, in CP form. loss = scale · Σ (T_ijk… − y_ijk…)² over these entries.

    - `observed`: a tensor y with NaN for unknown entries, or (i, j, k, …, values) with `shape`; counted from 0.
    - `width`: the number of components.
    - `shape`: (d1, d2, d3, …), needed only for (i, j, k, …, values).
    - `scale`: the factor in front of the sum; 1 by default, without a ½, as in `completion`.
    - `dtype`: the precision, float64 or float32; float64 by default.

    The matrix of the problem is the tensor unfolded along its first axis, as in `tensor_factorization`. Raises
    `InputError` for indices outside the shape, an entry given twice, and values that are not finite.
    Source: N. Razin, A. Maman and N. Cohen, Implicit regularization in tensor factorization (2021), Section 3.
    """
    if not isinstance(observed, tuple):
        given = _with_axes(observed)
        unfolded = given.reshape(given.shape[0], -1)
        return completion(unfolded, parametrization=_form(given.shape, width), scale=scale, dtype=dtype)
    if shape is None or len(observed) != len(shape) + 1:
        raise InputError("Give entries as (i, j, k, …, values) with shape=(d1, d2, d3, …), or as a tensor with NaN.")
    sizes = tuple(whole_number("A size of the tensor", size, 1) for size in shape)
    rows, *others = observed[:-1]
    try:
        columns = np.ravel_multi_index(tuple(np.asarray(index) for index in others), sizes[1:])
    except (TypeError, ValueError) as error:
        raise InputError(f"The indices do not fit a tensor of shape {sizes} ({error}).") from error
    flat = (sizes[0], int(np.prod(sizes[1:])))
    entries = (rows, columns, observed[-1])
    return completion(entries, shape=flat, parametrization=_form(sizes, width), scale=scale, dtype=dtype)


def _with_axes(tensor: Any) -> np.ndarray:
    given = np.asarray(tensor)
    if given.ndim < 2 or given.size == 0:
        raise InputError(f"The tensor has shape {given.shape}; give at least two axes, and at least one entry.")
    return given


def _form(sizes: tuple[int, ...], width: int) -> CanonicalPolyadic:
    return CanonicalPolyadic(sizes, whole_number("The width", width, 1))
