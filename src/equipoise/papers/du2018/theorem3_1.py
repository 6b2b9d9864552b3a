"""Theorem 3.1 with Lemma 3.1: what diminishing step sizes preserve at all steps, and how many steps they need."""

import math
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.papers.du2018.shared.factorization import (
    DIMENSION,
    descent,
    ensemble,
    gaussian,
    instance,
    norm_of,
    spread,
    thinned,
)
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged, undecided

RANKS = (1, 3)
SHARES, ARRIVING = (0.5, 0.1, 0.01), (0.5, 0.1)
"""ε/‖M‖_F; and those for which the largest provable step size converges in a few million steps."""

SLOW = 0.05
PRINTED, PRINTED_SLOW, LARGEST = "printed, δ = ½", "printed, δ = 0.05", "largest of the proof, δ = 0.05"
INVERSE = "2/(σ_r(t + 1))"
LARGER = {INVERSE: (2.0, 1.0), "(t + 1)^−0.75/2": (0.5, 0.75), "(t + 1)^−0.6/2": (0.5, 0.6)}
"""Step sizes ∝ t^−(½+δ) far larger than the proof allows, as (initial, exponent); the first is for σ_r = 1."""

LARGER_SHARE = 0.1
FLOW_STEP, FLOW_STEPS = 0.05, 800

BELOW: dict[str, Any] = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.2), "ncols": 2, "fontsize": 6.5}
"""Options of a legend under the axes, where no curve is."""


def start(epsilon: float) -> Any:
    """Entries from N(0, ε/d²), d the larger dimension."""
    return gaussian(epsilon**0.5 / DIMENSION)


def schedules(norm: float, rank: int, epsilon: float) -> dict[str, eq.dynamics.PowerDecay]:
    """The printed step size, the same with δ = 0.05, and the largest with δ = 0.05 for which the proof holds."""
    return {
        PRINTED: eq.theory.diminishing_step_size(norm, rank, epsilon),
        PRINTED_SLOW: eq.theory.diminishing_step_size(norm, rank, epsilon, SLOW),
        LARGEST: eq.theory.largest_diminishing_step_size(norm, rank, epsilon, SLOW),
    }


def run(quick: bool, seed: int) -> Data:
    """The two step sizes with a proof, the steps that they and a third need, and three larger ones."""
    cost = xr.concat([_cost(rank, seed) for rank in RANKS], xr.DataArray(list(RANKS), dims="rank", name="rank"))
    phases = [(1000, 1)] if quick else [(10_000, 1), (990_000, 1000)]
    printed = [_proven(rank, share, PRINTED, phases, seed) for rank in RANKS for share in SHARES[: 2 if quick else 3]]
    provable = []
    for rank, share in [(1, 0.5)] if quick else [(rank, share) for rank in RANKS for share in ARRIVING]:
        needed = 10 ** float(cost["log10_steps"].sel(rank=rank, share=share, schedule=LARGEST).max())
        every = math.ceil(1.25 * needed / 1000)
        phases = [(1000 * every, every)] if quick else [(10_000, 1), (1000 * every, every)]
        provable.append(_proven(rank, share, LARGEST, phases, seed))
    steps = 20_000 if quick else 100_000
    larger = [
        _larger(rank, name, steps, seed)
        for rank in RANKS
        for name in LARGER
        if not quick or name == INVERSE or rank == 1
    ]
    joined = {"printed": printed, "provable": provable, "larger": larger}
    return {**{name: xr.concat(parts, "case") for name, parts in joined.items()}, "cost": cost}


