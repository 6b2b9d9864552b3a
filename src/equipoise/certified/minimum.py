"""The public function for the minimum nuclear norm with a certificate."""

import math
from collections.abc import Callable
from typing import Any

from equipoise.certified.certificate import Certificate
from equipoise.certified.reading import read
from equipoise.certified.search import Progress, Search
from equipoise.core.checks import positive_number, whole_number
from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber


def minimum_nuclear_norm(
    operator: Any,
    data: Any,
    *,
    psd: bool | None = None,
    gap: RealNumber = 1e-8,
    max_seconds: RealNumber | None = None,
    max_iterations: int = 100_000,
    progress: Callable[[Progress], object] | None = None,
) -> Certificate:
    """min ‖X‖_* subject to A(X) = y, and X ⪰ 0 if `psd`, with a proof of how close the result is.

    - `operator`: the measurements A, one of

        - an array m x d1 x d2 of matrices A_i, which must be symmetric if `psd`;
        - a triple (rows, columns, (d1, d2)) for entries X_ij; if `psd`, (i, j) stands for (j, i) too;
        - the operator of a problem's measurement, of any kind; if `psd`, the symmetric part of its matrices.

    - `data`: y, m numbers in the unit [X].
    - `psd`: whether to minimize over positive semidefinite matrices only; it must be given.
    - `gap`: the relative gap (upper − lower)/upper to reach, without unit; 1e-8 by default.
    - `max_seconds`: the time allowed, in seconds; unlimited by default.
    - `max_iterations`: the number of steps allowed; 100 000 by default.
    - `progress`: called with a `Progress` whenever the gap is measured.

    The search stops when the gap is reached, at a limit, or at Ctrl-C, and returns the best bounds so far. In the
    result, `converged` says whether the gap was reached, `status` why the search stopped, and `detail` adds the
    numbers. Small problems are solved by an interior-point method, others by alternating directions. If no X ⪰ 0
    exists, the result says so; no error is raised.

    Raises `InputError` without `psd`, for shapes that do not fit, numbers that are not finite, arrays that are not
    symmetric although `psd`, entries named twice, and data that contradict one another. Source: Gunasekar et al.
    (2017), Section 3 and Eq. (6).
    """
    if psd is None:
        raise InputError(
            "psd is missing; give psd=True for the limits of UUᵀ, which are positive semidefinite, or psd=False for "
            "any matrix."
        )
    tolerance = positive_number("gap", gap)
    most = math.inf if max_seconds is None else positive_number("max_seconds", max_seconds)
    limit = whole_number("max_iterations", max_iterations, 0)
    search = Search(read(operator, data, psd=psd).independent(), psd=psd, gap=tolerance)
    try:
        search.run(limit, most, progress)
    except KeyboardInterrupt:
        search.interrupted()
    return search.certificate()
