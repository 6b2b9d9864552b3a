"""Theorem 3.2: rank 1 with a constant step size; both stages, the logarithmic time, and the signs of the start."""

import math
from typing import Any

import numpy as np
import scipy.stats
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.du2018.shared.factorization import SHAPE
from equipoise.papers.du2018.shared.readings import OF_PROOF, PRINTED, readings
from equipoise.papers.du2018.shared.recursion import beside
from equipoise.papers.du2018.shared.seeds import Stream
from equipoise.papers.du2018.shared.stages import C_INIT, LIMIT, VALUE, drawn, follow, in_event
from equipoise.papers.du2018.shared.times import (
    AT_ACCURACY,
    AT_DIMENSION,
    C_STEP,
    DIMENSIONS,
    TIMES,
    passage_times,
    proportion,
    slopes,
)
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

C_STEPS = (0.02, C_STEP, 0.3, 0.45, 0.7)
"""The values of c_step = ησ₁."""

DIMENSION = 30.0
CONSTANT_SHARE, LOGARITHMIC = 0.25, 2.0
"""How "constant probability" is read, and by what factor T/ln(d/ε) may vary if T = O(log(d/ε))."""


def run(quick: bool, seed: int) -> Data:
    """Full runs and the recursion; the stages, from many starts and for five step sizes; times; both readings of δ."""
    shapes = [SHAPE] if quick else [SHAPE, (3, 2), (400, 1000), (2000, 3000)]
    count = 2000 if quick else 20_000
    random = generator(seed, Stream.STAGES)
    start = drawn(count, DIMENSION, random)
    runs = [follow(start, c, round(TIMES / c)) for c in C_STEPS]
    stages = xr.concat(runs, xr.DataArray(list(C_STEPS), dims="c_step", name="c_step")).assign(
        same_sign=("start", (start.alpha * start.beta > 0).astype(int)),
        event=("start", in_event(start, DIMENSION).astype(int)),
        off_at_start=("start", start.off_signal / (C_INIT**2 * VALUE)),
    )
    stages["c_init"] = (), C_INIT, {"long_name": "c_init of the starts", "units": "1"}
    full = xr.concat([beside(shape, seed) for shape in shapes], "case", combine_attrs="override")
    return {
        "full": full,
        "stages": stages,
        "times": passage_times(200 if quick else 5000, seed),
        "readings": readings(400 if quick else 5000, DIMENSIONS, C_STEP, round(2 * TIMES / C_STEP), seed),
    }


def crossing(c_step: float) -> float:
    """The share of starts of opposite signs whose ratio exceeds LIMIT while one strength passes through 0.

    (α + β)/(α − β) grows by (1 + c)/(1 − c) per step. The ratio is above LIMIT while this quantity is within a factor
    of (LIMIT + 1)/(LIMIT − 1) of 1.
    """
    return min(1.0, 2 * math.log((LIMIT + 1) / (LIMIT - 1)) / math.log((1 + c_step) / (1 - c_step)))


def check(data: Data) -> list[Check]:
    """The recursion, the lemmas, the logarithmic time, and the number of starts that behave as the theorem says."""
    return [
        *_of_recursion(data["full"]),
        *_of_lemmas(data["stages"]),
        *_of_times(data["times"]),
        *_of_starts(data["stages"]),
        *_of_readings(data["readings"]),
    ]


def _of_recursion(full: xr.Dataset) -> list[Check]:
    apart = abs(full.sel(by="descent") - full.sel(by="recursion")).to_dataarray()
    ends = full["product"].sel(by="descent").isel(step=-1)
    return [
        at_most("recursion (23) against full runs: largest departure over √σ₁", largest(apart), 1e-10),
        near("αβ/σ₁ at the end of the full runs, farthest from 1", 1 + largest(abs(ends - 1)), 1.0, 1e-9),
    ]