def _cost(rank: int, seed: int) -> xr.Dataset:
    """The flow time to ‖UVᵀ − M‖ ≤ ε, by short constant steps, and the steps that each schedule takes to cover it."""
    problem = instance(rank, seed)
    norm = norm_of(problem)
    parts = []
    for share in SHARES:
        ran = ensemble(problem, descent(FLOW_STEP), start(share * norm), [(FLOW_STEPS, 1)], seed=seed)
        time = FLOW_STEP * eq.analysis.first_passage(ran["error"], below=share)
        made = schedules(norm, rank, share * norm)
        steps = [[eq.theory.log10_steps(each, float(t)) for t in time] for each in made.values()]
        variables = {
            "time": ("replicate", time.values, {"long_name": "flow time to ε", "units": "1/[M]"}),
            "log10_steps": (("schedule", "replicate"), steps, {"long_name": "log₁₀ of the steps to ε", "units": "1"}),
        }
        parts.append(xr.Dataset(variables, {"schedule": list(made)}))
    return xr.concat(parts, xr.DataArray(list(SHARES), dims="share", name="share"))


def _proven(rank: int, share: float, name: str, phases: list[tuple[int, int]], seed: int) -> xr.Dataset:
    problem = instance(rank, seed)
    epsilon = share * norm_of(problem)
    schedule = schedules(norm_of(problem), rank, epsilon)[name]
    return extremes(problem, schedule, start(epsilon), epsilon, phases, seed).assign_coords(rank=rank, share=share)


def extremes(
    problem: Any, schedule: eq.dynamics.PowerDecay, start: Any, epsilon: float, phases: Any, seed: int
) -> xr.Dataset:
    """One ensemble, and the extremes over its recordings of the quantities in Lemma 3.1, each over its bound."""
    ran = ensemble(problem, eq.dynamics.GradientDescent(schedule), start, phases, seed=seed)
    norm, rank = norm_of(problem), problem.rank
    gap, loss = ran["matrix_gap"] / epsilon, ran["loss"] / norm**2
    size = ran[["norm_x", "norm_y"]].to_dataarray().max("variable", skipna=False) ** 2 / eq.theory.factor_bound(
        norm, rank
    )
    growth = abs(ran["matrix_gap"] - ran["matrix_gap"].isel(step=0)) / eq.theory.drift_bound(schedule, norm, rank)
    found = {
        "largest_gap": gap.max("step", skipna=False),
        "largest_growth": growth.max("step", skipna=False),
        "largest_increase": loss.diff("step").max("step", skipna=False),
        "first_loss": loss.isel(step=0, drop=True) / 2,
        "largest_norm": size.max("step", skipna=False),
        "end": ran["error"].isel(step=-1, drop=True) * norm / epsilon,
        "moved": 1 - loss.isel(step=-1, drop=True) / loss.isel(step=0, drop=True),
    }
    few = ran.assign(gap=gap).isel(step=spread(ran["step"].values))
    path = few[["error", "gap"]].drop_vars("step").rename(step="look").assign(t=("look", few["step"].values))
    return xr.Dataset(found, attrs=ran.attrs).merge(path, combine_attrs="override")


def _larger(rank: int, name: str, steps: int, seed: int) -> xr.Dataset:
    problem = instance(rank, seed)
    epsilon = LARGER_SHARE * norm_of(problem)
    phases = [(steps, 10)] if steps < 100_000 else [(10_000, 1), (steps - 10_000, 100)]
    initial, exponent = LARGER[name]
    method = descent(initial / (float(problem.signal.values[-1]) if name == INVERSE else 1.0), exponent)
    ran = thinned(ensemble(problem, method, start(epsilon), phases, seed=seed), 400)
    path = ran[["error"]].assign(gap=ran["matrix_gap"] / epsilon)
    return path.assign_coords(rank=rank, schedule=name)


