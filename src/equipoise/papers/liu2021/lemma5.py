"""Lemma 5: Perturbed GD leaves the saddle, and stays away from it."""

from typing import Any

import numpy as np
import xarray as xr

import equipoise as eq
from equipoise.core.seeds import further_seed
from equipoise.papers.liu2021.shared.seeds import Offset
from equipoise.papers.liu2021.shared.settings import SIGMA_SQUARED, descent, ensemble, instance, last, perturbed
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, judged

STEP_SIZE = 1e-2


def run(quick: bool, seed: int) -> Data:
    """Perturbed GD and GD from the saddle itself, from a point orthogonal to the signal, and from beside the saddle."""
    starts = {
        "saddle": eq.initial.Saddle(),
        "orthogonal": eq.initial.OrthogonalToSignal(0.3),
        "tiny": eq.initial.Gaussian(1e-6),
    }
    methods = {"perturbed": perturbed(STEP_SIZE), "descent": descent(STEP_SIZE)}
    steps, replicates, every = (4_000, 10, 10) if quick else (8_000, 50, 40)
    size: dict[str, Any] = {"steps": steps, "replicates": replicates, "every": every}
    return {
        f"{start}_{name}": ensemble(instance(1), method, init, seed=further_seed(seed, Offset.LEMMA5, number), **size)
        for number, (start, init) in enumerate(starts.items())
        for name, method in methods.items()
    }


def escape(data: xr.Dataset) -> xr.DataArray:
    """The first step at which xᵀMy exceeds ¼, for each replicate."""
    return eq.analysis.first_passage(data["alignment"], above=0.25)


def check(data: Data) -> list[Check]:
    """Every replicate passes ¼, at a time of order 1/η up to logarithms, and stays above from then on."""
    checks = []
    for start in ("saddle", "orthogonal", "tiny"):
        noisy = data[f"{start}_perturbed"]
        steps = escape(noisy)
        slowest = 0 if bool(steps.isnull().any()) else int(steps.max())
        after = eq.analysis.since(noisy, slowest + round(2 / STEP_SIZE))["alignment"]
        order = np.log(1 / STEP_SIZE) / (STEP_SIZE * SIGMA_SQUARED)
        checks += [
            near(f"{start}: share of replicates that pass ¼", float(steps.notnull().mean()), 1.0, 0.0),
            at_most(f"{start}: slowest escape, in units of log(1/η)/(ησ²)", slowest / order, 1.0),
            at_least(f"{start}: smallest xᵀMy from 2/η steps after that", smallest(after), 0.25),
        ]
    for start in ("saddle", "orthogonal"):
        checks.append(
            near(f"{start}: xᵀMy at the end of GD", largest(abs(last(data[f"{start}_descent"])["alignment"])), 0, 1e-9)
        )
    return checks


def judge(data: Data) -> Judgement:
    """xᵀMy is above ¼ from the printed time on."""
    order = round(np.log(1 / STEP_SIZE) / (STEP_SIZE * SIGMA_SQUARED))
    runs = [data[f"{start}_perturbed"] for start in ("saddle", "orthogonal", "tiny")]
    least = min(smallest(eq.analysis.since(d, order)["alignment"]) for d in runs)
    return judged(
        at_least("smallest xᵀMy from log(1/η)/(ησ²) steps on", least, 0.25),
        f"From log(1/η)/(ησ²) steps on the smallest xᵀMy is {least:.2g}.",
    )


CLAIM = Claim(
    id="lemma5",
    shares="theorem1",
    source="Lemma 5, Section 3 (Phase I)",
    statement="Perturbed GD leaves the neighbourhood of the saddle from anywhere: after some time xᵀMy ≥ 1/4, and "
    "stays so. GD at the saddle, or with no part on the signal, stays where xᵀMy = 0.",
    printed=Printed(
        "With probability at least 1 − δ, xᵀMy ≥ 1/4 from τ₂ = O(η⁻¹σ⁻² log(1/η) log(1/δ)) to T₁ = O(1/η²).",
        judge,
    ),
    run=run,
    check=check,
    choices=f"Step size {STEP_SIZE}, the noise of Figure 2; 'after some time' is 2/η steps after the slowest escape "
    "among the replicates.",
)