def _of_lemmas(stages: xr.Dataset) -> list[Check]:
    """The lemmas on the starts that the proof covers, for c_step below ½."""
    chosen = stages.isel(start=np.flatnonzero(stages["event"].values))
    small, beyond = chosen.where(chosen["c_step"] < 0.5, drop=True), chosen.sel(c_step=C_STEPS[-1])
    constants = [smallest(small[f"constant_{part}"]) for part in "acd"]
    return [
        at_least("C.1 (i) smallest strength over √σ₁", smallest(small["least"]), 1e-6),
        at_most("C.1 (ii) largest ξ_t/ξ₀", largest(small["off"]), 1.0),
        at_most("C.1 (ii) largest ξ₀/(c_init² σ₁)", largest(small["off_at_start"]), 100.0),
        at_least("C.1 (iii) slowest growth of α + β over c_step", smallest(small["slowest"]), 1 / 3),
        at_most("C.1 (iii) fastest growth of α + β over c_step", largest(small["fastest"]), 1.0),
        at_most("C.1 (iv) largest |α − β|/(α + β)", largest(small["spread"]), 99 / 101),
        at_least("T₁ over its lower bound, smallest", smallest(small["escape"] / small["escape_low"]), 1.0),
        at_most("T₁ over its upper bound, largest", largest(small["escape"] / small["escape_high"]), 1.0),
        at_least(
            "C.2 (a), (c), (d) smallest c₁ over the 1.25e-5 of the proof",
            min(constants) / eq.theory.signal_constant(LIMIT),
            1.0,
        ),
        near("C.2 (a) smallest c₁", constants[0], 0.25, 0.01),
        at_most(
            "c_init up to which exp(−200 c_init²/c₁) ≥ ½ for the c₁ of the proof; bound: that of the starts",
            (eq.theory.signal_constant(LIMIT) * math.log(2) / 200) ** 0.5,
            stages["c_init"],
        ),
        at_most("C.2 (b) largest αβ/σ₁ − 1, c_step below ½", largest(small["product"]) - 1, 1e-12),
        at_least("C.2 (b) does not hold at c_step 0.7: largest αβ/σ₁ − 1", largest(beyond["product"]) - 1, 1e-3),
    ]


def _of_times(times: xr.Dataset) -> list[Check]:
    expected = eq.theory.convergence_rates(C_STEP / VALUE, VALUE)
    by_dimension, by_accuracy = slopes(times)
    return [
        near(
            "steps per unit of ln d",
            by_dimension.estimate,
            expected.per_log_dimension,
            0.02 * expected.per_log_dimension,
        ),
        near(
            "steps per unit of ln(1/ε)",
            by_accuracy.estimate,
            expected.per_log_accuracy,
            0.02 * expected.per_log_accuracy,
        ),
    ]


def _of_starts(stages: xr.Dataset) -> list[Check]:
    bounded, same = stages["ratio"] <= LIMIT, stages["same_sign"] == 1
    outside = 4 / math.pi * math.atan(1 / LIMIT)  # P that |α₀/β₀| exceeds it, either way

    def share(where: xr.DataArray, c_step: float) -> float:
        return float(bounded.sel(c_step=c_step).where(where).mean())

    return [
        near("share of equal signs", same.mean(), 0.5, 0.06),
        near("share of the starts of the proof", stages["event"].mean(), 0.5 * _typical() ** 2, 0.06),
        near("equal signs: share with a ratio of at most 100 at all steps", share(same, C_STEP), 1 - outside, 0.015),
        near(
            f"opposite signs, c_step {C_STEP:g}: share with a ratio of at most 100 at all steps",
            share(~same, C_STEP),
            1 - crossing(C_STEP),
            0.09,
        ),
        near(
            f"opposite signs, c_step {C_STEPS[0]:g}: share with a ratio of at most 100 at all steps",
            share(~same, C_STEPS[0]),
            1 - crossing(C_STEPS[0]),
            0.01,
        ),
        at_most("all starts, either sign: largest ‖uvᵀ − M‖/σ₁ at the end", largest(stages["distance"]), 1e-6),
    ]


