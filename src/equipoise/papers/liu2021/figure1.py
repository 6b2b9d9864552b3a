"""Figure 1: the valley (1 − xy)², and the effect of noise on it."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import scipy.optimize
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.machinery.check import Check, Data, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

VARIANCE = 0.0975
EXTENT, CEILING = 2.0, 4.0
SEED_OF_STARTS = 1
"""The seed of the search for minima, whatever the seed of the run."""


def _objectives(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The valley and its smoothing at points of any shape, from the package's own problems."""
    valley = eq.problems.valley()
    smooth = eq.theory.smoothed(valley, eq.noise.Gaussian(VARIANCE**0.5))

    def both(a: jax.Array, b: jax.Array) -> tuple[Any, Any]:
        return valley.loss((a[None, None], b[None, None])), smooth.loss((a[None, None], b[None, None]))

    with eq.numerics():
        plain, smoothed = jax.jit(jax.vmap(both))(np.ravel(x), np.ravel(y))
    return np.asarray(plain).reshape(np.shape(x)), np.asarray(smoothed).reshape(np.shape(x))


def _minima(starts: np.ndarray) -> np.ndarray:
    """The end of descent on the smoothed objective from each start, shape (starts, 2)."""
    smooth = eq.theory.smoothed(eq.problems.valley(), eq.noise.Gaussian(VARIANCE**0.5))

    def value(point: jax.Array) -> jax.Array:
        return jnp.asarray(smooth.loss((point[:1, None], point[1:, None])))

    options = {"gtol": 1e-12}
    with eq.numerics():
        both = jax.jit(jax.value_and_grad(value))
        ends = [scipy.optimize.minimize(both, s, jac=True, method="BFGS", options=options).x for s in starts]
    return np.array(ends)


def _lowest_on_hyperbola() -> float:
    """The x between 1/4 and 4 of the least smoothed objective where xy = 1, by a search in log x."""
    smooth = eq.theory.smoothed(eq.problems.valley(), eq.noise.Gaussian(VARIANCE**0.5))

    def height(exponent: float) -> float:
        x = np.full((1, 1), np.exp(exponent))
        return float(smooth.loss((x, 1 / x)))

    bounds, options = tuple(np.log([0.25, 4])), {"xatol": 1e-9}
    return float(np.exp(scipy.optimize.minimize_scalar(height, bounds=bounds, method="bounded", options=options).x))


def run(quick: bool, seed: int) -> Data:
    """Both surfaces on a grid, and the minima found on each from fixed random starts."""
    del seed
    line = np.linspace(-EXTENT, EXTENT, 121 if quick else 241)
    grid_x, grid_y = np.meshgrid(line, line)
    plain, smooth = _objectives(grid_x, grid_y)
    ends = _minima(generator(SEED_OF_STARTS).uniform(-EXTENT, EXTENT, (12 if quick else 40, 2)))
    valley_x = np.geomspace(0.25, 4, 17)
    along, smooth_along = _objectives(valley_x, 1 / valley_x)
    attributes = {"variance": VARIANCE}
    surfaces = xr.Dataset(
        {
            "valley": (("y", "x"), plain, {"long_name": "objective", "formula": "(1 − xy)²", "units": "1"}),
            "smoothed": (
                ("y", "x"),
                smooth,
                {"long_name": "smoothed objective", "formula": "E(1 − x̃ỹ)²", "units": "1"},
            ),
        },
        {"x": ("x", line, {"long_name": "x"}), "y": ("y", line, {"long_name": "y"})},
        attributes,
    )
    found = xr.Dataset(
        {
            "minimum": (("start", "coordinate"), ends, {"long_name": "minimum found"}),
            "valley_on_hyperbola": (("x",), along, {"long_name": "objective where xy = 1"}),
            "smoothed_on_hyperbola": (("x",), smooth_along, {"long_name": "smoothed objective where xy = 1"}),
            "lowest_on_hyperbola": ((), _lowest_on_hyperbola(), {"long_name": "x of its least value"}),
        },
        {"x": ("x", valley_x)},
        attributes,
    )
    return {"surfaces": surfaces, "minima": found}


