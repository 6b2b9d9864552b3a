"""Constructors of problems that recover a matrix from few linear measurements: sensing and completion."""

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
from jaxtyping import DTypeLike, Float, Int

from equipoise.core.checks import whole_number
from equipoise.core.errors import InputError
from equipoise.core.problem import Signal
from equipoise.core.types import RealNumber
from equipoise.problems.constructors import checked_scale, dense_array, precision
from equipoise.problems.factored import Factored
from equipoise.problems.matrices import Dense
from equipoise.problems.measurements import Full, LinearMap
from equipoise.problems.observations import as_entries, as_operator, as_vector
from equipoise.problems.operators import Entries, WeightedEntries
from equipoise.problems.parametrizations import AbstractParametrization, Asymmetric, Direct, Symmetric

FORMED_FROM = 0.01
"""Products are formed if at least this share of the entries is observed; measured in benchmarks/completion.py."""


def sensing(
    measurements: Any,
    data: Any,
    *,
    shape: Sequence[int] | None = None,
    parametrization: str | AbstractParametrization = "symmetric",
    width: int | None = None,
    scale: RealNumber = 1.0,
    signal: Any = None,
    dtype: DTypeLike = np.float64,
) -> Factored:
    """A matrix sensing problem: find W (d1 x d2) with ⟨A_i, W⟩ = y_i, i = 1 … m. loss = scale · Σ (⟨A_i, W⟩ − y_i)².

    - `measurements`: the A_i as an array m x d1 x d2; as a SciPy sparse array m x d1 d2, with `shape`; as a pair of
      arrays (m x d1, m x d2) for A_i = a_i b_iᵀ; or as an operator.
    - `data`: y, the m measured values.
    - `shape`: (d1, d2), needed only for sparse measurements.
    - `parametrization`: "symmetric" (W = UUᵀ, the default), "asymmetric" (W = XYᵀ), "direct" (W itself) or an object
      such as `DeepLinear`.
    - `width`: the number of columns of the factors; min(d1, d2) by default, which does not limit the rank.
    - `scale`: the factor in front of the sum; 1 by default, without a ½.
    - `signal`: the true matrix, or its singular triplets as a `Signal`, if it is known; none by default.
    - `dtype`: the precision, float64 or float32; float64 by default.

    For W = UUᵀ only the symmetric part of A_i matters. If the A_i are symmetric, its gradient is 4 scale A*(r) U with
    r = A(W) − y. The paper writes gradient flow as U̇ = −A*(r) U, which is `scale` = ¼ here; its time is 4 times the
    time at `scale` = 1. Raises `InputError` for shapes that do not fit and for entries that are not finite.
    Source: Gunasekar et al. (2017), Eq. (2).
    """
    kind = precision(dtype)
    operator = as_operator(measurements, shape, kind)
    y = as_vector(data, operator.count, kind)
    return _recovered(LinearMap(operator, y, checked_scale(scale)), parametrization, width, signal)


def completion(
    observed: Any,
    *,
    shape: Sequence[int] | None = None,
    parametrization: str | AbstractParametrization = "asymmetric",
    width: int | None = None,
    scale: RealNumber = 1.0,
    signal: Any = None,
    forms_product: bool | None = None,
    dtype: DTypeLike = np.float64,
) -> Factored:
    """A matrix completion problem: find W from some of its entries. loss = scale · Σ (W_ij − y_ij)² over these entries.

    - `observed`: a matrix y with NaN for unknown entries, or (rows, columns, values) with `shape`; rows and columns are
      counted from 0.
    - `shape`: (d1, d2), needed only for (rows, columns, values).
    - `parametrization`: as in `sensing`, but "asymmetric" by default.
    - `width`: the number of columns of the factors; min(d1, d2) by default.
    - `scale`: the factor in front of the sum; 1 by default, without a ½.
    - `signal`: the true matrix, or its singular triplets as a `Signal`, if it is known; none by default.
    - `forms_product`: whether to form W at each step; by default if at least 1 entry in 100 is observed.
    - `dtype`: the precision, float64 or float32; float64 by default.

    Every given entry counts once, on the diagonal or off it. For W = UUᵀ an entry (i, j) given alone is the measurement
    A = (e_i e_jᵀ + e_j e_iᵀ)/2; given together with (j, i), it counts twice. Raises `InputError` for indices outside
    the shape, an entry given twice, and values that are not finite.
    Source: Gunasekar et al. (2017), Section 5.
    """
    rows, columns, values, size = as_entries(observed, shape, precision(dtype))
    return completion_of_checked((rows, columns, values), size, parametrization, width, scale, signal, forms_product)


