"""Section 4: where the A_i commute, any control that ends at zero error ends at the same matrix."""

import functools

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.gunasekar2017.shared.commuting import commuting
from equipoise.papers.gunasekar2017.shared.seeds import Stream
from equipoise.papers.gunasekar2017.shared.steering import measured, steer
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, judged

CONTROLS = {
    "euclidean": "the residuals: gradient flow",
    "weighted": "a weighted Euclidean norm",
    "cubic": "the ℓ3 norm",
    "subset": "one random measurement at a time",
    "gains": "residuals times random matrices",
    "detour": "a random path first",
}
STEP, DETOUR, FITS = 0.15, 100, 1e-6
"""The step ε in the time of Eq. (4), the number of steps of the random path, and the misfit up to which a path fits."""


def run(quick: bool, seed: int) -> Data:
    """The ends of all controls from αI, for measurements that commute, and for the same spectra in other bases."""
    size, count, steps = (6, 3, 2500) if quick else (10, 5, 8000)
    alphas = np.array([1e-2, 1e-8]) if quick else 10.0 ** -np.arange(1, 10)
    random = generator(seed, Stream.CONTROL)
    instance = commuting(random, size, count)
    bases = np.linalg.qr(random.standard_normal((count, size, size)))[0]
    twisted = np.einsum("mik,mk,mjk->mij", bases, instance.spectra, bases)
    values = random.uniform(0.0, 2.0, size) / size
    other = measured(twisted, (instance.basis * values) @ instance.basis.T)
    steered = functools.partial(_steered, controls=Controls(random, count, steps), alphas=alphas, steps=steps)
    commutes = steered(instance.matrices, instance.data)
    commutes["excess"] = commutes["nuclear_norm"] / instance.minimum - 1
    commutes["excess"].attrs = {"long_name": "excess over the minimum nuclear norm", "units": "1"}
    return {"commuting": commutes, "others": steered(twisted, other)}


class Controls:
    """All controls at once: what each puts in the place of the residuals r.

    Every random number is drawn beforehand, so that the same controls steer both kinds of measurements.
    """

    def __init__(self, random: np.random.Generator, count: int, steps: int) -> None:
        turned = np.linalg.qr(random.standard_normal((count, count)))[0]
        self.weights = (turned * np.geomspace(0.5, 2.0, count)) @ turned.T
        self.picked = count * np.eye(count)[random.integers(count, size=steps)]
        self.gains = np.eye(count) + 0.5 * random.standard_normal((steps, count, count))
        turns, phases = random.uniform(0.5, 2.0, count), random.uniform(0, 1, count)
        self.detour = 0.3 * np.cos(2 * np.pi * (np.linspace(0, 1, DETOUR)[:, None] * turns + phases))

    def __call__(self, residual: np.ndarray, number: int) -> np.ndarray:
        """The controls of all paths, controls and starts in one axis."""
        r = residual.reshape(len(CONTROLS), -1, residual.shape[-1])
        length = np.maximum(np.linalg.norm(r[2], axis=-1, keepdims=True), 1e-300)
        controls = [
            r[0],
            r[1] @ self.weights,
            # the gradient of the ℓ3 norm, up to a positive factor, which only changes the speed
            abs(r[2]) * r[2] / length,
            r[3] * self.picked[number],
            r[4] @ self.gains[number].T,
            np.broadcast_to(self.detour[number], r[5].shape) if number < DETOUR else r[5],
        ]
        return np.stack(controls).reshape(residual.shape)


def _steered(matrices: np.ndarray, data: np.ndarray, controls: Controls, alphas: np.ndarray, steps: int) -> xr.Dataset:
    size, shape = matrices.shape[-1], (len(CONTROLS), alphas.size)
    start = np.broadcast_to(alphas[:, None, None] * np.eye(size), (*shape, size, size)).reshape(-1, size, size)
    ends = steer(matrices, data, start, controls, step=STEP, steps=steps)
    misfit = np.linalg.norm(measured(matrices, ends) - data, axis=-1) / np.linalg.norm(data)
    x = ends.reshape(*shape, size, size)
    away = np.linalg.norm(x - x[:1], axis=(2, 3)) / np.linalg.norm(x[:1], axis=(2, 3))
    names = ("control", "alpha")
    return xr.Dataset(
        {
            "misfit": (names, misfit.reshape(shape), {"long_name": "‖A(X) − y‖/‖y‖", "units": "1"}),
            "away": (names, away, {"long_name": "distance from the end of gradient flow, relative", "units": "1"}),
            "nuclear_norm": (names, np.trace(x, axis1=2, axis2=3), {"long_name": "nuclear norm", "units": "[M]"}),
        },
        {"control": list(CONTROLS), "alpha": ("alpha", alphas, {"long_name": "start α, X₀ = αI", "units": "[M]"})},
    )


