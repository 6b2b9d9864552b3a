"""The conjecture: limits of gradient flow as its start vanishes, mostly the minimum where that is the truth."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.papers.gunasekar2017.shared.phases import (
    DECADES,
    ENTRIES,
    EXAMPLES,
    SETTLED,
    SPECTRA,
    diagram,
    direction,
    entries_of,
    examples,
)
from equipoise.papers.gunasekar2017.shared.settings import FLOW_SCALE, path
from equipoise.papers.gunasekar2017.shared.vanishing import vanishing_flow
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, judged, undecided

SMALLER, QUICK_SMALLER = (5, 9, 16, 32, 64, 128, 300, 1000), (5, 16, 300, 1000)
LOOSE, TIGHT = 1e-7, 1e-9
CLEAR = 0.002
"""An excess that counts as one."""

DESCENT_DECADES, DESCENT_STEP, DESCENT_STEPS = 8, 0.05, 20_000


def run(quick: bool, seed: int) -> Data:
    """The phase diagram of the random instances, the small completions, and gradient descent on one of them."""
    few, whole = ("rank 1", "rank 2", "k^−1.5"), tuple(SPECTRA)
    phases = diagram(6, (8, 16), few, 3, seed) if quick else diagram(10, (6, 11, 20, 30, 40, 48), whole, 4, seed)
    smaller = QUICK_SMALLER if quick else SMALLER
    return {
        "phases": phases,
        "examples": examples(smaller, 2, seed, LOOSE),
        "finer": examples(smaller[-1:], 1, seed, TIGHT),
        "descent": _descended(seed),
    }


def _descended(seed: int) -> xr.Dataset:
    """Gradient descent on the first small completion, and the flow from the same start."""
    matrices, data = entries_of(next(iter(EXAMPLES.values())))
    unit = direction(3, seed)
    problem = eq.problems.sensing(matrices, data, scale=FLOW_SCALE)
    start = eq.initial.Given((10.0**-DESCENT_DECADES * unit,))
    method, steps = eq.dynamics.GradientDescent(DESCENT_STEP), DESCENT_STEPS
    (u,) = path(problem, method, start, steps=steps, every=steps, seed=seed).theta[0]
    flow = vanishing_flow(matrices, data, unit, DESCENT_DECADES, time=1e6, until=1e-7).matrix
    away = np.linalg.norm(u @ u.T - flow) / np.linalg.norm(flow)
    named = {"long_name": "distance of gradient descent's limit from that of the flow, relative", "units": "1"}
    return xr.Dataset({"away": ((), away, named)})


def check(data: Data) -> list[Check]:
    """Where the truth is least most limits are at it, elsewhere most are above; two limits are the greedy ones."""
    phases, small = data["phases"], data["examples"]
    excess, is_least = phases["excess"].isel(decades=-1), phases["truth"] <= SETTLED
    spread = excess.sel(spectrum="k^−1.5").isel(count=-1)
    moved = abs(data["finer"]["excess"].isel(decades=-1, start=0) - small["excess"].isel(decades=-1, start=0))
    last, before = (small["excess"].isel(decades=k) for k in (-1, -2))
    return [
        at_most("largest relative gap of a certificate", max(largest(phases["gap"]), largest(small["gap"])), 1e-7),
        at_most("largest misfit of a limit", max(largest(phases["misfit"]), largest(small["misfit"])), 2e-5),
        at_least(f"truth least: share within {CLEAR:g} of it from 1e-64", _share(abs(excess) <= CLEAR, is_least), 0.75),
        at_least(
            f"truth not least: share with an excess above {CLEAR:g} from 1e-64", _share(excess > CLEAR, ~is_least), 0.7
        ),
        at_least("k^−1.5, most measurements: log₁₀ of the mean excess from 1e-64", np.log10(spread.mean()), -2.5),
        *(
            near(f"{name}: excess from 1e-1000", last.sel(example=name).mean(), greedy, 0.002 * greedy)
            for name, greedy in zip(small["example"].values.tolist(), small["greedy"].values, strict=True)
        ),
        at_most("small completions: change of the excess from 1e-300 on", largest(abs(last / before - 1)), 2e-3),
        at_most("small completions: change at a tolerance 100 times tighter", largest(moved), 1e-4),
        at_most("gradient descent: distance from the limit of the flow, relative", data["descent"]["away"], 0.02),
    ]


def _share(what: xr.DataArray, where: xr.DataArray) -> float:
    """The share of `what` among `where`; NaN if that holds nowhere."""
    return float((what & where).sum() / where.sum()) if where.any() else float("nan")


def judge(data: Data) -> Judgement:
    """Whether a limit that exists and fits has the minimum nuclear norm, on the small completions."""
    small = data["examples"]
    last, before = (small["excess"].isel(decades=k) for k in (-1, -2))
    exists = (abs(last / before - 1) <= 0.01) & (small["misfit"].isel(decades=-1) <= 1e-5)
    if not exists.any():
        said = "No limit of the small completions exists as far as measured."
        return undecided("largest excess from the smallest start", largest(last), said)
    worst = last.where(exists, -np.inf)
    place = np.unravel_index(int(worst.values.argmax()), worst.shape)
    excess, name = float(worst[place]), str(small["example"].values[place[0]])
    shrinks = " and ".join(f"1e-{k}" for k in small["decades"].values[-2:])
    return judged(
        at_most("largest excess of a limit that exists and fits", excess, CLEAR),
        f"With x₁₁, x₁₂, x₂₂, x₂₃ = {name} the excess over the minimum is {float(before[place]):.4g} and {excess:.4g} "
        f"from ‖U₀‖ = {shrinks}, with a misfit of {float(small['misfit'].isel(decades=-1)[place]):.0e}.",
    )


def draw(data: Data) -> Figure:
    """The share of instances whose truth is least, the excess of the limits beside it, and the small completions."""
    figure, axes = eq.plots.new_figure(1, 3, panel=(4.0, 3.2))
    left, middle, right = axes[0]
    phases, small = data["phases"], data["examples"]
    is_least = (phases["truth"] <= SETTLED).mean("instance")
    excess = phases["excess"].isel(decades=-1).median("instance")
    _map(left, is_least, is_least, "Blues", "{:.0%}")
    left.set_title("share with the truth least")
    shade = xr.apply_ufunc(np.log10, excess.clip(1e-4)) / 4 + 1
    _map(middle, shade, excess.clip(0.0), "Oranges", "{:.1%}")
    middle.set_title("median excess from ‖U₀‖ = 1e-64")
    for number, name in enumerate(small["example"].values):
        for start in range(small.sizes["start"]):
            one = small["excess"].sel(example=name).isel(start=start)
            look = {"color": eq.plots.PALETTE[number], "ms": 4, "label": name if start == 0 else None}
            right.semilogx(small["decades"], one, "os"[start % 2] + "-", **look)
    right.set_xlabel("−log₁₀ ‖U₀‖_F")
    right.set_ylabel("excess over the minimum")
    right.set_title("x₁₁, x₁₂, x₂₂, x₂₃ given")
    eq.plots.add_legend(right)
    return figure


def _map(side: Axes, hue: xr.DataArray, values: xr.DataArray, colors: str, form: str) -> None:
    """A table of numbers on colors from 0 to 1: a row for each spectrum, a column for each number of measurements."""
    side.imshow(hue, cmap=colors, vmin=0, vmax=1, aspect="auto", alpha=0.6)
    side.grid(False)
    for (row, column), value in np.ndenumerate(values.values):
        side.text(column, row, form.format(value), ha="center", va="center", fontsize="x-small")
    side.set_xticks(range(values.sizes["count"]), [f"{share:.2f}" for share in values["share"].values])
    side.set_yticks(range(values.sizes["spectrum"]), list(values["spectrum"].values))
    side.set_xlabel("m over n(n + 1)/2")


CLAIM = Claim(
    id="conjecture",
    source="Conjecture, Section 3",
    statement="Gradient flow on U from a vanishing full-rank start ends at the minimum nuclear norm on most instances "
    "where the matrix behind the measurements is that minimum. Where it is not, with few measurements or many, it ends "
    "above it on most instances; on two small ones the limit is seen to exist, fits, and is that of greedy low-rank "
    "learning, computed without a start.",
    printed=Printed(
        "For any full-rank X_init, if the limit of gradient flow from αX_init exists for α → 0 and fits, it has the "
        "minimum nuclear norm.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="Gaussian measurements of matrices of rank 1, 2, 3 and of full rank with a spectrum ∝ k^−1.5, n = 10, m = "
    "6 to 48 of 55, four instances each (quick: n = 6, m = 8 and 16 of 21, three each, without rank 3); and two 3 x 3 "
    f"completions from {len(ENTRIES)} entries. From ‖U₀‖ = {' and '.join(f'1e-{k}' for k in DECADES)}, on the small "
    "ones down to 1e-1000, to a misfit of 1e-5, 1e-7 on the small ones. The flow is that of the logarithms of the "
    "eigenvalues of X: in U, directions that grow later would start from rounding errors of 1e-16. From a vanishing "
    "start the flow grows one direction at a time, the largest of A*(y) first; where few of them fit the data, it "
    "stays, though a matrix of higher rank has a smaller nuclear norm. That this happens was first shown by Z. Li, Y. "
    "Luo and K. Lyu (2021).",
)
