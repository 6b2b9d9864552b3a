"""Theorem 1: from any start, Perturbed GD converges to the balanced optimum and stays there."""

from typing import Any

import optax
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed
from equipoise.papers.liu2021.shared.seeds import Offset
from equipoise.papers.liu2021.shared.settings import (
    SIGMA_SQUARED,
    STD_Y,
    descent,
    ensemble,
    instance,
    last,
    perturbed,
)
from equipoise.papers.machinery.check import Check, Data, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, judged

STEP_SIZE, EPSILON, EPSILON_DECAYED = 1e-2, 0.12, 0.01
TITLES = {
    "tiny": "tiny",
    "huge": "huge",
    "orthogonal": "orthogonal",
    "saddle": "at the saddle",
    "unbalanced": "unbalanced",
}


def starts() -> dict[str, Any]:
    """Norms of about 1e-5; norms of about 10; no part on the signal; exactly 0; ‖X‖/‖Y‖ of about 80."""
    gaussian = eq.initial.Gaussian
    return {
        "tiny": gaussian(1e-6),
        "huge": gaussian(1.5),
        "orthogonal": eq.initial.OrthogonalToSignal(0.3),
        "saddle": eq.initial.Saddle(),
        "unbalanced": eq.initial.Unbalanced(gaussian(0.2), 100.0),
    }


def run(quick: bool, seed: int) -> Data:
    """Both methods from every start, and Perturbed GD with decaying noise from an unbalanced start."""
    steps, replicates = (8_000, 10) if quick else (20_000, 50)
    problem = instance(1)
    plain = descent(STEP_SIZE)
    settings: dict[str, Any] = {"steps": steps, "replicates": replicates, "every": 100 if quick else 200}
    data: dict[str, xr.Dataset] = {}
    for number, (name, start) in enumerate(starts().items()):
        own = further_seed(seed, Offset.THEOREM1, number)
        data[f"{name}_perturbed"] = ensemble(problem, perturbed(STEP_SIZE), start, seed=own, **settings)
        data[f"{name}_descent"] = ensemble(problem, plain, start, seed=own, **settings)
    constant, decay = optax.constant_schedule(STD_Y), optax.cosine_decay_schedule(STD_Y, steps // 3)
    decaying = perturbed(STEP_SIZE, std_y=optax.join_schedules([constant, decay], [steps - steps // 3]))
    # this needs its own program anyway, so it records only what is checked
    settings["observables"] = ("distance",)
    own = further_seed(seed, Offset.DECAYING)
    data["decaying"] = ensemble(problem, decaying, starts()["unbalanced"], seed=own, **settings)
    return data


def check(data: Data) -> list[Check]:
    """Paths stay within ε for every start and replicate; the limit is √(1−σ²); decayed σ leaves no bias; GD fails."""
    checks = []
    for name in starts():
        settled = data[f"{name}_perturbed"]
        settled = eq.analysis.since(settled, int(0.75 * int(settled["step"][-1])))
        checks.append(at_most(f"{name}: largest distance from then on", largest(settled["distance"]), EPSILON))
    on_signal = xr.concat(
        [
            eq.analysis.since(d, int(0.75 * int(d["step"][-1])))["on_signal_x"].mean("step", skipna=False)
            for d in (data[f"{name}_perturbed"] for name in starts())
        ],
        "replicate",
    )
    checks.append(near("constant σ: mean of |u*ᵀx|", on_signal.mean(skipna=False), (1 - SIGMA_SQUARED) ** 0.5, 0.003))
    end = last(data["decaying"])
    mean = end["distance"].mean(skipna=False)
    checks.append(at_most("decaying σ: mean distance at the end", mean, EPSILON_DECAYED))
    for name, expected in (("tiny", 1.0), ("orthogonal", 0.0), ("saddle", 0.0), ("unbalanced", 0.0)):
        there = (last(data[f"{name}_descent"])["distance"] <= EPSILON).mean()
        checks.append(near(f"{name}: share of GD's replicates within ε", there, expected, 0.0))
    checks.append(at_most("huge: share of GD's replicates within ε", _share(data["huge_descent"]), 0.5))
    return checks


def _share(data: xr.Dataset) -> float:
    """The share of replicates that end within ε of the balanced optimum."""
    return float((last(data)["distance"] <= EPSILON).mean())


def draw(data: Data) -> Figure:
    """The distance to the balanced optimum against the step, for both methods and every start."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(4.2, 3.3), share_y=True)
    for side, method, title in zip(
        axes[0], ("perturbed", "descent"), ("Perturbed GD", "gradient descent"), strict=True
    ):
        groups = {title: _drawable(data[f"{name}_{method}"]) for name, title in TITLES.items()}
        if method == "perturbed":
            groups["unbalanced, σ decaying"] = _drawable(data["decaying"])
        eq.plots.draw_paths(side, groups, "distance", logarithmic="y")
        side.set_title(title)
    return figure


def _drawable(data: xr.Dataset) -> xr.Dataset:
    """The distances with those below 1e-3 raised to 1e-3; only GD and decaying noise come that near."""
    return data.assign(distance=data["distance"].clip(1e-3, keep_attrs=True))


def judge(data: Data) -> Judgement:
    """All replicates stay within ε from every start."""
    late = [eq.analysis.since(d, int(0.75 * int(d["step"][-1]))) for d in (data[f"{n}_perturbed"] for n in starts())]
    farthest = max(largest(d["distance"]) for d in late)
    return judged(
        at_most("largest distance from then on", farthest, EPSILON),
        f"From {len(late)} starts, the largest distance from then on is {farthest:.2g}, and ε = {EPSILON}.",
    )


CLAIM = Claim(
    id="theorem1",
    source="Theorem 1, Section 3",
    statement="With balanced noise, Perturbed GD at rank 1 comes within ε of ±(u*, v*) from any start and stays "
    "there: tiny, huge, orthogonal to the signal, exactly at the saddle, very unbalanced. GD does not. At constant "
    "σ the limit is √(1−σ²)(u*, v*); with a decaying σ the bias goes.",
    printed=Printed(
        "From any start, with probability at least 1 − δ, ‖x − u*‖ ≤ ε and ‖y − v*‖ ≤ ε for all "
        "t₁ ≤ t ≤ T₁ = O(1/η²), where t₁ = O(η⁻¹σ⁻² log(1/η) log(1/δ)), for small enough σ and η.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"ε = {EPSILON} at the noise of Figure 2 (σ² = {SIGMA_SQUARED:g}, of which the bias takes 0.054) and "
    f"{EPSILON_DECAYED} with σ decaying to 0 along a cosine over the last third of the run; step size {STEP_SIZE}; "
    "'from then on' is the last quarter of the run.",
)
