"""The panels of Figures 2 and 3: box plots of the balance at the end of each method."""

import dataclasses
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed
from equipoise.papers.liu2021.shared.bands import draw_bands
from equipoise.papers.liu2021.shared.seeds import Offset
from equipoise.papers.liu2021.shared.settings import STD_Y, descent, ensemble, instance, last, perturbed
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, jointly, judged

HEIGHT = 0.01
"""The largest height of a box of GD from a small start."""

CONVERGED = 0.05
"""How far from its value a balance may be, relatively, and count as converged: the paper says no tolerance."""


def tolerance(replicates: int) -> float:
    """The tolerance for a median: 0.005 for finite steps and runs, and the noise of the median; 1% for 100 replicates.

    The balance of a replicate has standard deviation below 0.007, so 0.05/√n is more than 5 standard errors of a
    median.
    """
    return 0.005 + 0.05 / replicates**0.5


@dataclasses.dataclass(frozen=True)
class Panel:
    """One box: its letter, its run, and the expected median (NaN where the paper only says "wide")."""

    letter: str
    label: str
    dynamics: Any
    start_std: float
    expected: float


def panels() -> tuple[Panel, ...]:
    """Perturbed GD in (a), (b), (c) and (g), GD in (d), (e) and (f), as in Liu et al. (2021), Section 5."""
    uneven = (5e-3, 1e-2)
    unbalanced = eq.dynamics.PerturbedGD((1e-2, 1e-2), eq.noise.Gaussian((0.75**0.5 * STD_Y, STD_Y)))
    return (
        Panel("a", "small start", perturbed(1e-2), 1e-2, 1.0),
        Panel("b", "large start", perturbed(1e-2), 1e-1, 1.0),
        Panel("c", "uneven steps", perturbed(uneven), 1e-2, 1.0),
        Panel("d", "small start", descent(1e-2), 1e-2, 1.0),
        Panel("e", "large start", descent(1e-2), 1e-1, float("nan")),
        Panel("f", "uneven steps", descent(uneven), 1e-2, 0.5**0.5),
        Panel("g", "γ² = 0.5 noise", unbalanced, 1e-2, 0.5**0.5),
    )


def run_panels(
    rank: int, letters: str, offset: Offset, *, seed: int, steps: int, replicates: int
) -> dict[str, xr.Dataset]:
    """One ensemble for each letter, each with its own seed, from `offset` on."""
    problem = instance(rank)
    data = {}
    for number, panel in enumerate(panels()):
        if panel.letter in letters:
            start = eq.initial.Gaussian(panel.start_std)
            own = further_seed(seed, offset, number)
            ran = ensemble(problem, panel.dynamics, start, seed=own, steps=steps, replicates=replicates)
            data[panel.letter] = ran.assign_attrs(
                panel=panel.letter, label=panel.label, expected=panel.expected, rank=rank
            )
    return data


def spread(balance: xr.DataArray) -> float:
    """The height of the box: the distance between the quartiles."""
    low, high = np.quantile(balance, [0.25, 0.75])
    return float(high - low)


def predicted_balance(data: xr.Dataset, rank: int) -> xr.DataArray:
    """The balance at the end of gradient flow from each start, if every direction shares D equally.

    Gradient flow keeps D = ‖X‖² − ‖Y‖². For XYᵀ = M with `rank` unit singular values, ‖X‖‖Y‖ = rank, so n = ‖X‖² solves
    n(n − D) = rank².
    """
    start = data.isel(step=0)
    difference = start["norm_x"] ** 2 - start["norm_y"] ** 2
    square = (difference + np.sqrt(difference**2 + 4 * rank**2)) / 2
    return square / rank


def check_panels(data: Data) -> list[Check]:
    """Each median is as expected; GD's spread follows from its start, and is far wider than under noise."""
    balances = {letter: last(d)["balance"] for letter, d in data.items()}
    checks = [
        near(f"{letter}: median balance", np.median(end), data[letter].attrs["expected"], tolerance(end.size))
        for letter, end in balances.items()
        if np.isfinite(data[letter].attrs["expected"])
    ]
    rank = int(data["e"].attrs["rank"])
    unexplained = largest(abs(balances["e"] - predicted_balance(data["e"], rank)))
    checks.append(at_most("d: height of the box", spread(balances["d"]), HEIGHT))
    checks.append(at_most("b: standard deviation over e's", balances["b"].std() / balances["e"].std(), 0.5))
    checks.append(at_most("e: largest departure from what the start predicts", unexplained, 2e-3))
    return checks


def judge_panels(data: Data) -> Judgement:
    """Every replicate of Perturbed GD is at the balance of its noise; those of GD scatter from large starts."""
    ends = {letter: last(d)["balance"] for letter, d in data.items()}
    away = {k: largest(abs(end / data[k].attrs["expected"] - 1)) for k, end in ends.items() if k != "e"}
    noisy = [k for k in "abcg" if k in ends]
    worst = max(away[k] for k in noisy)
    wider = float(ends["e"].std() / ends["b"].std())
    count = sum(ends[k].size for k in noisy)
    return jointly(
        judged(
            at_most("Perturbed GD: largest relative distance of a balance from γ", worst, CONVERGED),
            f"All {count} replicates of Perturbed GD end within {worst:.1%} of γ; {CONVERGED:.0%} counts as there.",
        ),
        judged(
            at_most(
                "d and f: largest relative distance of a balance from 1, or √0.5", max(away["d"], away["f"]), CONVERGED
            ),
            f"GD ends within {away['d']:.1%} of balance 1 in (d), and within {away['f']:.1%} of √0.5 in (f).",
        ),
        judged(
            at_least("standard deviation of the balance in e over that in b", wider, 2.0),
            f"From the large start the balance of GD has {wider:.2g} times the standard deviation of Perturbed GD's.",
        ),
    )


def draw_panels(data: Data) -> Figure:
    """Box plots of the balance at the last step: Perturbed GD on the left, with predicted boxes, GD on the right."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(4.2, 3.4), share_y=True)
    for side, letters, title in zip(axes[0], ("abcg", "def"), ("Perturbed GD", "gradient descent"), strict=True):
        shown = {f"({k}) {data[k].attrs['label']}": data[k] for k in letters if k in data}
        expected = {name: d.attrs["expected"] for name, d in shown.items() if np.isfinite(d.attrs["expected"])}
        eq.plots.draw_boxes(side, shown, "balance", expected=expected)
        draw_bands(side, [_predicted(letter, int(data[letter].attrs["rank"])) for letter in letters if letter in data])
        side.set_title(title)
    return figure


def _predicted(letter: str, rank: int) -> tuple[float, float] | None:
    """The mean and the standard deviation of Perturbed GD's balance by the stationary law; None for GD."""
    dynamics = next(panel.dynamics for panel in panels() if panel.letter == letter)
    if not isinstance(dynamics, eq.dynamics.PerturbedGD):
        return None
    law = eq.theory.stationary_law(instance(rank), dynamics)
    return law.balance, law.balance_std


CHOICES = (
    "The number of steps, open in the paper, is {full} (quick: {quick}); the balance forgets its start at the rate "
    "2ησ² = 0.0015 per step, so nothing changes after some 5000. Each box has a seed of its own. GD in (e) has no "
    "printed value: its spread is compared with (b)'s, and each replicate with what its start predicts."
)