def check(data: Data) -> list[Check]:
    """Lemma 3.1 and the room in its bounds; convergence, or the distance left; and the rate under 1/t."""
    printed, provable, larger = data["printed"], data["provable"], data["larger"]

    def most(name: str) -> float:
        return max(largest(each[name]) for each in (printed, provable))

    steps = data["cost"]["log10_steps"]
    arriving = steps.sel(schedule=LARGEST, share=list(ARRIVING))
    of_larger = larger["error"].isel(step=-1).median("replicate", skipna=False)
    return [
        at_most("(i) largest ‖UᵀU − VᵀV‖ over ε", most("largest_gap"), 1.0),
        at_most("(i) its largest growth over the bound of Claim B.1", most("largest_growth"), 1.0),
        at_most("(ii) largest change of the objective between recordings, over ‖M‖²", most("largest_increase"), 0.0),
        at_most("(ii) largest objective at the start over 2‖M‖²", most("first_loss"), 1.0),
        at_most("(iii) largest ‖U‖² or ‖V‖² over 5√r ‖M‖", most("largest_norm"), 1.0),
        at_most("largest step size of the proof: ‖UVᵀ − M‖ over ε at the end, largest", largest(provable["end"]), 1.0),
        at_most("printed step size: largest share of the objective gone at the end", largest(printed["moved"]), 0.01),
        at_least("printed step size: smallest log₁₀ of the steps to ε", smallest(steps.sel(schedule=PRINTED)), 100.0),
        at_least(
            "largest step size of the proof, ε from 1/10: smallest log₁₀ of the steps to ε", smallest(arriving), 3.5
        ),
        at_most("largest step size of the proof, ε from 1/10: largest log₁₀ of the steps to ε", largest(arriving), 8.5),
        at_most("larger steps: ‖UᵀU − VᵀV‖ over ε, largest", largest(larger["gap"]), 1.0),
        at_most("larger steps: ‖UVᵀ − M‖ over ε at the end, largest median", largest(of_larger) / LARGER_SHARE, 1.0),
        near(f"{INVERSE}, rank 1: exponent of ‖UVᵀ − M‖ in t", _exponent(larger, 1), -2.0, 0.05),
        near(f"{INVERSE}, rank 3: exponent of ‖UVᵀ − M‖ in t", _exponent(larger, 3), -2.0, 0.1),
    ]


def judge(data: Data) -> Judgement:
    """Lemma 3.1 holds where it was run; the limit is out of reach with the printed step size."""
    printed, provable = data["printed"], data["provable"]

    def most(name: str) -> float:
        return max(largest(each[name]) for each in (printed, provable))

    gap, rise, size, end = most("largest_gap"), most("largest_increase"), most("largest_norm"), largest(printed["end"])
    steps = smallest(data["cost"]["log10_steps"].sel(schedule=PRINTED))
    arrived = largest(provable["end"])
    return jointly(
        judged(at_most("Lemma 3.1 (i): largest ‖UᵀU − VᵀV‖ over ε", gap, 1.0), f"‖UᵀU − VᵀV‖ was at most {gap:.2g} ε."),
        judged(
            at_most("Lemma 3.1 (ii): largest change of the objective, over ‖M‖²", rise, 0.0),
            f"The largest change of the objective between recordings was {rise:.1g} ‖M‖².",
        ),
        judged(
            at_most("Lemma 3.1 (iii): largest ‖U‖² or ‖V‖² over 5√r ‖M‖", size, 1.0),
            f"‖U‖² and ‖V‖² were at most {size:.2g} of the bound.",
        ),
        judged(
            at_most("‖UVᵀ − M‖ over ε at the end, steps of footnote 11", arrived, 1.0),
            f"With a step size ∝ t^−0.55, of the family of footnote 11, ‖UVᵀ − M‖ ended at {arrived:.2g} ε.",
        ),
        _limit(end, steps),
    )


def _limit(end: float, log10_steps: float) -> Judgement:
    """Whether the printed step size arrives."""
    name = "‖UVᵀ − M‖ over ε at the end, printed steps"
    if end <= 1:
        return judged(at_most(name, end, 1.0), f"With the printed step size ‖UVᵀ − M‖ ended at {end:.2g} ε.")
    return undecided(
        name,
        end,
        f"The limit cannot be seen by running it, as the printed step size takes 10^{log10_steps:.0f} steps or more; "
        "Lemma 3.1 held at all steps run, and with a step size ∝ t^−0.55 the error came below ε.",
    )


def _exponent(larger: xr.Dataset, rank: int) -> float:
    """The exponent over the last decade of steps, the median over replicates."""
    chosen = (larger["rank"] == rank) & (larger["schedule"] == INVERSE)
    path = larger["error"].where(chosen, drop=True).isel(case=0)
    path = path.sel(step=slice(path["step"][-1] / 10, None))
    found = [
        eq.analysis.power_law(path["step"] + 1, path.sel(replicate=number)).exponent.estimate
        for number in path["replicate"]
    ]
    return float(np.median(found))