def check(data: Data) -> list[Check]:
    """All controls end at one matrix, which is least as α → 0; where the A_i do not commute they do not."""
    commutes, others = data["commuting"], data["others"]
    excess = abs(commutes["excess"])
    apart = others["away"].isel(alpha=-1).drop_sel(control="euclidean")
    return [
        at_most("commuting: largest misfit", largest(commutes["misfit"]), FITS),
        at_most("commuting: largest distance from the end of gradient flow, relative", largest(commutes["away"]), 1e-5),
        at_most("commuting: largest excess at the smallest α", largest(excess.isel(alpha=-1)), 0.01),
        at_least(
            "commuting: log₁₀ of the excess at the largest α over that at the smallest",
            np.log10(excess.isel(alpha=0).mean() / excess.isel(alpha=-1).mean()),
            1,
        ),
        at_least("not commuting: log₁₀ of the largest distance at the smallest α", np.log10(largest(apart)), -1.7),
    ]


def judge(data: Data) -> Judgement:
    """The excess at the smallest start of every control that leads to zero error."""
    end = data["commuting"].isel(alpha=-1)
    fits = end["misfit"] <= FITS
    excess = largest(abs(end["excess"]), where=fits)
    return judged(
        at_most("largest excess over the minimum nuclear norm at the smallest start", excess, 0.01),
        f"From {float(end['alpha']):g} I the controls that lead to zero error, {int(fits.sum())} of "
        f"{end.sizes['control']}, end within {excess:.1e} of the minimum nuclear norm, relative.",
    )


def draw(data: Data) -> Figure:
    """How far the controls end from gradient flow, and the excess where the A_i commute."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(4.4, 3.4))
    left, right = axes[0]
    for number, (name, label) in enumerate(CONTROLS.items()):
        hue, mark = eq.plots.PALETTE[number % len(eq.plots.PALETTE)], "os^Dvx"[number]
        here = data["commuting"].sel(control=name)
        left.loglog(here["alpha"], abs(here["excess"]), mark, color=hue, ms=9 - number, mfc="none", label=label)
        if name == "euclidean":
            continue
        for kind, line in (("commuting", ":"), ("others", "-")):
            away = np.maximum(data[kind]["away"].sel(control=name), 1e-16)
            right.loglog(here["alpha"], away, mark + line, color=hue, ms=4)
    left.set_ylabel("‖X∞‖_*/min ‖X‖_* − 1")
    left.set_title("commuting", fontsize="small")
    eq.plots.add_legend(left, fontsize="x-small")
    right.set_ylabel("distance from the end of gradient flow")
    right.set_title("dotted: commuting; solid: not", fontsize="small")
    for side in axes[0]:
        side.set_xlabel("start α, X₀ = αI")
    return figure


CLAIM = Claim(
    id="control",
    source="Section 4, Eq. (11)",
    statement="Where the A_i commute, six controls, of other norms, single measurements and random ones among them, "
    "end at the same matrix from αI, of minimum nuclear norm as α → 0. In other bases, so that the A_i do not commute, "
    "they end at different ones.",
    printed=Printed(
        "Where the A_i commute, any control whose path leads to a global optimum of zero error leads to one of minimum "
        "nuclear norm; so the conjecture extends to certain other norms, and to using a subset of the measurements in "
        "each step.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="n = 10, m = 5 (quick: 6, 3), drawn until the least slack of the dual is 0.4, so that limits come near "
    f"the minimum by α = 1e-8. Controls: {'; '.join(CONTROLS.values())}. Each is constant over steps of {STEP}, over "
    "which the exponential solves Eq. (4) exactly. The paper's minimum is that of the limit α → 0.",
)
