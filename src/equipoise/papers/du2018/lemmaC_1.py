# ruff: noqa: N999
"""Statement H(t) in the proof of Lemma C.1: both vectors are small until the signal has grown."""

import itertools

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.du2018.shared.induction import induction
from equipoise.papers.du2018.shared.seeds import Stream
from equipoise.papers.du2018.shared.stages import C_INIT, VALUE, Strengths, drawn, in_event
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, judged

DIMENSION = 30.0
C_INITS, SUFFICIENT = (0.01, 0.05, 0.2, 0.4, 0.6, 1.0), 0.05
"""The values of c_init, and the largest for which the proof goes through whatever the start: ½ + 200c_init² ≤ 1."""

C_STEPS = (0.1, 0.45)
STEPS = 40.0
"""The number of steps is STEPS/c_step."""


def run(quick: bool, seed: int) -> Data:
    """Starts of one law in different sizes, followed until they escape."""
    random = generator(seed, Stream.ESCAPE)
    start = drawn(1000 if quick else 20_000, DIMENSION, random)
    chosen = np.flatnonzero(in_event(start, DIMENSION))
    unit = Strengths(*(number[chosen] for number in start))
    cases = []
    for c_init, c_step in itertools.product(C_INITS, C_STEPS):
        first = Strengths(*(c_init / C_INIT * number for number in unit))
        found = induction(first, c_step, 0.25, round(STEPS / c_step))
        variables = {
            "size": ("start", found.size, {"long_name": "largest (‖u‖² + ‖v‖²)/σ₁ before T₁", "units": "1"}),
            "bound": ("start", 0.5 + first.off_signal / VALUE, {"long_name": "½ + ξ₀/σ₁", "units": "1"}),
            "escaped": ("start", found.escaped, {"long_name": "T₁", "units": "steps"}),
        }
        cases.append(xr.Dataset(variables).assign_coords(c_init=c_init, c_step=c_step))
    return {"starts": xr.concat(cases, "case")}


def _largest(starts: xr.Dataset, c_init: float) -> float:
    """The largest size over all starts that are not past T₁ at once."""
    chosen = starts.isel(case=np.flatnonzero(starts["c_init"].values == c_init))
    return largest(chosen["size"], chosen["escaped"] != 0)


def _median(starts: xr.Dataset, c_init: float) -> float:
    chosen = starts.isel(case=np.flatnonzero(starts["c_init"].values == c_init))
    return float(chosen["size"].where(chosen["escaped"] != 0).median(skipna=True))


def check(data: Data) -> list[Check]:
    """H(t) where c_init is small, with its room, and what becomes of it where c_init is not."""
    starts = data["starts"]
    allowed = starts["c_init"] <= SUFFICIENT
    inside = starts["escaped"] != 0
    return [
        at_least("smallest T₁, c_init up to 0.05", smallest(starts["escaped"], allowed), 1.0),
        at_most("c_init up to 0.05: largest (‖u‖² + ‖v‖²)/σ₁ before T₁", _up_to_sufficient(starts), 1.0),
        near("c_init 0.01: largest (‖u‖² + ‖v‖²)/σ₁ before T₁", _largest(starts, C_INITS[0]), 0.5, 0.01),
        at_most(
            "all c_init: largest (‖u‖² + ‖v‖²)/σ₁ over ½ + ξ₀/σ₁",
            largest((starts["size"] / starts["bound"]).where(inside, -np.inf)),
            1.0,
        ),
        at_most("c_init 0.6: median (‖u‖² + ‖v‖²)/σ₁ before T₁", _median(starts, 0.6), 1.0),
        at_least("c_init 1: median (‖u‖² + ‖v‖²)/σ₁ before T₁", _median(starts, 1.0), 1.5),
    ]


def _up_to_sufficient(starts: xr.Dataset) -> float:
    return max(_largest(starts, c_init) for c_init in C_INITS if c_init <= SUFFICIENT)


def judge(data: Data) -> Judgement:
    """“Sufficiently small” is read as c_init up to 0.05, for which the proof goes through."""
    found, beyond = _up_to_sufficient(data["starts"]), _largest(data["starts"], C_INITS[-1])
    return judged(
        at_most("c_init up to 0.05: largest (‖u‖² + ‖v‖²)/σ₁ before T₁", found, 1.0),
        f"With c_init up to 0.05, ‖u‖² + ‖v‖² is at most {found:.3f} of σ₁ before T₁; with c_init = 1 it reaches "
        f"{beyond:.2f}.",
    )


def draw(data: Data) -> Figure:
    """The largest size before T₁ of each start, against c_init."""
    figure, axes = eq.plots.new_figure(panel=(4.6, 3.2))
    side, starts = axes[0, 0], data["starts"]
    for number, c_step in enumerate(C_STEPS):
        cases = starts.isel(case=np.flatnonzero(starts["c_step"].values == c_step))
        shown = cases["size"].where(cases["escaped"] != 0)
        for quantile, marker in ((0.5, "o"), (1.0, "^")):
            label = f"{'median' if quantile < 1 else 'largest'} over starts, c_step {c_step:g}"
            values = shown.quantile(quantile, "start", skipna=True)
            style = {"color": eq.plots.PALETTE[number], "markersize": 5, "label": label}
            side.plot(cases["c_init"] * 1.04 ** (2 * number - 1), values, marker, **style)
    line = np.geomspace(C_INITS[0], C_INITS[-1], 100)
    off = 2 * (DIMENSION - 1) / DIMENSION
    side.plot(line, 0.5 + off * line**2, color="black", linestyle=":", label="½ + mean of ξ₀/σ₁")
    side.axhline(1.0, color="black", linestyle="--", label="H(t)")
    side.set(xscale="log", xlabel="c_init", ylabel="largest (‖u‖² + ‖v‖²)/σ₁ before T₁", ylim=(0, 4))
    eq.plots.add_legend(side, loc="upper left")
    return figure


CLAIM = Claim(
    id="lemmaC.1",
    source="Statement H(t) in the proof of Lemma C.1, Appendix C",
    statement="Until α² + β² reaches σ₁/2, ‖u‖² + ‖v‖² ≤ σ₁. Measured: it stays below σ₁/2 + ξ₀, so that at typical "
    "starts this holds for c_init = 0.6 as well, and for 1 no longer.",
    printed=Printed(
        "If c_init is sufficiently small, then ‖u_t‖² + ‖v_t‖² ≤ σ₁ for all t before T₁.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="σ₁ = 2, d = 30; starts in law that the proof covers (equal signs, strengths within a factor of ten of "
    "typical ones), the same in all sizes; by the recursion of the four strengths with c_step 0.1 and 0.45. By the "
    "proof's bounds ξ₀ is at most 200c_init²σ₁, so that c_init = 0.05 suffices; statements (i) to (iv) of the lemma "
    "are part of Theorem 3.2. Starts that are past T₁ at once, with c_init near 1, say nothing.",
)
