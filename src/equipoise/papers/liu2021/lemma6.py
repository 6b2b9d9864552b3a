"""Lemma 6: the loss falls to the level that the noise sets."""

import numpy as np
import xarray as xr

import equipoise as eq
from equipoise.core.seeds import further_seed
from equipoise.papers.liu2021.shared.seeds import Offset
from equipoise.papers.liu2021.shared.settings import SHAPE, ensemble, instance, perturbed
from equipoise.papers.machinery.check import Check, Data, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, judged

START = 0.5
EPSILON_PER_VARIANCE = 2.0


def run(quick: bool, seed: int) -> Data:
    """A grid of noise levels at one small step size, and of step sizes at one noise level, from xᵀMy = ¼."""
    variances = np.array([0.08, 0.04, 0.02])
    sizes = np.array([1e-2, 5e-3, 2.5e-3])
    fine = 5e-3 if quick else 5e-4
    return {
        "by_noise": _grid([(fine, v) for v in variances], "variance", variances, quick, seed),
        "by_step_size": _grid([(s, 0.04) for s in sizes], "step_size", sizes, quick, seed),
    }


def _grid(settings: list[tuple[float, float]], name: str, values: np.ndarray, quick: bool, seed: int) -> xr.Dataset:
    """Ensembles over 30/η steps, in time ηt, with ‖xyᵀ − M‖_F = √(2 loss)."""
    point = tuple(np.eye(d, 1) * START for d in SHAPE)
    runs = []
    for number, (size, variance) in enumerate(settings):
        std_y = (variance / SHAPE[1]) ** 0.5
        every = round(0.1 / size)
        ran = ensemble(
            instance(1),
            perturbed(size, std_y=std_y),
            eq.initial.Given(point),
            steps=300 * every,
            replicates=10 if quick else 50,
            seed=further_seed(seed, Offset.LEMMA6, number),
            every=every,
        )
        runs.append(ran.assign_coords(step=("step", 0.1 * np.arange(301))).rename(step="time"))
    joined = xr.concat(runs, xr.DataArray(values, dims=name, name=name), combine_attrs="override")
    attributes = {"long_name": "residual", "formula": "‖xyᵀ − M‖", "units": "1"}
    return joined.assign(residual=((2 * joined["loss"]) ** 0.5).assign_attrs(attributes))


def check(data: Data) -> list[Check]:
    """The residual falls below ε ∝ σ² and stays there; it is proportional to σ²; the time to it is ∝ 1/η."""
    late = data["by_noise"]["residual"].isel(time=slice(150, None))
    variance = late["variance"]
    law = eq.analysis.power_law(variance, late.mean(("replicate", "time"), skipna=False))
    arrived = data["by_step_size"]["residual"].rename(time="step")
    steps = eq.analysis.first_passage(arrived, below=0.1).median("replicate")
    spread = float(steps.max() / steps.min())
    return [
        at_most("largest residual from then on, over σ²", largest(late / variance), EPSILON_PER_VARIANCE),
        near("exponent of the residual in σ²", law.exponent.estimate, 1.0, 0.1),
        near("slowest over fastest arrival in time ηt, over η", spread, 1.0, 0.15),
    ]


def judge(data: Data) -> Judgement:
    """The residual stays below ε ∝ σ²."""
    late = data["by_noise"]["residual"].isel(time=slice(150, None))
    worst = largest(late / late["variance"])
    return judged(
        at_most("largest residual from then on, over σ²", worst, EPSILON_PER_VARIANCE),
        f"The residual is at most {worst:.2g}σ² from then on, and ε is taken as {EPSILON_PER_VARIANCE:g}σ².",
    )


CLAIM = Claim(
    id="lemma6",
    shares="theorem1",
    source="Lemma 6, Section 3 (Phase II)",
    statement="From xᵀMy ≥ 1/4 on, ‖xyᵀ − M‖ falls below ε and stays there, for noise with σ² of the order of ε, "
    "within a number of steps of the order of 1/η.",
    printed=Printed(
        "While xᵀMy ≥ 1/4, ‖xyᵀ − M‖ ≤ ε with probability at least 1 − δ from τ₃ = O(η⁻¹ log(1/σ) log(1/δ)) to "
        "T₁ = O(1/η²), for σ of the order of √ε.",
        judge,
    ),
    run=run,
    check=check,
    choices=f"Started at x = y = {START}, where xᵀMy = 1/4. ε is taken as {EPSILON_PER_VARIANCE:g}σ²; 'then' is "
    "time ηt = 15; arrival is the first residual below 0.1 at σ² = 0.04.",
)