def draw(data: Data) -> Figure:
    """Balance and error along paths of rank 1, and the steps that each schedule takes to reach ε."""
    figure, axes = eq.plots.new_figure(1, 3, panel=(3.7, 3.6))
    groups = {name: _path(data[key].isel(case=0)) for name, key in ((PRINTED, "printed"), (LARGEST, "provable"))}
    larger = data["larger"].where(data["larger"]["rank"] == 1, drop=True)
    for number, name in enumerate(larger["schedule"].values.tolist()):
        groups[name] = larger.isel(case=number).rename(step="t")
    for side, variable in zip(axes[0], ("gap", "error"), strict=False):
        eq.plots.draw_paths(side, groups, variable, along="t", logarithmic="xy", band=None, legend=False)
    axes[0, 0].axhline(1.0, color="black", linewidth=0.9, linestyle=":", label="bound of Lemma 3.1")
    eq.plots.add_legend(axes[0, 0], **BELOW)
    axes[0, 0].set(xlabel="step t", ylabel="‖UᵀU − VᵀV‖/ε", ylim=(1e-3, 10))
    axes[0, 1].set(xlabel="step t", ylabel="‖UVᵀ − M‖/‖M‖", ylim=(1e-6, 3))
    for number, schedule in enumerate((PRINTED, PRINTED_SLOW, LARGEST)):
        for rank, line in zip(RANKS, ("-", "--"), strict=True):
            cost = data["cost"]["log10_steps"].sel(rank=rank, schedule=schedule).median("replicate")
            look = {"marker": "os^"[number], "color": eq.plots.PALETTE[number], "linestyle": line}
            axes[0, 2].loglog(cost["share"], cost, label=f"rank {rank}, {schedule}", **look)
    axes[0, 2].set(xlabel="ε/‖M‖", ylabel="log₁₀ of the steps to ε", ylim=(3, 1e5))
    eq.plots.add_legend(axes[0, 2], **BELOW)
    eq.plots.label_panels(axes[0], ("balance", "convergence", "cost"))
    return figure


def _path(case: xr.Dataset) -> xr.Dataset:
    """The stored looks as a path against the step."""
    return case[["error", "gap", "t"]].set_coords("t").swap_dims(look="t")


CLAIM = Claim(
    id="theorem3.1",
    source="Theorem 3.1, Lemma 3.1, footnote 11, Appendix B",
    statement="From a small random start and with η_t = √(ε/r)/(100(t + 1)‖M‖^{3/2}), at all steps ‖UᵀU − VᵀV‖ ≤ ε, "
    "the objective falls and starts below 2‖M‖², and ‖U‖², ‖V‖² ≤ 5√r ‖M‖; the limit is within ε of M. Measured: all "
    "this holds with much room, also for step sizes hundreds of times larger; but the error falls as t^−(η₀σ_r), so "
    "that the printed step size takes more than 10^100 steps. With Θ(t^−0.55) it takes some 10^5 to 10^7.",
    printed=Printed(
        "From a small random start, with η_t = √(ε/r)/(100(t + 1)‖M‖^{3/2}) or Θ(t^−(½+δ)), with high probability "
        "‖UᵀU − VᵀV‖ ≤ ε, the objective falls and ‖U‖², ‖V‖² ≤ 5√r ‖M‖ at all steps, and the limit exists and is "
        "within ε of M.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="M of size 30 x 20, rank 1, and rank 3 with singular values 1, ¾, ½; ε = ½, 1/10 and 1/100 of ‖M‖; "
    "poly(d) = d² with d = 30. The printed step size runs for 10^6 steps (quick: 1000), each of the first 10^4 "
    "recorded, then every 1000th. The steps it takes are those whose sum is the time in which gradient descent with "
    "η = 0.05 comes within ε. The largest step size for which the proof goes through, at δ = 0.05, runs until it has "
    "arrived, with ε = ½ and 1/10 (quick: rank 1, ½).",
)