def _of_readings(found: xr.Dataset) -> list[Check]:
    """With δ as the standard deviation nothing depends on d; with δ as the variance large starts diverge."""
    printed, of_proof = (found.sel(reading=reading) for reading in (PRINTED, OF_PROOF))
    return [
        at_least("δ the standard deviation: smallest share that converges", smallest(of_proof["converged"]), 1.0),
        at_most(
            "δ the standard deviation: largest change with d of the share with a bounded ratio",
            largest(of_proof["bounded"]) - smallest(of_proof["bounded"]),
            0.02,
        ),
        at_most("δ the variance: share that converges at d = 10^8", printed["converged"].sel(dimension=1e8), 0.0),
    ]


def judge(data: Data) -> Judgement:
    """Both readings of the start; the share that keeps a bounded ratio at every step size and d; and the time."""
    found, stages = data["readings"], data["stages"]
    small = stages.isel(c_step=np.flatnonzero(stages["c_step"].values < 0.5))
    of_proof = found.sel(reading=OF_PROOF)
    share = min(smallest((small["ratio"] <= LIMIT).mean("start")), smallest(of_proof["bounded"]))
    varies = proportion(data["times"])
    converged, intended = (smallest(found["converged"].sel(reading=reading)) for reading in (PRINTED, OF_PROOF))
    return jointly(
        judged(
            at_least("share that converges with δ as the variance, smallest over d", converged, CONSTANT_SHARE),
            f"With δ as the variance, as elsewhere in the paper's N(0, ·), {converged:.0%} of the starts converge at "
            f"the worst d up to 10^8; with δ as the standard deviation, as in the proof, {intended:.0%} do.",
        ),
        judged(
            at_least(
                "share with a ratio of at most 100 at all steps, smallest over c_step and d", share, CONSTANT_SHARE
            ),
            f"A share of at least {share:.2f} of the starts keeps the ratio between 1/100 and 100 at all steps.",
        ),
        judged(
            at_most("largest T/ln(d/ε) over the smallest", varies, LOGARITHMIC),
            f"T/ln(d/ε) varies by a factor of {varies:.2f} over d up to 10^8 and ε down to 10^−12.",
        ),
    )


def _typical() -> float:
    """P(0.1 ≤ |z| ≤ 10) of a normal number."""
    return float(2 * (scipy.stats.norm.cdf(10) - scipy.stats.norm.cdf(0.1)))


def draw(data: Data) -> Figure:
    """One path in both stages, the time against d and 1/ε, and the worst ratio of the two signal strengths."""
    figure, axes = eq.plots.new_figure(2, 2, panel=(4.2, 3.0))
    _draw_path(axes[0, 0], data["full"].isel(case=0))
    _draw_times(axes[0, 1], axes[1, 0], data["times"])
    _draw_ratios(axes[1, 1], data["stages"])
    eq.plots.label_panels(axes.ravel(), ("one path", "time and dimension", "time and accuracy", "balance at all steps"))
    return figure


def _draw_path(axes: Any, full: xr.Dataset) -> None:
    path = full.isel(replicate=0)
    for name, label, color in zip(
        ("alpha", "beta", "alpha_off", "beta_off"), ("|α|", "|β|", "α⊥", "β⊥"), eq.plots.PALETTE, strict=False
    ):
        every = slice(None, None, 12)
        axes.plot(path["step"], path[name].sel(by="recursion"), color=color, label=f"{label}, Eq. (23)")
        axes.plot(path["step"][every], path[name].sel(by="descent")[every], "o", color=color, markersize=2.5)
    axes.set(xlabel="step t", ylabel="over √σ₁; dots: gradient descent", yscale="log", xlim=(0, 300), ylim=(1e-9, 3))
    eq.plots.add_legend(axes, loc="lower left")


