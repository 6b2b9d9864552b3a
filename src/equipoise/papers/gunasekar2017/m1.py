"""One measurement: the path is an exponential, and its limit is along the top or the bottom eigenvector."""

from typing import Any

import numpy as np
import scipy.integrate
import scipy.linalg
import xarray as xr

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.gunasekar2017.shared.seeds import Stream
from equipoise.papers.gunasekar2017.shared.settings import FLOW_SCALE, matrix_itself, path
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

SIZE, SECOND, THIRD = 10, 0.5, 0.2
SIGNS = (1.0, -1.0)
ALPHAS = 10.0 ** -np.arange(1, 9)
TIME, INTERVALS = 400.0, 100
FINE_TIME, FINE_INTERVALS = 4.0, 200


def run(quick: bool, seed: int) -> Data:
    """Gradient flow in X for one random symmetric A, from multiples of a random psd matrix, for both signs of y."""
    del quick
    random = generator(seed, Stream.M1)
    basis = np.linalg.qr(random.standard_normal((SIZE, SIZE)))[0]
    between = random.uniform(-THIRD, THIRD, SIZE - 4)
    spectrum = np.concatenate([[1.0, SECOND, -SECOND, -1.0], between])
    matrix = (basis * spectrum) @ basis.T
    factor = random.standard_normal((SIZE, SIZE))
    starts = ALPHAS[:, None, None] * (factor @ factor.T / SIZE)
    limits = [_limits(matrix, sign, starts, seed) for sign in SIGNS]
    return {"limits": xr.concat(limits, xr.Variable("y", list(SIGNS))), "path": _fine(matrix, starts, seed)}


def _problem(matrix: np.ndarray, data: float) -> Any:
    return eq.problems.sensing(matrix[None], np.array([data]), parametrization="direct", scale=FLOW_SCALE)


def _limits(matrix: np.ndarray, data: float, starts: np.ndarray, seed: int) -> xr.Dataset:
    """The limits for one y: against the minimum, y over the extreme eigenvalue of its sign, and its eigenvector."""
    flow = eq.dynamics.MatrixFlow(TIME / INTERVALS, 1e-10, 1e-14)
    ran = _recorded(_problem(matrix, data), flow, starts, INTERVALS, INTERVALS, seed)
    values, vectors = np.linalg.eigh(matrix)
    traces = np.trace(ran.theta[0], axis1=1, axis2=2)
    along = np.einsum("ik,rij,jk->rk", vectors, ran.theta[0], vectors) / traces[:, None]
    least = data / (values[-1] if data > 0 else values[0])
    share = {"units": "1"}
    return xr.Dataset(
        {
            "excess": ("alpha", traces / least - 1, {"long_name": "excess", "units": "1"}),
            "top": ("alpha", along[:, -1], {"long_name": "share of the top eigenvector in the trace", **share}),
            "bottom": ("alpha", along[:, 0], {"long_name": "share of the bottom eigenvector in the trace", **share}),
            "error": ("alpha", ran.dataset["relative_error"].values[:, -1], {"long_name": "‖A(X) − y‖/‖y‖", **share}),
        },
        {"alpha": ("alpha", ALPHAS, {"long_name": "size α of the start X₀", "units": "[M]"})},
        {"gap": float(1 - values[-2] / values[-1])},
    )


def _recorded(problem: Any, flow: Any, starts: np.ndarray, steps: int, every: int, seed: int) -> eq.Run:
    """The flow from all starts. One form for all runs, so that one program is compiled."""
    observables, init = ("relative_error", matrix_itself), eq.initial.Given((starts,))
    options: dict[str, Any] = {"replicates": len(starts), "observables": observables}
    return path(problem, flow, init, steps=steps, every=every, seed=seed, **options)


def _fine(matrix: np.ndarray, starts: np.ndarray, seed: int) -> xr.Dataset:
    """The largest distance from exp(sA) X₀ exp(sA) along the path from the largest start, s = −∫r by Simpson's rule."""
    flow, start = eq.dynamics.MatrixFlow(FINE_TIME / FINE_INTERVALS, 1e-11, 1e-14), starts[0]
    ran = _recorded(_problem(matrix, 1.0), flow, starts, FINE_INTERVALS, 1, seed)
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
    """The path in closed form; the eigenvector of y's sign; and the minimum, approached as a power of the start."""
    limits = data["limits"]
    checks = [
        at_most("entries of X against exp(sA) X₀ exp(sA), along the path", largest(data["path"]["departure"]), 1e-6),
        at_most("largest |⟨A, X⟩ − y| at the limits", largest(limits["error"]), 1e-8),
    ]
    for sign, end in (("y > 0", "top"), ("y < 0", "bottom")):
        here = limits.sel(y=SIGNS[sign == "y < 0"])
        excess = here["excess"]
        rate = np.polyfit(np.log(here["alpha"][-4:]), np.log(excess[-4:]), 1)[0]
        checks += [
            at_least(f"{sign}: log₁₀ of the excess over the minimum at the largest start", np.log10(excess[0]), -2),
            at_most(f"{sign}: excess over the minimum at the smallest start", excess[-1], 1e-3),
            at_least(f"{sign}: share of the {end} eigenvector at the smallest start", here[end][-1], 0.999),
            near(f"{sign}: exponent of the excess in the size of X₀", rate, limits.attrs["gap"], 0.1),
        ]
    return checks


def judge(data: Data) -> Judgement:
    """Whether for any non-zero y the limit has the minimum nuclear norm, along the top eigenvector of A."""
    limits = data["limits"].isel(alpha=-1)
    shares = {name: limits[name].sel(y=-1.0).item() for name in ("top", "bottom")}
    excess = largest(abs(limits["excess"]))
    return jointly(
        judged(
            at_least("least share of the top eigenvector in the limit", smallest(limits["top"]), 0.99),
            f"For y < 0 the top eigenvector of A has a share of {abs(shares['top']):.1g} in the limit, the bottom one "
            f"{shares['bottom']:.4f}; for both signs the nuclear norm is within {excess:.1g} of the minimum, relative.",
        ),
        judged(
            at_most("largest relative distance from the minimum at the smallest start", excess, 1e-3),
            f"From the smallest start the nuclear norm differs from the minimum by at most {excess:.1g} of it.",
        ),
    )


CLAIM = Claim(
    id="m1",
    source="Section 4, one measurement, Eq. (5)",
    statement="With one measurement gradient flow moves along X_t = exp(s_t A) X₀ exp(s_t A). As the start shrinks its "
    "limit has the minimum nuclear norm: it is spanned by the top eigenvector of A if y > 0, by the bottom one if "
    "y < 0.",
    printed=Printed(
        "With one measurement the flow moves along exp(s_t A) X₀ exp(s_t A); as the start shrinks, for any non-zero y, "
        "the top eigenvectors of A span the limit, which has the minimum nuclear norm.",
        judge,
    ),
    run=run,
    check=check,
    choices=f"One random symmetric A of size {SIZE} with eigenvalues ±1, ±{SECOND:g} and others between −{THIRD:g} and "
    f"{THIRD:g}, so that the rate shows, and y = ±1; from multiples of a random psd matrix that does not commute with "
    "A. The rate is not in the paper: the excess falls as the size of X₀ to the power 1 − λ₂(A)/λ₁(A), so as that of "
    "U₀ to twice this power.",
)
