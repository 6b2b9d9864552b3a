"""The minimum nuclear norm with a certificate: the front door."""

from collections.abc import Callable
from typing import Any

import numpy as np

from equipoise.certified.certificate import Certificate
from equipoise.certified.reading import read
from equipoise.certified.search import Progress, Search
from equipoise.core.checks import whole_number
from equipoise.core.errors import InputError


def minimum_nuclear_norm(
    operator: Any,
    data: Any,
    *,
    psd: bool,
    gap: float | int = 1e-8,
    max_seconds: float | int | None = None,
    max_iterations: int = 100_000,
    progress: Callable[[Progress], object] | None = None,
) -> Certificate:
    """min ‖X‖_* subject to A(X) = y, and X ⪰ 0 where `psd`, with a proof of how close it is.

    `operator` is an array m x d1 x d2 of measurement matrices A_i, symmetric where `psd`; (rows, columns, (d1, d2)) for
    entries X_ij, where `psd` with (i, j) standing for (j, i) too; or the operator of a problem's measurement; `data`
    has m numbers in the unit [X]. The search stops at the relative `gap` (upper − lower)/upper, after `max_seconds` or
    `max_iterations`, or at Ctrl-C, with the best bounds so far; `status` says which, and `converged` whether the gap
    was reached. Small problems are solved by an interior-point method, others by alternating directions. `progress` is
    called at every look at the gap.
    Raises `InputError` for shapes that do not fit, numbers that are not finite, matrices that are not symmetric where
    `psd`, entries named twice, and data that contradict one another. That no X ⪰ 0 exists is reported, not raised.
    Source: Gunasekar et al. (2017), Section 3 and Eq. (6).
    """
    tolerance = _positive("gap", gap)
    most = np.inf if max_seconds is None else _positive("max_seconds", max_seconds)
    limit = whole_number("max_iterations", max_iterations, 0)
    search = Search(read(operator, data, psd=psd), psd=psd, gap=tolerance)
    try:
        search.run(limit, most, progress)
    except KeyboardInterrupt:
        search.interrupted()
    return search.certificate()


def _positive(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = np.nan
    if not number > 0:
        raise InputError(f"{name} is {value}; give a positive number.")
    return number
