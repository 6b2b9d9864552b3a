"""The minimum nuclear norm with a certificate: the front door."""

import math
from collections.abc import Callable
from typing import Any

from equipoise.certified.certificate import Certificate
from equipoise.certified.reading import read
from equipoise.certified.search import Progress, Search
from equipoise.core.checks import positive_number, whole_number
from equipoise.core.types import RealNumber


def minimum_nuclear_norm(
    operator: Any,
    data: Any,
    *,
    psd: bool,
    gap: RealNumber = 1e-8,
    max_seconds: RealNumber | None = None,
    max_iterations: int = 100_000,
    progress: Callable[[Progress], object] | None = None,
) -> Certificate:
    """min ‖X‖_* subject to A(X) = y, and X ⪰ 0 where `psd`, with a proof of how close it is.

    - `operator`: the measurements A, one of

        - an array m x d1 x d2 of matrices A_i, which have to be symmetric where `psd`;
        - a triple (rows, columns, (d1, d2)) for entries X_ij; where `psd`, (i, j) stands for (j, i) too;
        - the operator of a problem's measurement, of any kind; where `psd`, the symmetric part of its matrices.

    - `data`: y, m numbers in the unit [X].
    - `psd`: whether X is sought among the positive semidefinite matrices only.
    - `gap`: the relative gap (upper − lower)/upper to reach, without unit; 1e-8 by default.
    - `max_seconds`: the time allowed, in seconds; any by default.
    - `max_iterations`: the steps allowed; 100 000 by default.
    - `progress`: called with a `Progress` at every look at the gap.

    The search stops at the gap, at a limit, or at Ctrl-C, with the best bounds so far: `status` of the answer says
    which, `detail` with its numbers, and `converged` whether the gap was reached. Small problems are solved by an
    interior-point method, others by alternating directions. That no X ⪰ 0 exists is reported, not raised.
    Raises `InputError` for shapes that do not fit, numbers that are not finite, arrays that are not symmetric where
    `psd`, entries named twice, and data that contradict one another.
    Source: Gunasekar et al. (2017), Section 3 and Eq. (6).
    """
    tolerance = positive_number("gap", gap)
    most = math.inf if max_seconds is None else positive_number("max_seconds", max_seconds)
    limit = whole_number("max_iterations", max_iterations, 0)
    search = Search(read(operator, data, psd=psd).independent(), psd=psd, gap=tolerance)
    try:
        search.run(limit, most, progress)
    except KeyboardInterrupt:
        search.interrupted()
    return search.certificate()
