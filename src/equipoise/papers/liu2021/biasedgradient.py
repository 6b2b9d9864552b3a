"""Section 6: the gradient of Perturbed GD is biased, and it is the bias that restores the balance."""

from typing import Any

import jax
import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import further_seed, generator
from equipoise.papers.liu2021.shared.seeds import Offset, Stream
from equipoise.papers.liu2021.shared.small import (
    NOISE_STDS,
    SHAPE,
    SIGMA_SQUARED,
    biased,
    difference,
    ensemble,
    instance,
    perturbed,
    start,
)
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

STEP_SIZES = np.array([0.04, 0.02, 0.01])
VARIANTS: dict[str, tuple[float, bool]] = {"both": (0.0, True), "bias": (1.0, False), "noise": (-1.0, True)}
"""The share of the bias that is added to F, and whether there is noise."""
TITLES = {"both": "Perturbed GD", "bias": "its bias alone", "noise": "its noise alone"}
TIMES = 1.0
"""The length of the runs in time ησ²t."""
BATCH = 4
SIGNIFICANT = 5.0
"""In standard errors."""


def run(quick: bool, seed: int) -> Data:
    """Single gradients at a point; and paths from balance 4 with noise and bias, with one, and with the other."""
    return {"estimators": _estimators(4000 if quick else 20_000, seed), "paths": _paths(10 if quick else 50, seed)}


def _estimators(count: int, seed: int) -> xr.Dataset:
    """The part along x of ∇F(θ + ξ) − ∇F(θ), and of the gradient of a minibatch less ∇F(θ), for many draws.

    That of the noise is averaged over ξ and −ξ, which cancels what is linear in ξ.
    """
    random = generator(seed, Stream.ESTIMATOR)
    point = tuple(0.3 * random.standard_normal((d, 1)) for d in SHAPE)
    noise = [std * random.standard_normal((count, *array.shape)) for std, array in zip(NOISE_STDS, point, strict=True)]
    points = SHAPE[0] * SHAPE[1]
    chosen = np.argsort(random.random((count, points)), axis=1)[:, :BATCH]
    problem = instance()
    with eq.numerics():
        plain = problem.gradient(point)[0]
        gradient = jax.jit(jax.vmap(lambda *theta: problem.gradient(theta)[0]))
        by_noise = sum(gradient(*(w + sign * z for w, z in zip(point, noise, strict=True))) for sign in (1, -1)) / 2
        by_batch = jax.jit(jax.vmap(lambda indices: problem.batch(indices).gradient(point)[0]))(chosen)
    along = {"long_name": "error of ∂F/∂x along x, over ‖x‖", "units": "1"}
    x = point[0][:, 0]
    parts = [np.asarray(found - plain)[..., 0] @ x / (x @ x) for found in (by_noise, by_batch)]
    return xr.Dataset(
        {"error": (("by", "draw"), np.array(parts), along)}, {"by": ["perturbed", "minibatch"]}, {"batch": BATCH}
    )


def _paths(replicates: int, seed: int) -> xr.Dataset:
    """Loss and balance of each variant at each step size, in time ησ²t."""
    number, rows = 0, []
    for share, noisy in VARIANTS.values():
        row = []
        for size in STEP_SIZES:
            every = round(0.05 / (size * SIGMA_SQUARED))
            own = further_seed(seed, Offset.BIAS, number)
            ran = ensemble(
                biased(instance(), share),
                perturbed(size, noisy=noisy),
                start(2.0, 0.5),
                steps=round(TIMES / 0.05) * every,
                every=every,
                replicates=replicates,
                seed=own,
            )
            time = ("step", 0.05 * np.arange(ran.sizes["step"]), {"long_name": "time", "formula": "ησ²t", "units": "1"})
            row.append(ran.assign_coords(step=time).rename(step="time"))
            number += 1
        rows.append(
            xr.concat(row, xr.DataArray(STEP_SIZES, dims="step_size", name="step_size"), combine_attrs="override")
        )
    return xr.concat(rows, xr.DataArray(list(VARIANTS), dims="variant", name="variant"), combine_attrs="override")


def rates(paths: xr.Dataset) -> xr.DataArray:
    """The rate at which D = ‖x‖² − ‖y‖² falls over the run, over the 2ησ² of the smoothed flow."""
    d = difference(paths)
    left = d.isel(time=-1) / d.isel(time=0)
    return -xr.apply_ufunc(np.log, left.where(left > 0)) / (2 * d["time"][-1])


