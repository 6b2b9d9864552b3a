"""Orbits: gradient descent on ½(1 − xy)² with steps of 1.9."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, judged, undecided
from equipoise.papers.wang2022.shared.cycles import around, cycles
from equipoise.papers.wang2022.shared.seeds import Stream

STEP_SIZE, PERIODS = 1.9, (2, 3, 4)
STEPS, LOOKS, STARTS, FULL_STARTS, REACH = 3000, 24, 1000, 10_000, 1.0
SETTLED = 1e-6
"""How near a path must come to where it was up to 24 steps before, to count as periodic."""


def first(problem: Any, theta: Any) -> Any:
    """x"""
    return theta[0][0, 0]


def second(problem: Any, theta: Any) -> Any:
    """y"""
    return theta[1][0, 0]


def run(quick: bool, seed: int) -> Data:
    """All orbits of periods 2, 3 and 4 that Newton's method finds, and paths from starts in a square."""
    return {"orbits": _orbits(), "paths": _paths(STARTS if quick else FULL_STARTS, seed)}


def _orbits() -> xr.Dataset:
    rows = [(period, *point, rate) for period in PERIODS for point, rate in cycles(period, STEP_SIZE)]
    periods, x, y, rates = (np.array(column) for column in zip(*rows, strict=True))
    back = [np.abs(around(np.array([a, b]), int(p), STEP_SIZE)[0] - (a, b)).max() for p, a, b, _ in rows]
    unit = {"units": "1"}
    return xr.Dataset(
        {
            "period": ("orbit", periods.astype(int), {"long_name": "period", **unit}),
            "x": ("orbit", x, {"long_name": "x of a point of the orbit", **unit}),
            "y": ("orbit", y, {"long_name": "y of a point of the orbit", **unit}),
            "rate": ("orbit", rates, {"long_name": "largest |eigenvalue| of the Jacobian once round", **unit}),
            "back": ("orbit", np.array(back), {"long_name": "distance after one time round", **unit}),
        }
    )


def _paths(count: int, seed: int) -> xr.Dataset:
    """The last looks at paths from starts drawn uniformly from a square."""
    starts = generator(seed, Stream.PLANE).uniform(-REACH, REACH, (2, count, 1, 1))
    found = eq.simulate(
        eq.problems.factorization([[1.0]], rank=1),
        eq.dynamics.GradientDescent(STEP_SIZE),
        eq.initial.Given((starts[0], starts[1])),
        seed=seed,
        replicates=count,
        steps=STEPS,
        record=eq.Record(at=range(STEPS - LOOKS, STEPS + 1), observables=(first, second, "loss")),
        progress=False,
    ).dataset[["first", "second", "loss"]]
    for name in ("first", "second"):
        found[name].attrs["units"] = "1"
    return found.sel(step=slice(STEPS - LOOKS, None))


def bounded(paths: xr.Dataset) -> xr.Dataset:
    """The paths that have not diverged."""
    return paths.isel(replicate=np.flatnonzero(np.isfinite(paths["loss"].values[:, -1])))


def returns(paths: xr.Dataset) -> np.ndarray:
    """How near each path comes to where it ends, on the 24 steps before."""
    away = [abs(paths[name].values[:, :-1] - paths[name].values[:, -1:]) for name in ("first", "second")]
    return np.maximum(*away).min(axis=1)


def check(data: Data) -> list[Check]:
    """Orbits are there, all repel, and no path settles; but all that stay bounded become balanced."""
    orbits, paths = data["orbits"], bounded(data["paths"])
    checks = [
        at_least(f"number of orbits of period {period}", int((orbits["period"] == period).sum()), 1)
        for period in PERIODS
    ]
    return [
        *checks,
        at_most("largest distance after one time round", largest(orbits["back"]), 1e-9),
        at_least("smallest |eigenvalue| of the most expanding direction once round", smallest(orbits["rate"]), 2.0),
        at_least("number of paths that stay bounded", paths.sizes["replicate"], 30),
        at_most("paths that settle on a period of up to 24", _settled(paths), 0),
        at_most("largest ||x| − |y|| of a bounded path at the end", largest(abs(_gap(paths))), 1e-6),
        at_least("smallest over bounded paths of the largest loss of the last 24", smallest(_worst(paths)), 1e-3),
    ]


