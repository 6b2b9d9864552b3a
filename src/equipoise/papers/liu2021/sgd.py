"""Section 6: the noise of SGD, on minibatches and on labels, beside that of Perturbed GD."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed, generator
from equipoise.papers.liu2021.shared.seeds import Offset, Stream
from equipoise.papers.liu2021.shared.small import (
    SHAPE,
    SIGMA_SQUARED,
    UNIT_X,
    UNIT_Y,
    biased,
    difference,
    ensemble,
    instance,
    perturbed,
    start,
)
from equipoise.papers.machinery.check import Check, Data, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged, undecided

BATCH = 16
LABEL_STD, FIXED_STD = 0.2, 0.1
STEP_SIZES = np.array([0.08, 0.056, 0.04])
MISFIT_STEP_SIZE = 0.1
START = (2**0.5, 0.5**0.5)
"""x = √2 u*, y = v*/√2, on the valley at balance 2."""
OFF_VALLEY = (1.0, 0.5)
"""x = u*, y = v*/2, where the residual is not 0."""
NOISE_GONE = 1e-12
"""The loss below which the noise of minibatches is gone."""


def run(quick: bool, seed: int) -> Data:
    """Perturbed GD and SGD with noisy labels at three step sizes; SGD on minibatches of an exact and of a noisy M."""
    replicates = 10 if quick else 50
    exact, noisy = instance(), instance(fixed_noise(seed))
    relaxed = 5.0 / (2 * STEP_SIZES * SIGMA_SQUARED)
    misfit = 8.0 / rate(MISFIT_STEP_SIZE, (SHAPE[0] * SHAPE[1] / BATCH - 1) * FIXED_STD**2)
    data = {
        "perturbed": _by_size(biased(exact, 0.0), perturbed, relaxed, replicates, seed, 0),
        "labels": _by_size(exact, _with_labels, 6.0 / rate(STEP_SIZES), replicates, seed, 3),
    }
    for number, (name, problem, first, size, steps) in enumerate(
        (("batches", exact, OFF_VALLEY, STEP_SIZES[0], 1000.0), ("misfit", noisy, START, MISFIT_STEP_SIZE, misfit)), 6
    ):
        own = further_seed(seed, Offset.SGD, number)
        data[name] = _ran(problem, batches(size, 0.0), first, steps, replicates, own)
    data["misfit"] = data["misfit"].assign_attrs(predicted=predicted_of_misfit(seed))
    return data


def batches(step_size: float, label_std: float) -> Any:
    """SGD on minibatches, with fresh noise on their labels."""
    plain = eq.dynamics.GradientDescent(step_size)
    return eq.dynamics.Minibatch(eq.dynamics.LabelNoise(plain, label_std), BATCH)


def _with_labels(step_size: float) -> Any:
    return batches(step_size, LABEL_STD)


def fixed_noise(seed: int) -> np.ndarray:
    """The noise that stays on the labels."""
    return FIXED_STD * generator(seed, Stream.LABELS).standard_normal(SHAPE)


def _by_size(problem: Any, method: Any, steps: np.ndarray, replicates: int, seed: int, first: int) -> xr.Dataset:
    """An ensemble from the valley for each step size, in the share of its length."""
    runs = [
        _ran(problem, method(size), START, length, replicates, further_seed(seed, Offset.SGD, first + number))
        for number, (size, length) in enumerate(zip(STEP_SIZES, steps, strict=True))
    ]
    counts = [int(one["step"][-1]) for one in runs]
    shared = [one.assign_coords(step=np.linspace(0, 1, one.sizes["step"])).rename(step="part") for one in runs]
    joined = xr.concat(shared, xr.DataArray(STEP_SIZES, dims="step_size", name="step_size"), combine_attrs="override")
    return joined.assign_coords(steps=("step_size", counts))


def _ran(problem: Any, method: Any, first: tuple[float, float], steps: float, replicates: int, seed: int) -> xr.Dataset:
    """An ensemble recorded at about 100 steps."""
    every = max(1, round(steps / 100))
    return ensemble(problem, method, start(*first), steps=100 * every, every=every, replicates=replicates, seed=seed)


VARIANCE = SHAPE[0] * SHAPE[1] / BATCH * LABEL_STD**2
"""v, the variance of each entry of G, the noise on the gradient with respect to xyᵀ: (N/b) std²."""


def rate(step_size: Any, variance: float = VARIANCE) -> Any:
    """The rate per step at which noisy labels restore their balance, near it: 2η²v d1 d2/(d1 + d2).

    E[ΔD] = η²v(d1‖y‖² − d2‖x‖²) for D = ‖x‖² − ‖y‖² where the residual is 0; so they end at √(d1/d2).
    """
    return 2 * step_size**2 * variance * SHAPE[0] * SHAPE[1] / sum(SHAPE)


def predicted_of_misfit(seed: int) -> float:
    """The balance at which the noise of minibatches moves nothing on average: √(Σ R²ᵢⱼ v²ⱼ / Σ R²ᵢⱼ u²ᵢ).

    R is the residual at the minimum, u and v the first singular vectors of the noisy M. There E‖Gy‖² = E‖Gᵀx‖².
    """
    left, values, right = np.linalg.svd(UNIT_X @ UNIT_Y.T + fixed_noise(seed))
    squares = (left[:, 1:] * values[1:] @ right[1 : SHAPE[0]]) ** 2
    return float((squares.sum(axis=0) @ right[0] ** 2 / (squares.sum(axis=1) @ left[:, 0] ** 2)) ** 0.5)


def steps_until(data: xr.Dataset, value: float) -> np.ndarray:
    """For each step size the number of steps after which the mean of D falls to `value`; D at the start is 1.5."""
    found = []
    for size in data["step_size"]:
        one = data.sel(step_size=size)
        falling = np.minimum.accumulate(difference(one).values)
        found.append(np.interp(-value, -falling, one["part"] * one["steps"]))
    return np.array(found)


def settled(data: xr.Dataset, along: str) -> float:
    """The balance over the last quarter of the run, averaged over replicates."""
    late = data["balance"].isel({along: slice(3 * data.sizes[along] // 4, None)})
    return float(late.mean(skipna=False))


def exponents(data: Data) -> tuple[float, float]:
    """The exponents in η of the steps in which Perturbed GD halves D, and noisy labels bring it to 0."""
    by_noise, by_labels = steps_until(data["perturbed"], 0.75), steps_until(data["labels"], 0.0)
    laws = (eq.analysis.power_law(STEP_SIZES, steps) for steps in (by_noise, by_labels))
    first, second = (law.exponent.estimate for law in laws)
    return first, second


def gone(data: Data) -> float:
    """The largest loss at the end of SGD on minibatches of an M that can be fitted exactly."""
    return largest(data["batches"]["loss"].isel(step=-1))


def check(data: Data) -> list[Check]:
    """Balance 1 after ∝ 1/η steps, √(d1/d2) after ∝ 1/η² steps, and what the start set where no noise is left."""
    by_noise, by_labels = exponents(data)
    smallest = {name: data[name].isel(step_size=-1) for name in ("perturbed", "labels")}
    kept = OFF_VALLEY[0] ** 2 - OFF_VALLEY[1] ** 2
    predicted = (kept + (kept**2 + 4) ** 0.5) / 2  # p − 1/p = D
    end = data["batches"]["balance"].isel(step=-1)
    misfit, expected = settled(data["misfit"], "step"), data["misfit"].attrs["predicted"]
    return [
        near("Perturbed GD: balance", settled(smallest["perturbed"], "part"), 1.0, 0.05),
        near("noisy labels: balance", settled(smallest["labels"], "part"), (SHAPE[0] / SHAPE[1]) ** 0.5, 0.04),
        near("Perturbed GD: exponent of the steps in η", by_noise, -1.0, 0.4),
        near("noisy labels: exponent of the steps in η", by_labels, -2.0, 0.4),
        at_most("minibatches of an exact M: largest loss at the end", gone(data), NOISE_GONE),
        near("minibatches of an exact M: balance at the end", end.mean(skipna=False), predicted, 0.03),
        near("minibatches of a noisy M: balance over its prediction", misfit / expected, 1.0, 0.12),
    ]


def judge(data: Data) -> Judgement:
    """Whether the noise of SGD depends on the iterate is measured; how close a close variant is, is not printed."""
    labels = settled(data["labels"].isel(step_size=-1), "part")
    ours = settled(data["perturbed"].isel(step_size=-1), "part")
    kept = float(data["batches"]["balance"].isel(step=-1).mean())
    return jointly(
        judged(
            at_most("loss at the end of SGD on minibatches of an exact M, largest", gone(data), NOISE_GONE),
            f"SGD on minibatches of an exact M ends at a loss of {gone(data):.1e}, and where the loss is 0 its "
            "gradient has no noise.",
        ),
        undecided(
            "balance at the end of SGD with noisy labels",
            labels,
            f"It is not printed what a close variant shares: SGD ends at balance {labels:.2f} with noisy labels, and "
            f"at {kept:.2f}, which its start set, on an exact M, where Perturbed GD ends at {ours:.2f}.",
        ),
    )


TITLES = {
    "perturbed": "Perturbed GD",
    "labels": "SGD, noisy labels",
    "batches": "SGD, exact M",
    "misfit": "SGD, noisy M",
}


def draw(data: Data) -> Figure:
    """The balance along the runs, and the steps to a given part of the way against the step size."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(4.2, 3.2))
    shown: dict[str, Any] = {}
    for name, title in TITLES.items():
        one = data[name]
        if "part" in one.dims:
            one = one.isel(step_size=-1)
            one = one.assign_coords(part=one["part"] * int(one["steps"])).rename(part="step")
        one["step"].attrs.update(long_name="step", formula="t", units="1")
        shown[title] = one["balance"]
    eq.plots.draw_paths(axes[0, 0], shown, logarithmic="y")
    axes[0, 0].set_xlim(0, 4000)
    for number, (name, value) in enumerate((("perturbed", 0.75), ("labels", 0.0))):
        steps = steps_until(data[name], value)
        exponent = eq.analysis.power_law(STEP_SIZES, steps).exponent.estimate
        label = f"{TITLES[name]}: ∝ η^{exponent:.2f}"
        axes[0, 1].plot(STEP_SIZES, steps, "os"[number] + "-", color=eq.plots.PALETTE[number], label=label)
    axes[0, 1].set(xscale="log", yscale="log", xlabel="step size η", ylabel="steps until ‖x‖² − ‖y‖² is 0.75, or 0")
    eq.plots.add_legend(axes[0, 1])
    return figure


