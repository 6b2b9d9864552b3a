"""Section 6: the plateau after a decay of the step size."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed
from equipoise.papers.liu2021.shared.seeds import Offset
from equipoise.papers.liu2021.shared.settings import OBSERVABLES, SHAPE, instance, perturbed
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

VARIANCE = 0.01
"""σ²."""
BEFORE, AFTER = 0.1, 0.01
"""The step size before and after the decay."""
STEPS_BEFORE, EVERY_BEFORE, EVERY_AFTER = 100, 5, 20
BALANCES = {"unbalanced": 3.0, "balanced": 1.0}
RAPID = (200, 400)
"""The steps after the decay at which its rapid part is over."""
LATE = 1000
"""The number of steps that counts as the end."""


def run(quick: bool, seed: int) -> Data:
    """Perturbed GD from the valley at balance 3 and at 1: first with large steps, then with small ones."""
    steps, replicates = (12_000, 10) if quick else (20_000, 50)
    return {
        name: _decayed(
            balance, steps if balance > 1 else 3000, replicates, further_seed(seed, Offset.PLATEAU, 2 * number)
        )
        for number, (name, balance) in enumerate(BALANCES.items())
    }


def _decayed(balance: float, steps: int, replicates: int, seed: int) -> xr.Dataset:
    """Both parts as one run."""
    problem, std_y = instance(1), (VARIANCE / SHAPE[1]) ** 0.5
    point = (balance**0.5 * np.eye(SHAPE[0], 1), balance**-0.5 * np.eye(SHAPE[1], 1))
    settings: dict[str, Any] = {"replicates": replicates, "progress": False}
    first = eq.simulate(
        problem,
        perturbed(BEFORE, std_y=std_y),
        eq.initial.Given(point),
        seed=seed,
        steps=STEPS_BEFORE,
        record=eq.Record(EVERY_BEFORE, OBSERVABLES),
        **settings,
    )
    second = eq.simulate(
        problem,
        perturbed(AFTER, std_y=std_y),
        eq.initial.Given(first.theta),
        seed=further_seed(seed, 1),
        steps=steps,
        record=eq.Record(EVERY_AFTER, OBSERVABLES),
        **settings,
    )
    later = second.dataset.assign_coords(step=second.dataset["step"] + STEPS_BEFORE).isel(step=slice(1, None))
    return xr.concat(
        [first.dataset, later],
        "step",
        data_vars="minimal",
        coords="minimal",
        combine_attrs="override",
        compat="override",
    )


def mean_loss(data: xr.Dataset, begin: int, end: int) -> float:
    """The mean loss over replicates and recordings from `begin` to `end` steps after the decay."""
    return float(data["loss"].sel(step=slice(STEPS_BEFORE + begin, STEPS_BEFORE + end)).mean(skipna=False))


def condition_number(data: xr.Dataset) -> xr.DataArray:
    """max(balance², balance⁻²) + 1, the condition number of the Hessian at the minimum of that balance (Lemma 2)."""
    square = data["balance"] ** 2
    return square.where(square > 1, 1 / square) + 1


def factors(data: xr.Dataset) -> tuple[float, float]:
    """By what factor the loss falls in the rapid part, and from there to the end."""
    before, after = mean_loss(data, -STEPS_BEFORE // 2, 0), mean_loss(data, *RAPID)
    length = int(data["step"][-1]) - STEPS_BEFORE
    return before / after, after / mean_loss(data, length - LATE, length)


def condition_numbers(data: xr.Dataset) -> tuple[float, float]:
    """The mean condition number at the decay, and over the last steps."""
    found = condition_number(data)
    end = found.isel(step=slice(-LATE // EVERY_AFTER, None))
    return float(found.sel(step=STEPS_BEFORE).mean(skipna=False)), float(end.mean(skipna=False))


def relative_rate(data: xr.Dataset) -> float:
    """The rate at which the mean of ‖x‖² − ‖y‖² falls after the decay, over 2ησ²."""
    difference = (data["norm_x"] ** 2 - data["norm_y"] ** 2).mean("replicate", skipna=False)
    begin, end = STEPS_BEFORE + RAPID[1], STEPS_BEFORE + 6000
    fallen = float(difference.sel(step=begin, method="nearest") / difference.sel(step=end, method="nearest"))
    return np.log(fallen) / (2 * AFTER * VARIANCE * (end - begin)) if fallen > 0 else np.nan


def check(data: Data) -> list[Check]:
    """The loss falls at once, then slowly as the noise restores the balance; from a balanced start it then stays."""
    first, second = factors(data["unbalanced"])
    control = factors(data["balanced"])
    at_decay, at_end = condition_numbers(data["unbalanced"])
    return [
        at_least("factor by which the loss falls within 200 steps", first, 6.0),
        at_least("factor by which the loss falls from then to the end", second, 1.35),
        near("balanced start: factor by which the loss falls from then to the end", control[1], 1.0, 0.3),
        at_least("balanced start: factor by which the loss falls within 200 steps", control[0], 3.5),
        near("rate of ‖x‖² − ‖y‖² after the decay, over 2ησ²", relative_rate(data["unbalanced"]), 1.0, 0.1),
        at_least("condition number at the decay", at_decay, 5.0),
        at_most("condition number at the end", at_end, 2.6),
    ]


def judge(data: Data) -> Judgement:
    """By the factor of the rapid fall beside that of the slow one, and by the condition number."""
    found = data["unbalanced"]
    first, second = factors(found)
    at_decay, at_end = condition_numbers(found)
    because = (
        f"The loss falls by a factor {first:.1f} within {RAPID[0]} steps and by {second:.2f} in the "
        f"{int(found['step'][-1]) - STEPS_BEFORE - RAPID[0]} steps after, while the condition number goes from "
        f"{at_decay:.2f} to {at_end:.2f}."
    )
    return jointly(
        judged(
            at_least("factor by which the loss falls at the beginning, over that of the rest", first / second, 2),
            because,
        ),
        judged(at_least("condition number at the decay over that at the end", at_decay / at_end, 1.5), because),
        judged(at_most("condition number at the end", at_end, 3.0), because),
    )


def draw(data: Data) -> Figure:
    """Loss and balance against the steps after the decay, with the last steps before it."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(4.2, 3.1))
    groups = {f"{name} start": _smoothed(found) for name, found in data.items()}
    eq.plots.draw_paths(axes[0, 0], groups, "loss", logarithmic="y", band=None)
    eq.plots.draw_paths(axes[0, 1], groups, "balance", logarithmic="y", band=None, expected=1.0)
    for side in axes[0]:
        side.set_xscale("log")
        side.axvline(STEPS_BEFORE, color="black", linestyle=":", linewidth=0.9)
    return figure


