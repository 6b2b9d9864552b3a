"""Section 5 at rank 10: the balance of the noise decides, also where it is not 1."""

import dataclasses
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed
from equipoise.papers.liu2021.shared.seeds import Offset
from equipoise.papers.liu2021.shared.settings import FEW_OBSERVABLES, SHAPE, STD_Y, instance, last, perturbed
from equipoise.papers.machinery.check import Check, Data, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, judged

RANK = 10
TOLERANCE = 0.025
"""How near to 1 the median of balance/γ must be; the finite step size takes 0.01 of it at γ = 2."""


@dataclasses.dataclass(frozen=True)
class Setting:
    """γ, the standard deviation of the start, the step sizes, and how to call it."""

    gamma: float
    start_std: float
    step_size: Any
    label: str


SETTINGS = {
    "low": Setting(0.5**0.5, 1e-1, 1e-2, "γ² = 0.5\nlarge start"),
    "high": Setting(2.0, 1e-2, 1e-2, "γ = 2\nsmall start"),
    "uneven": Setting(2.0, 1e-1, (5e-3, 1e-2), "γ = 2\nuneven steps"),
}


def run(quick: bool, seed: int) -> Data:
    """One ensemble of Perturbed GD for each setting."""
    steps, replicates = (4_000, 10) if quick else (10_000, 100)
    return {
        name: _ran(setting, steps, replicates, further_seed(seed, Offset.SECTION5, number))
        for number, (name, setting) in enumerate(SETTINGS.items())
    }


def _ran(setting: Setting, steps: int, replicates: int, seed: int) -> xr.Dataset:
    """The recorded paths, and two numbers of the final factors of each replicate."""
    run = eq.simulate(
        instance(RANK),
        perturbed(setting.step_size, gamma=setting.gamma),
        eq.initial.Gaussian(setting.start_std),
        seed=seed,
        steps=steps,
        replicates=replicates,
        record=eq.Record(100, FEW_OBSERVABLES),
        progress=False,
    )
    x, y = (np.asarray(w) for w in run.theta)
    gram_x, gram_y = (np.einsum("kir,kis->krs", w, w) for w in (x, y))
    gap = np.linalg.norm(gram_x - setting.gamma**2 * gram_y, axis=(1, 2)) / np.linalg.norm(gram_x, axis=(1, 2))
    on_signal = np.einsum("kir,kir->k", x[:, :RANK], y[:, :RANK]) / RANK
    formula = "‖XᵀX − γ²YᵀY‖/‖XᵀX‖"
    return run.dataset.assign(
        gap=("replicate", gap, {"long_name": "relative matrix gap at the end", "formula": formula, "units": "1"}),
        on_signal=("replicate", on_signal, {"long_name": "mean entry of U*ᵀXYᵀV* on its diagonal", "units": "1"}),
    ).assign_attrs(gamma=setting.gamma, label=setting.label)


def ratios(data: Data) -> dict[str, xr.DataArray]:
    """The balance at the end over γ, by setting."""
    return {name: last(d)["balance"] / d.attrs["gamma"] for name, d in data.items()}


def check(data: Data) -> list[Check]:
    """The median balance is γ, every direction has it, and the product is lowered as Theorem 2 says."""
    checks = []
    for name, ratio in ratios(data).items():
        lowered = 1 - data[name].attrs["gamma"] * SHAPE[1] * STD_Y**2
        checks += [
            near(f"{name}: median balance over γ", ratio.median(), 1.0, TOLERANCE),
            near(f"{name}: mean singular value on the signal", data[name]["on_signal"].mean(), lowered, 0.02),
        ]
    gap = max(largest(d["gap"]) for d in data.values())
    return [*checks, at_most("largest ‖XᵀX − γ²YᵀY‖ over ‖XᵀX‖ at the end", gap, 0.15)]


def judge(data: Data) -> Judgement:
    """By the median of balance/γ in the setting where it is farthest from 1."""
    medians = {name: float(ratio.median()) for name, ratio in ratios(data).items()}
    name = max(medians, key=lambda key: abs(medians[key] - 1))
    gamma, count = data[name].attrs["gamma"], data[name].sizes["replicate"]
    return judged(
        near("median balance over γ, in the setting farthest from 1", medians[name], 1.0, TOLERANCE),
        f"Over {len(data)} settings with γ ≠ 1 the median of balance/γ is farthest from 1 at γ = {gamma:.3g}, with "
        f"{medians[name]:.4f} over {count} replicates.",
    )


def draw(data: Data) -> Figure:
    """Box plots of the balance over γ at the last step."""
    figure, axes = eq.plots.new_figure(1, 1, panel=(5.2, 3.4))
    label = {"long_name": "balance at the end over γ", "formula": "‖X‖/(γ‖Y‖)", "units": "1"}
    shown = {data[name].attrs["label"]: ratio.assign_attrs(label) for name, ratio in ratios(data).items()}
    eq.plots.draw_boxes(axes[0, 0], shown, expected=1.0)
    return figure


CLAIM = Claim(
    id="section5",
    shares="figure3",
    source="Section 5, Rank-10 Matrix Factorization",
    statement="At rank 10 Perturbed GD ends at the balance γ of its noise for γ = √0.5 and γ = 2 as well, from small "
    "and large starts and with uneven steps; every direction has that balance, and the singular values are lowered by "
    "γσ² as Theorem 2 says.",
    printed=Printed(
        "At rank 10 Perturbed GD always converges to the γ-balanced optima, whatever the start; the noise decides "
        "their balance.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="The text speaks of γ-balanced noise, but Figure 3 shows γ = 1 alone. Chosen: γ = √0.5, as in Figure 2 "
    "(g), and γ = 2, with std_y = 0.05 and the starts and step sizes of Figure 3; 10 000 steps (quick: 4 000). "
    f"'Converges' is read as a median within {TOLERANCE:.1%} of γ: the finite "
    "step size takes about 0.01 of it at γ = 2, and the quick form is not quite settled.",
)