def in_errors(estimators: xr.Dataset, by: str) -> float:
    """The mean error of an estimator, in its standard errors."""
    error = estimators["error"].sel(by=by)
    return float(error.mean(skipna=False) / (error.std(ddof=1) / error.size**0.5))


def check(data: Data) -> list[Check]:
    """The bias is σ²x, a minibatch has none; the bias alone balances as both do, the noise alone far more slowly."""
    estimators, found = data["estimators"], rates(data["paths"])
    alone = found.sel(variant="noise")
    law = eq.analysis.power_law(alone["step_size"], alone.clip(1e-12))
    return [
        near("bias of the perturbed gradient along x, over ‖x‖", estimators["error"][0].mean(), SIGMA_SQUARED, 0.006),
        at_most("minibatch: |mean error| over its standard error", abs(in_errors(estimators, "minibatch")), 5.0),
        near("Perturbed GD: rate of ‖x‖² − ‖y‖² over 2ησ², mean over η", found.sel(variant="both").mean(), 1.0, 0.1),
        near("bias alone: rate of ‖x‖² − ‖y‖² over 2ησ², mean over η", found.sel(variant="bias").mean(), 1.0, 0.05),
        at_most("noise alone: rate of ‖x‖² − ‖y‖² over 2ησ², mean over η", alone.mean(), 0.2),
        at_least("noise alone: exponent of that rate in η", law.exponent.estimate, 0.6),
    ]


def judge(data: Data) -> Judgement:
    """By the mean errors of the two estimators in standard errors."""
    ours, theirs = (abs(in_errors(data["estimators"], by)) for by in ("perturbed", "minibatch"))
    bias = float(data["estimators"]["error"][0].mean())
    draws = data["estimators"].sizes["draw"]
    return jointly(
        judged(
            at_least("mean error of the perturbed gradient over its standard error", ours, SIGNIFICANT),
            f"Over {draws} draws the perturbed gradient differs from ∇F by {bias:.3f} x on average, {ours:.1f} "
            f"standard errors, and that of a minibatch by {theirs:.1f} standard errors.",
        ),
        judged(
            at_most("mean error of the gradient of a minibatch over its standard error", theirs, SIGNIFICANT),
            f"Over {draws} draws the gradient of a minibatch differs from ∇F by {theirs:.1f} standard errors.",
        ),
    )


def draw(data: Data) -> Figure:
    """D against time for each variant, and its rate against the step size."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(4.0, 3.1))
    size = STEP_SIZES[1]
    shown: dict[str, Any] = {}
    for variant, title in TITLES.items():
        one = data["paths"].sel(variant=variant, step_size=size)
        label = {"long_name": f"imbalance at η = {size:g}", "formula": "‖x‖² − ‖y‖²", "units": "1"}
        shown[title] = (one["norm_x"] ** 2 - one["norm_y"] ** 2).assign_attrs(label)
    eq.plots.draw_paths(axes[0, 0], shown, along="time", logarithmic="y")
    found = rates(data["paths"])
    for variant, title in TITLES.items():
        axes[0, 1].plot(STEP_SIZES, found.sel(variant=variant), "o-", label=title)
    axes[0, 1].set(xscale="log", yscale="log", xlabel="step size η", ylabel="rate of balancing over 2ησ²")
    eq.plots.add_legend(axes[0, 1])
    return figure


CLAIM = Claim(
    id="biasedgradient",
    source="Section 6, Biased Gradient Estimator",
    statement="The mean of the perturbed gradient is ∇F + σ²(x, y), that of a minibatch's is ∇F. The bias is what "
    "restores the balance: alone, without noise, it does so at the same rate 2ησ². The noise without its bias is "
    "slower by a factor of the order of η.",
    printed=Printed(
        "Perturbed GD has a biased estimator of the gradient, E∇F(x + ξ₁, y + ξ₂) ≠ ∇F(x, y), unlike SGD.", judge
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"Our instance: u* and v* with equal entries, d1 = {SHAPE[0]}, d2 = {SHAPE[1]}, σ² = {SIGMA_SQUARED:g}; "
    f"single gradients at a Gaussian point, minibatches of {BATCH} of the {SHAPE[0] * SHAPE[1]} "
    "entries; paths from x = 2u*, y = v*/2. The bias alone is gradient descent on the smoothed objective; the noise "
    "alone is Perturbed GD on F − (σ²/2)(‖x‖² + ‖y‖²), whose mean gradient is ∇F. The paper gives no experiment.",
)