CLAIM = Claim(
    id="sgd",
    shares="biasedgradient",
    source="Section 6, Connections to SGD, Related Literature",
    statement="SGD and Perturbed GD end at different balances. With noise on the labels SGD ends at √(d1/d2), "
    "in a number of steps that grows as 1/η², not 1/η. On minibatches of an M that can be fitted exactly "
    "its noise dies with the residual, and the balance stays as the start set it. If M cannot be fitted, the noise "
    "of the minibatches leads near √(d1/d2) too.",
    printed=Printed(
        "Perturbed GD can be viewed as a close variant of SGD, whose noise depends heavily on the iterate.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"The paper gives no experiment. Our instance: u* and v* with equal entries, d1 = {SHAPE[0]}, "
    f"d2 = {SHAPE[1]}; minibatches of {BATCH} of the {SHAPE[0] * SHAPE[1]} entries; labels with fresh noise of "
    f"standard deviation {LABEL_STD:g}, or fixed noise of {FIXED_STD:g}; Perturbed GD with balanced noise, σ² = "
    f"{SIGMA_SQUARED:g}. Starts: balance 2 on the valley; x = u*, y = v*/2 for the exact M. Predictions: E[ΔD] = "
    "η²(E‖Gy‖² − E‖Gᵀx‖²) for D = ‖x‖² − ‖y‖² and the gradient matrix G, "
    "which is 0 at ‖x‖/‖y‖ = √(d1/d2) for independent noise on the entries.",
)