def _draw_times(by_dimension: Any, by_accuracy: Any, times: xr.Dataset) -> None:
    expected = eq.theory.convergence_rates(C_STEP / VALUE, VALUE)
    for axes, name, axis, rate, found in (
        (by_dimension, "by_dimension", times["dimension"], expected.per_log_dimension, slopes(times)[0]),
        (by_accuracy, "by_accuracy", 1 / times["accuracy"], expected.per_log_accuracy, slopes(times)[1]),
    ):
        mean, spread = times[name].mean("start"), times[name].std("start")
        half = (found.high - found.low) / 2
        axes.errorbar(axis, mean, spread, fmt="o", capsize=2, label=f"slope {found.estimate:.3f} ± {half:.3f}")
        line = mean.values.mean() + rate * (np.log(axis) - np.log(axis).mean())
        axes.plot(axis, line, "--", label=f"predicted slope {rate:.3f}")
        axes.set(xscale="log", ylabel="steps to ‖uvᵀ − M‖ ≤ εσ₁")
        eq.plots.add_legend(axes, loc="upper left")
    by_dimension.set_xlabel(f"dimension d, ε = {AT_ACCURACY:g}")
    by_accuracy.set_xlabel(f"1/ε, d = {AT_DIMENSION:g}")


def _draw_ratios(axes: Any, stages: xr.Dataset) -> None:
    same = stages["same_sign"].values == 1
    for label, c_step, where in (
        ("equal signs", C_STEP, same),
        (f"opposite, c_step {C_STEP:g}", C_STEP, ~same),
        (f"opposite, c_step {C_STEPS[0]:g}", C_STEPS[0], ~same),
    ):
        above = np.geomspace(1 / where.sum(), 1.0, 300)
        axes.plot(np.quantile(stages["ratio"].sel(c_step=c_step).values[where], 1 - above), above, label=label)
    axes.axvline(LIMIT, color="black", linewidth=0.9, linestyle=":")
    axes.set(xscale="log", yscale="log", xlim=(1, 1e5), ylim=(1e-3, 1.5))
    axes.set(xlabel="largest |α|/|β| or |β|/|α| of all steps", ylabel="share of starts above")
    eq.plots.add_legend(axes, loc="lower left")


CLAIM = Claim(
    id="theorem3.2",
    source="Theorem 3.2, Lemmas C.1 and C.2, Eq. (23), Appendix C",
    statement="Rank 1, η = c_step/σ₁, starts of standard deviation δ = c_init √(σ₁/d): with constant probability "
    "|uᵀu*|/|vᵀv*| stays between constants, and ‖uvᵀ − M‖ ≤ εσ₁ after T = ln(d)/(2 ln(1 + c)) + ln(1/ε)/(−ln(1 − c)) "
    "+ O(1) steps, c = c_step. From starts of equal signs, α₀β₀ > 0, the lemmas hold with much room for c below ½; "
    "starts of opposite signs converge as well, but as c falls nearly all of them pass through a ratio beyond any "
    "bound. With δ as the variance the starts grow with d, and from some d on all diverge.",
    printed=Printed(
        "Rank 1, u₀, v₀ from N(0, δI) with δ = c_init √(σ₁/d) and η = c_step/σ₁, both constants small: with constant "
        "probability |uᵀu*|/|vᵀv*| stays between constants at all steps, and ‖uvᵀ − M‖ ≤ εσ₁ after O(log(d/ε)) steps.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="σ₁ = 2, c_init = 0.01. N(0, δI) is read in both ways: in Section 4 the second argument of N(0, ·) is the "
    "variance, but the proof takes δ as the standard deviation, and so do all checks that do not say otherwise. Bounds "
    "of the ratio: 1/100 and 100, those of the proof. A probability of at least a quarter is read as constant, and T "
    "as O(log(d/ε)) if T/ln(d/ε) varies by at most a factor of 2. Full runs of size 30 x 20 (and in full 3 x 2, "
    "400 x 1000 and 2000 x 3000) show that the recursion of the four strengths is the same path; the ensembles are by "
    "the recursion, from starts drawn in law: d = 30 and c_step from 0.02 to 0.7 for the lemmas, c_step = 0.1 and d "
    "from 100 to 10^8 for the times and for the two readings of δ.",
)
