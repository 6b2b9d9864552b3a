"""One measurement: the path is an exponential, and its limit is along the top eigenvector."""

from typing import Any

import numpy as np
import scipy.integrate
import scipy.linalg
import xarray as xr

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.gunasekar2017.shared.seeds import Stream
from equipoise.papers.gunasekar2017.shared.settings import FLOW_SCALE, path
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, judged

SIZE, SECOND, THIRD = 10, 0.5, 0.2
ALPHAS = 10.0 ** -np.arange(1, 9)
TIME, INTERVALS = 400.0, 100
FINE_TIME, FINE_INTERVALS = 4.0, 200


def run(quick: bool, seed: int) -> Data:
    """Gradient flow in X for one random symmetric A and y = 1: from multiples of a random psd matrix, and finely."""
    del quick
    random = generator(seed, Stream.M1)
    basis = np.linalg.qr(random.standard_normal((SIZE, SIZE)))[0]
    spectrum = np.concatenate([[1.0, SECOND], random.uniform(-1.0, THIRD, SIZE - 2)])
    matrix = (basis * spectrum) @ basis.T
    factor = random.standard_normal((SIZE, SIZE))
    start = factor @ factor.T / SIZE
    problem = eq.problems.sensing(matrix[None], np.ones(1), parametrization="direct", scale=FLOW_SCALE)
    flow = eq.dynamics.MatrixFlow(TIME / INTERVALS, 1e-10, 1e-14)
    starts = eq.initial.Given((ALPHAS[:, None, None] * start,))
    ran = path(problem, flow, starts, steps=INTERVALS, every=INTERVALS, seed=seed, replicates=ALPHAS.size)
    values, vectors = np.linalg.eigh(matrix)
    top = vectors[:, -1]
    share = np.einsum("i,rij,j->r", top, ran.theta[0], top) / np.trace(ran.theta[0], axis1=1, axis2=2)
    limits = xr.Dataset(
        {
            "excess": ("alpha", np.trace(ran.theta[0], axis1=1, axis2=2) * values[-1] - 1, {"long_name": "excess"}),
            "share": ("alpha", share, {"long_name": "share of the top eigenvector in the trace"}),
            "error": ("alpha", ran.dataset["relative_error"].values[:, -1], {"long_name": "‖A(X) − y‖/‖y‖"}),
        },
        {"alpha": ("alpha", ALPHAS, {"long_name": "size of the start", "units": "[M]"})},
        {"gap": float(1 - values[-2] / values[-1])},
    )
    return {"limits": limits, "path": _fine(problem, matrix, 0.05 * start, seed)}


def _fine(problem: Any, matrix: np.ndarray, start: np.ndarray, seed: int) -> xr.Dataset:
    """The largest distance from exp(sA) X₀ exp(sA) along a path, with s = −∫r by Simpson's rule."""
    flow = eq.dynamics.MatrixFlow(FINE_TIME / FINE_INTERVALS, 1e-11, 1e-14)

    def matrix_itself(problem: Any, theta: Any) -> Any:
        """X."""
        return theta[0]

    given = eq.initial.Given((start,))
    ran = path(problem, flow, given, steps=FINE_INTERVALS, every=1, seed=seed, observables=(matrix_itself, "loss"))
    seen = ran.dataset["matrix_itself"].values[0]
    residual = np.einsum("tij,ij->t", seen, matrix) - 1
    times = np.linspace(0, FINE_TIME, FINE_INTERVALS + 1)
    s = -scipy.integrate.cumulative_simpson(residual, x=times, initial=0)
    factors = scipy.linalg.expm(s[:, None, None] * matrix)
    departure = np.abs(seen - factors @ start @ factors).max(axis=(1, 2))
    return xr.Dataset(
        {"departure": ("time", departure, {"long_name": "largest departure of an entry", "units": "[M]"})},
        {"time": ("time", times, {"long_name": "time", "units": "1"})},
    )


def check(data: Data) -> list[Check]:
    """The path in closed form; the top eigenvector; and the minimum y/λmax(A), approached as a power of the start."""
    limits = data["limits"]
    rate = np.polyfit(np.log(limits["alpha"][-4:]), np.log(limits["excess"][-4:]), 1)[0]
    return [
        at_most("entries of X against exp(sA) X₀ exp(sA), along the path", largest(data["path"]["departure"]), 1e-6),
        at_most("largest |⟨A, X⟩ − y| at the limits", largest(limits["error"]), 1e-8),
        at_least("log₁₀ of the relative excess over y/λmax(A) at the largest start", np.log10(limits["excess"][0]), -2),
        at_most("relative excess over y/λmax(A) at the smallest start", limits["excess"][-1], 1e-3),
        at_least("share of the top eigenvector at the smallest start", limits["share"][-1], 0.999),
        near("exponent of the excess in the start", rate, limits.attrs["gap"], 0.05),
    ]


def judge(data: Data) -> Judgement:
    """Whether the limit has the minimum nuclear norm, spanned by the top eigenvector."""
    limits = data["limits"].isel(alpha=-1)
    excess = float(limits["excess"])
    return judged(
        near("relative excess over y/λmax(A) at the smallest start", excess, 0.0, 1e-3),
        f"From the smallest start the limit's nuclear norm differs from y/λmax(A) by {abs(excess):.1g} of it.",
    )


CLAIM = Claim(
    id="m1",
    source="Section 4, one measurement, Eq. (5)",
    statement="With one measurement gradient flow moves along X_t = exp(s_t A) X₀ exp(s_t A); as the start shrinks its "
    "limit is spanned by the top eigenvector of A, the minimum nuclear norm solution.",
    printed=Printed(
        "With one measurement the flow moves along exp(s_t A) X₀ exp(s_t A); as the start shrinks, for any non-zero "
        "y, the top eigenvectors of A span the limit, which has the minimum nuclear norm.",
        judge,
    ),
    run=run,
    check=check,
    choices=f"One random symmetric A of size {SIZE} with eigenvalues 1, {SECOND:g} and others between −1 and "
    f"{THIRD:g}, so that the rate shows, and y = 1; from multiples of a random psd matrix that does not commute with "
    "A. The rate is not in the paper: the excess falls as the size of the start to the power 1 − λ₂(A)/λ₁(A).",
)
