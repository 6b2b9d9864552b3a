"""Theorem 3.2: rank 1 with a constant step size; both stages, the logarithmic time, and the signs of the start."""

import math
from typing import Any

import numpy as np
import scipy.stats
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.du2018.shared.factorization import SHAPE, descent, ensemble, gaussian
from equipoise.papers.du2018.shared.seeds import Stream
from equipoise.papers.du2018.shared.stages import C_INIT, LIMIT, VALUE, drawn, follow, in_event, passages
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

C_STEPS, C_STEP = (0.02, 0.1, 0.3, 0.45, 0.7), 0.1
"""The values of c_step = ησ₁: all, and the one of the paths and of the times."""

DIMENSION = 30.0
DIMENSIONS, ACCURACIES = 10.0 ** np.arange(2, 9), 10.0 ** -np.arange(5, 13)
AT_DIMENSION, AT_ACCURACY = 1e4, 1e-6
TIMES = 60.0
"""The number of steps is TIMES/c_step: several times the length of both stages."""


def run(quick: bool, seed: int) -> Data:
    """Full runs and the recursion; the stages, from many starts and for five step sizes; and times."""
    shapes = [SHAPE] if quick else [SHAPE, (3, 2), (400, 1000), (5000, 10_000)]
    count = 2000 if quick else 20_000
    random = generator(seed, Stream.STAGES)
    start = drawn(count, DIMENSION, random)
    runs = [follow(start, c, round(TIMES / c)) for c in C_STEPS]
    stages = xr.concat(runs, xr.DataArray(list(C_STEPS), dims="c_step", name="c_step")).assign(
        same_sign=("start", (start.alpha * start.beta > 0).astype(int)),
        event=("start", in_event(start, DIMENSION).astype(int)),
        off_at_start=("start", start.off_signal / (C_INIT**2 * VALUE)),
    )
    full = xr.concat([_beside(shape, seed) for shape in shapes], "case", combine_attrs="override")
    return {"full": full, "stages": stages, "times": _times(200 if quick else 5000, seed)}


def _beside(shape: tuple[int, int], seed: int) -> xr.Dataset:
    """Gradient descent on u and v, and the recursion (23) from the same start, both at every step; over √σ₁."""
    problem: Any = eq.problems.planted(shape, 1, values=[VALUE], seed=seed)
    start = gaussian(C_INIT * (VALUE / max(shape)) ** 0.5)
    steps = round(TIMES / C_STEP)
    ran = ensemble(problem, descent(C_STEP / VALUE), start, [(steps, 1)], seed=seed)
    names = {"alpha": "on_signal_x", "beta": "on_signal_y", "alpha_off": "off_signal_x", "beta_off": "off_signal_y"}
    first = {name: ran[recorded].values[:, 0] for name, recorded in names.items()}
    sign = np.sign(ran["alignment"].values[:, 0])  # of α₀β₀; the recorded strengths have no sign
    now = eq.theory.Strengths(**{**first, "alpha": sign * first["alpha"]})
    found = []
    for _ in range(steps + 1):
        found.append(now)
        now = now.after_step(C_STEP / VALUE, VALUE)
    unit = VALUE**0.5
    table = {name: (("replicate", "step"), np.abs([getattr(each, name) for each in found]).T / unit) for name in names}
    product = np.array([each.alpha * each.beta for each in found]).T
    recursion = xr.Dataset({**table, "product": (("replicate", "step"), product / VALUE)}, {"step": ran["step"]})
    descended = xr.Dataset({name: ran[recorded].variable / unit for name, recorded in names.items()})
    descended = descended.assign(product=ran["alignment"].variable / VALUE**2, step=ran["step"])
    return xr.concat([descended, recursion], xr.DataArray(["descent", "recursion"], dims="by", name="by"))