def check(data: Data) -> list[Check]:
    """The valley is flat along xy = 1; the smoothed objective has its minima at ±(0.95, 0.95) and nowhere else."""
    found = data["minima"]
    ends = found["minimum"].values
    signs = np.sign(ends[:, :1])
    expected = signs * (1 - VARIANCE) ** 0.5
    return [
        at_most("largest (1 − xy)² where xy = 1", largest(found["valley_on_hyperbola"]), 1e-12),
        near("minimum of the smoothed objective, |x|", np.abs(ends[:, 0]).mean(), 0.95, 1e-6),
        near("minimum of the smoothed objective, |y|", np.abs(ends[:, 1]).mean(), 0.95, 1e-6),
        at_most("largest distance of a minimum found from ±(0.95, 0.95)", np.abs(ends - expected).max(), 1e-6),
        near("signs of the minima found, smallest", signs.min(), -1, 0),
        near("signs of the minima found, largest", signs.max(), 1, 0),
        near("x on xy = 1 where the smoothed objective is least", found["lowest_on_hyperbola"], 1.0, 1e-5),
    ]


def draw(data: Data) -> Figure:
    """Each surface in space, cut off at the ceiling, and as contours; with the minima of the smoothed one."""
    figure, axes = eq.plots.new_figure(2, 2, panel=(4.0, 3.4))
    surfaces, ends = data["surfaces"], data["minima"]["minimum"]
    sparse = slice(None, None, 3)
    for k, name in enumerate(("valley", "smoothed")):
        axes[k, 0].remove()
        axes[k, 0] = figure.add_subplot(2, 2, 2 * k + 1, projection="3d")
        eq.plots.draw_surface(axes[k, 0], surfaces[name].isel(x=sparse, y=sparse), ceiling=CEILING)
        shown = surfaces[name].clip(max=CEILING, keep_attrs=True)
        eq.plots.draw_contours(axes[k, 1], shown, levels=_levels(float(shown.min())))
    axes[0, 1].plot(*_hyperbola(), color=eq.plots.PALETTE[4], linestyle=":", label="xy = 1")
    axes[1, 1].plot(*ends.values.T, "o", color="white", markeredgecolor="black", linestyle="", label="minima found")
    for side in axes[:, 1]:
        eq.plots.add_legend(side, loc="upper left")
    eq.plots.label_panels(axes.ravel(), ["(1 − xy)²", "(1 − xy)²", "smoothed by the noise", "smoothed by the noise"])
    return figure


def _hyperbola() -> tuple[np.ndarray, np.ndarray]:
    """Both branches of xy = 1 within the extent."""
    x = np.geomspace(1 / EXTENT, EXTENT, 100)
    branch = np.concatenate([x, [np.nan], -x])
    return branch, 1 / branch


def _levels(lowest: float) -> list[float]:
    """Contour levels that are dense above the lowest value, and sparse further up."""
    return (lowest + (CEILING - lowest) * np.linspace(0, 1, 12) ** 2).tolist()


def judge(data: Data) -> Judgement:
    """The valley is zero where xy = 1, and the smoothed objective has its minima near ±(1, 1) alone."""
    found = data["minima"]
    ends, highest = found["minimum"].values, largest(found["valley_on_hyperbola"])
    away = float(np.abs(np.abs(ends) - 1).max())
    return jointly(
        judged(
            at_most("largest distance of a coordinate of a minimum found from ±1", away, 0.1),
            f"The minima found of the smoothed objective are within {away:.2g} of ±(1, 1) in each coordinate.",
        ),
        judged(
            at_most("largest (1 − xy)² where xy = 1", highest, 1e-12),
            f"Where xy = 1 the largest (1 − xy)² is {highest:.1g}.",
        ),
    )


CLAIM = Claim(
    id="figure1",
    source="Figure 1, Section 3",
    statement="Every point of xy = 1 is a global minimum of (1 − xy)²; smoothed by noise of variance 0.0975 it has "
    "exactly the two minima ±(0.95, 0.95).",
    printed=Printed(
        "Any (x, y) with xy = 1 is a global minimum of (1 − xy)²; smoothed with σ₁² = σ₂² = 0.0975, it has global "
        "minima only close to ±(1, 1).",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"The surfaces are drawn on [−2, 2]² and cut off at {CEILING:g}; the extent is open in the paper.",
)