def _settled(paths: xr.Dataset) -> int:
    return int((returns(paths) < SETTLED).sum())


def _gap(paths: xr.Dataset) -> xr.DataArray:
    last: xr.Dataset = paths.isel(step=-1)
    return abs(last["first"]) - abs(last["second"])


def _worst(paths: xr.Dataset) -> xr.DataArray:
    found: xr.DataArray = paths["loss"].max("step", skipna=False)
    return found


def judge(data: Data) -> Judgement:
    """Paths converge to orbits that attract. If all repel, only starts on them, which we could not read, stay there."""
    rate, paths = smallest(data["orbits"]["rate"]), bounded(data["paths"])
    name = "smallest over the orbits of the largest |eigenvalue| once round"
    because = (
        f"Orbits of periods 2, 3 and 4 are there, and the least repelling one multiplies a distance by {rate:.3g} once "
        f"round; of {paths.sizes['replicate']} bounded paths {_settled(paths)} settle on a period of up to 24; the "
        "starts of the figure, which may lie on the orbits, are not given where we could read."
    )
    attracts = at_most(name, rate, 1.0)
    return judged(attracts, because) if attracts.holds else undecided(name, rate, because)


def draw(data: Data) -> Figure:
    """Bounded paths at the end, with one orbit of each period that does not lie on the line x = y, if there is one."""
    figure, axes = eq.plots.new_figure(panel=(4.2, 4.0))
    panel, paths, orbits = axes[0, 0], bounded(data["paths"]), data["orbits"]
    line = np.linspace(0.55, 1.8, 50)
    for sign in (1, -1):
        panel.plot(sign * line, sign / line, color="gray", lw=1, label="minima, xy = 1" if sign == 1 else None)
    panel.plot(paths["first"].values.ravel(), paths["second"].values.ravel(), ",", color="gray")
    for number, period in enumerate(PERIODS):
        these = orbits.isel(orbit=np.flatnonzero(orbits["period"] == period))
        one = these.isel(orbit=int(np.argmax(abs(abs(these["x"].values) - abs(these["y"].values)))))
        point = np.array([float(one["x"]), float(one["y"])])
        points = np.array([around(point, each, STEP_SIZE)[0] for each in range(period + 1)])
        panel.plot(*points.T, "o-", ms=4, lw=1, color=eq.plots.PALETTE[number], label=f"orbit of period {period}")
    panel.set(xlabel="x", ylabel="y", xlim=(-1.8, 1.8), ylim=(-1.8, 1.8))
    eq.plots.add_legend(panel)
    return figure


CLAIM = Claim(
    id="orbits",
    source="A figure on periodic orbits, as shown in the authors' account of July 2022",
    statement="With η = 1.9 gradient descent on ½(1 − xy)² has orbits of periods 2, 3 and 4, and all of them repel. "
    "Paths that stay bounded do not settle; all the same they become balanced, |x| = |y|, since each step multiplies "
    "x² − y² by 1 − η²(1 − xy)².",
    printed=Printed(
        "Gradient descent on (1 − xy)²/2 with h = 1.9 converges to three orbits, of periods 2, 3 and 4, depending on "
        "the start.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=f"All orbits that Newton's method finds from a grid, and {FULL_STARTS} starts (quick: {STARTS}), uniform "
    f"in the square [−1, 1]², {STEPS} steps. Starts of the figure are not given where we could read; a start on an "
    "orbit, or on one of the curves that lead into it, follows it until rounding takes it off.",
)