def _times(count: int, seed: int) -> xr.Dataset:
    """The first step with ‖uvᵀ − M‖ ≤ εσ₁, over d at one ε and over ε at one d; the same normal numbers for every d."""
    steps = round(5 * TIMES / C_STEP)

    def times(dimension: float, accuracies: np.ndarray) -> np.ndarray:
        random = generator(seed, Stream.TIMES)
        return passages(drawn(count, dimension, random), C_STEP, accuracies, steps)

    by_dimension = np.concatenate([times(d, np.array([AT_ACCURACY])) for d in DIMENSIONS])
    steps_to = {"long_name": "steps T", "units": "1"}
    return xr.Dataset(
        {
            "by_dimension": (("dimension", "start"), by_dimension, steps_to),
            "by_accuracy": (("accuracy", "start"), times(AT_DIMENSION, ACCURACIES), steps_to),
        },
        {"dimension": DIMENSIONS, "accuracy": ACCURACIES},
    )


def slope(times: xr.DataArray, logarithm: np.ndarray) -> eq.analysis.Interval:
    """Steps per unit of the logarithm: the mean over starts of the least-squares slopes, with its 99.9 % interval."""
    values = times.transpose(..., "start").values
    return eq.analysis.mean_interval(np.array([scipy.stats.linregress(logarithm, row).slope for row in values.T]))


def slopes(times: xr.Dataset) -> tuple[eq.analysis.Interval, eq.analysis.Interval]:
    """The slopes for ln d, and for ln(1/ε)."""
    by_dimension = slope(times["by_dimension"], np.log(times["dimension"].values))
    return by_dimension, slope(times["by_accuracy"], -np.log(times["accuracy"].values))


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
            0.07,
        ),
        near(
            f"opposite signs, c_step {C_STEPS[0]:g}: share with a ratio of at most 100 at all steps",
            share(~same, C_STEPS[0]),
            1 - crossing(C_STEPS[0]),
            0.01,
        ),
        at_most("all starts, either sign: largest ‖uvᵀ − M‖/σ₁ at the end", largest(stages["distance"]), 1e-6),
    ]


def judge(data: Data) -> Judgement:
    """A share of the starts that does not vanish keeps a bounded ratio; the time is logarithmic."""
    stages = data["stages"].isel(c_step=np.flatnonzero(data["stages"]["c_step"].values < 0.5))
    share = smallest((stages["ratio"] <= LIMIT).mean("start"))
    end = largest(stages["distance"])
    return jointly(
        judged(
            at_least("share of starts with a ratio of at most 100 at all steps, c_step below ½", share, 0.4),
            f"A share of {share:.2f} of all starts or more keeps the ratio between 1/100 and 100 at all steps.",
        ),
        judged(
            at_most("largest ‖uvᵀ − M‖/σ₁ at the end", end, 1e-6),
            f"At the end of all runs ‖uvᵀ − M‖ is at most {end:.1g} σ₁.",
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
    statement="Rank 1, η = c_step/σ₁: with constant probability |uᵀu*|/|vᵀv*| stays between constants, and "
    "‖uvᵀ − M‖ ≤ εσ₁ after O(log(d/ε)) steps. Measured: T = ln(d)/(2 ln(1 + c)) + ln(1/ε)/(−ln(1 − c)) + O(1), "
    "c = c_step; from starts of equal signs, α₀β₀ > 0, the lemmas hold with much room for c below ½; starts of "
    "opposite signs converge as well, but as c falls nearly all of them pass through a ratio beyond any bound.",
    printed=Printed(
        "Rank 1, u₀, v₀ from N(0, δI) with δ = c_init √(σ₁/d) and η = c_step/σ₁, both constants small: with constant "
        "probability |uᵀu*|/|vᵀv*| stays between constants at all steps, and ‖uvᵀ − M‖ ≤ εσ₁ after O(log(d/ε)) steps.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="σ₁ = 2. The standard deviation of the start is δ = c_init √(σ₁/d) with c_init = 0.01; as printed δ would "
    "be the variance, but the proof takes it as the standard deviation. Bounds of the ratio: 1/100 and 100, those of "
    "the proof. Full runs of size 30 x 20 (and in full 3 x 2, 400 x 1000 and 5000 x 10000) show that the recursion of "
    "the four strengths is the same path; the ensembles are by the recursion, from starts drawn in law: d = 30 and "
    "c_step from 0.02 to 0.7 for the lemmas, c_step = 0.1 and d from 100 to 10^8 for the times.",
)