def _smoothed(data: xr.Dataset) -> xr.Dataset:
    """The mean over replicates, averaged over a few recordings."""
    mean = (
        data[["loss", "balance"]]
        .mean("replicate", keep_attrs=True)
        .rolling(step=5, min_periods=1)
        .mean(keep_attrs=True)
    )
    mean["step"].attrs.update(long_name="step", formula="t", units="1")
    return mean.isel(step=slice(1, None))


CLAIM = Claim(
    id="plateau",
    shares="theorem1",
    source="Section 6, Sharp/Flat Minima and Phase Transition",
    statement="When the step size is divided by 10 at an unbalanced minimum, the loss falls at once, by about that "
    "factor. Then it falls slowly, over some 1/(2ησ²) steps, while the noise restores the balance and the Hessian "
    "becomes well conditioned. From a balanced start the loss is flat after the first fall, so a plateau alone does "
    "not show that anything is re-adjusted.",
    printed=Printed(
        "After a decay of the step size the loss first decreases rapidly, because there is less noise; then the noise "
        "slowly re-adjusts the landscape, up to a region with benign landscape, which explains the plateau.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"The paper gives no experiment. Rank 1, d1 = 20, d2 = 30, balanced noise with σ² = {VARIANCE:g}, start on "
    f"the valley at balance 3, η = {BEFORE:g} for {STEPS_BEFORE} steps and {AFTER:g} after. 'Rapidly' is read as twice "
    "the factor of all later steps, 'benign' as a condition number max(α⁴, α⁻⁴) + 1 of at most 3, by Lemma 2 from the "
    "balance. Training curves of neural networks are not measured.",
)