def completion_of_checked(
    entries: tuple[Int[np.ndarray, " m"], Int[np.ndarray, " m"], Float[np.ndarray, " m"]],
    shape: tuple[int, int],
    parametrization: str | AbstractParametrization = "asymmetric",
    width: int | None = None,
    scale: RealNumber = 1.0,
    signal: Any = None,
    forms_product: bool | None = None,
    weights: Float[np.ndarray, " m"] | None = None,
) -> Factored:
    """The problem of `completion` for (rows, columns, values) that are finite, inside the shape and not repeated.

    With `weights` w the loss is scale · Σ w (W_ij − y_ij)².
    """
    rows, columns, values = entries
    share = values.size / (shape[0] * shape[1])
    formed = share >= FORMED_FROM if forms_product is None else forms_product
    seen = Entries(rows.astype(np.int32), columns.astype(np.int32), shape, bool(formed))
    if weights is None:
        return _recovered(LinearMap(seen, values, checked_scale(scale)), parametrization, width, signal)
    roots = np.sqrt(weights)
    measured = LinearMap(WeightedEntries(seen, roots), roots * values, checked_scale(scale))
    return _recovered(measured, parametrization, width, signal)


def _recovered(
    measurement: LinearMap, given: str | AbstractParametrization, width: int | None, signal: Any
) -> Factored:
    parametrization = _parametrization(given, measurement.shape, width)
    return Factored(measurement, parametrization, _signal(signal, measurement.shape))


def _parametrization(
    given: str | AbstractParametrization, shape: tuple[int, int], width: int | None
) -> AbstractParametrization:
    if isinstance(given, AbstractParametrization):
        if width is not None:
            raise InputError(f"width is {width}, but the given parametrization has its own width; leave width out.")
        arrays = tuple(jax.ShapeDtypeStruct(each, np.float32) for each in given.shapes)
        made = jax.eval_shape(given.product, arrays).shape
        if made != shape:
            raise InputError(
                f"The parametrization makes matrices of shape {made}, but the measurements need {shape}; change one."
            )
        return given
    columns = whole_number("The width", min(shape) if width is None else width, 1)
    if given == "symmetric":
        if shape[0] != shape[1]:
            raise InputError(f"The matrix is {shape[0]} x {shape[1]}, not square; use parametrization='asymmetric'.")
        return Symmetric(shape[0], columns)
    if given == "asymmetric":
        return Asymmetric(shape, columns)
    if given == "direct":
        if width is not None:
            raise InputError(f"width is {width}, but the direct parametrization has no factors; leave width out.")
        return Direct(shape)
    raise InputError(
        f"There is no parametrization {given!r}; use 'symmetric', 'asymmetric', 'direct', or an object such as "
        "equipoise.problems.DeepLinear(widths)."
    )


def _signal(given: Any, shape: tuple[int, int]) -> Signal | None:
    """The singular triplets of the true matrix, without singular values that are mere rounding errors."""
    if given is None or isinstance(given, Signal):
        return given
    matrix = dense_array(given, "The true matrix", np.dtype(float))
    if matrix.shape != shape:
        raise InputError(
            f"The true matrix (signal) has shape {matrix.shape}, but the measurements need {shape}; change one."
        )
    signal = Full(Dense(matrix)).signal(min(shape))
    rank = max(1, int((signal.values > signal.values[0] * max(shape) * np.finfo(float).eps).sum()))
    return Signal(signal.left[:, :rank], signal.values[:rank], signal.right[:, :rank])
