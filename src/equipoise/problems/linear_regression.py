"""The constructor of linear regression by a diagonal network."""

from typing import Any

import numpy as np
from jaxtyping import DTypeLike

from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber
from equipoise.problems.constructors import dense_array, precision
from equipoise.problems.factored import Factored
from equipoise.problems.parametrizations import AbstractParametrization, Direct, Hadamard, PowerDifference
from equipoise.problems.recovery import sensing


def regression(
    inputs: Any,
    targets: Any,
    *,
    parametrization: str | AbstractParametrization = "powers",
    depth: int = 2,
    scale: RealNumber = 1.0,
    signal: Any = None,
    dtype: DTypeLike = np.float64,
) -> Factored:
    """Linear regression: find w with ⟨x_i, w⟩ = y_i, i = 1 … m. loss = scale · Σ (⟨x_i, w⟩ − y_i)².

    - `inputs`: the x_i as the rows of an m x d array.
    - `targets`: y, m numbers.
    - `parametrization`: "powers" (w = uᴸ − vᴸ, the default), "product" (w = w_1 ∘ … ∘ w_N), "direct" (w itself), or an
      object for d x 1 matrices.
    - `depth`: L or N; 2 by default. It does not matter for the others.
    - `scale`: the factor in front of the sum; 1 by default, without a ½.
    - `signal`: the true w, if it is known; none by default.
    - `dtype`: the precision, float64 or float32; float64 by default.

    w is the d x 1 matrix of the problem. `theory.diagonal_flow_limit` tells which of all w that fit the flow finds.
    Raises `InputError` for shapes that do not fit, for an unknown name, and for entries that are not finite.
    Source: B. Woodworth et al., Kernel and rich regimes in overparametrized models (2020), Sections 4 and 5.
    """
    rows = dense_array(inputs, "The inputs", precision(dtype))
    form = _form(parametrization, (rows.shape[1], 1), depth)
    truth = None if signal is None else np.asarray(signal, dtype=float).reshape(-1, 1)
    return sensing(rows[:, :, None], targets, parametrization=form, scale=scale, signal=truth, dtype=dtype)


def _form(given: str | AbstractParametrization, shape: tuple[int, int], depth: int) -> AbstractParametrization:
    if isinstance(given, AbstractParametrization):
        return given
    if given == "powers":
        return PowerDifference(shape, depth)
    if given == "product":
        return Hadamard(shape, depth)
    if given == "direct":
        return Direct(shape)
    raise InputError(
        f"There is no parametrization {given!r}; use 'powers', 'product', 'direct', or an object such as "
        "equipoise.problems.Hadamard((d, 1), 3)."
    )
