"""Section 3: gradient flow on X = UVᵀ is that of the positive semidefinite matrix [[UUᵀ, X], [Xᵀ, VVᵀ]]."""

import numpy as np
import scipy.integrate
import xarray as xr

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.gunasekar2017.shared.asymmetric import COLUMNS, NORMS, ROWS, WIDTH, flowed, lifted, starts
from equipoise.papers.gunasekar2017.shared.seeds import Stream
from equipoise.papers.gunasekar2017.shared.steering import combined, measured
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

COUNT, TIMES = 36, (5.0, 20.0, 600.0)
"""The number of measurements, and when the two flows are compared: before, while and after they fit."""


def run(quick: bool, seed: int) -> Data:
    """Gradient flow on (U, V) by the package, Eq. (4) of the lift by SciPy, and both minima with certificates."""
    del quick
    random = generator(seed, Stream.LIFT)
    matrices = random.standard_normal((COUNT, ROWS, COLUMNS)) / COUNT**0.5
    truth = np.outer(random.standard_normal(ROWS), random.standard_normal(COLUMNS))
    data = measured(matrices, truth / np.linalg.norm(truth))
    start, whole = starts(random), lifted(matrices)
    apart, ends = [], (start[0], start[1])
    for time in TIMES:
        ends = flowed(matrices, data, start, time, seed)
        both = np.concatenate(ends, axis=1)
        x = both @ np.swapaxes(both, 1, 2)
        other = np.stack([_followed(whole, data, u, v, time) for u, v in zip(*start, strict=True)])
        apart.append(np.linalg.norm(x - other, axis=(1, 2)) / np.linalg.norm(other, axis=(1, 2)))
    u, v = ends
    x = u @ np.swapaxes(v, 1, 2)
    best = eq.certified.minimum_nuclear_norm(matrices, data, psd=False, gap=1e-7)
    double = eq.certified.minimum_nuclear_norm(whole, data, psd=True, gap=1e-7)
    nuclear = np.linalg.norm(x, "nuc", axis=(1, 2))
    halves = ((u**2).sum(axis=(1, 2)) + (v**2).sum(axis=(1, 2))) / 2
    misfit = np.linalg.norm(measured(matrices, x) - data, axis=1) / np.linalg.norm(data)
    names = {"long_name": "norm of the start (U₀; V₀)", "units": "√[M]"}
    table = xr.Dataset(
        {
            "apart": (("time", "norm"), np.array(apart), {"long_name": "distance of the two flows", "units": "1"}),
            "misfit": ("norm", misfit, {"long_name": "‖A(X) − y‖/‖y‖", "units": "1"}),
            "excess": ("norm", nuclear / best.upper - 1, {"long_name": "excess over the minimum", "units": "1"}),
            "trace": ("norm", halves / nuclear - 1, {"long_name": "½ tr of the lift over ‖X‖_*, less 1", "units": "1"}),
            "lift_minimum": ((), double.upper / 2, {"long_name": "half the least trace of the lift", "units": "[M]"}),
            "minimum": ((), best.upper, {"long_name": "least nuclear norm of X", "units": "[M]"}),
        },
        {"time": ("time", list(TIMES), {"long_name": "time of Eq. (4)"}), "norm": ("norm", NORMS, names)},
    )
    return {"flows": table}


def _followed(whole: np.ndarray, data: np.ndarray, u: np.ndarray, v: np.ndarray, time: float) -> np.ndarray:
    """W at `time` of Eq. (4), Ẇ = −A*(r)W − WA*(r), from W₀ = (U₀; V₀)(U₀; V₀)ᵀ."""
    both = np.concatenate([u, v])

    def rate(_: float, flat: np.ndarray) -> np.ndarray:
        w = flat.reshape(WIDTH, WIDTH)
        moved = combined(whole, measured(whole, w) - data) @ w
        return -(moved + moved.T).ravel()

    solved = scipy.integrate.solve_ivp(rate, (0, time), (both @ both.T).ravel(), "DOP853", rtol=1e-9, atol=1e-18)
    return solved.y[:, -1].reshape(WIDTH, WIDTH)


def check(data: Data) -> list[Check]:
    """The two flows are one, the two minima too, and a small start leads to them."""
    table = data["flows"]
    large, small = table.isel(norm=0), table.isel(norm=-1)
    return [
        at_most("largest distance of the two flows, relative", largest(table["apart"]), 1e-4),
        at_most(
            "half the least trace of the lift against the least nuclear norm, relative",
            abs(table["lift_minimum"] / table["minimum"] - 1),
            1e-5,
        ),
        at_most("largest misfit of the limits", largest(table["misfit"]), 0.02),
        at_most("smallest start: half the trace of the lift over ‖X‖_*, less 1", abs(small["trace"]), 1e-6),
        at_least("largest start: half the trace of the lift over ‖X‖_*, less 1", large["trace"], 0.01),
        at_most("smallest start: |excess| over the least nuclear norm", abs(small["excess"]), 0.01),
        at_least("largest start: excess over the least nuclear norm", large["excess"], 0.05),
    ]


def judge(data: Data) -> Judgement:
    """Whether the two flows are one, and whether the conjecture's limit is reached for UVᵀ too."""
    table = data["flows"]
    apart, excess = largest(table["apart"]), float(abs(table["excess"][-1]))
    return jointly(
        judged(
            at_most("largest distance of the two flows, relative", apart, 1e-4),
            f"Gradient flow on (U, V) and Eq. (4) of the larger matrix are at most {apart:.0e} apart, relative.",
        ),
        judged(
            at_most("|excess| over the least nuclear norm from the smallest start", excess, 0.01),
            f"From the smallest start UVᵀ ends within {excess:.0e} of the least nuclear norm, on the one instance "
            "measured.",
        ),
    )


CLAIM = Claim(
    id="lift",
    source="Section 1 and Section 3, after the conjecture",
    shares="multitask",
    statement="Gradient flow on UVᵀ is Eq. (4) for [[UUᵀ, X], [Xᵀ, VVᵀ]] with the A_i on the off-diagonal blocks; the "
    "least nuclear norm of X is half the least trace of that matrix, and from a small start both are reached.",
    printed=Printed(
        "Without loss of generality one considers positive semidefinite X and symmetric A_i. The conjecture implies "
        "the same for X = UVᵀ, whose gradient flow is that of the positive semidefinite factorization of the larger "
        "matrix.",
        judge,
    ),
    run=run,
    check=check,
    choices=f"{COUNT} Gaussian measurements of an {ROWS} x {COLUMNS} matrix of rank 1; (U₀; V₀) square, of norm 1, "
    f"1e-2 and 1e-5. The flows, by two solvers, are compared at the times {', '.join(f'{t:g}' for t in TIMES)}.",
)
