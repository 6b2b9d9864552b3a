"""Figure 5: the valley xy = 1, sharp where unbalanced and flat where balanced."""

from typing import Any

import numpy as np
import scipy.ndimage
import scipy.optimize
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.papers.liu2021.shared.settings import ensemble
from equipoise.papers.liu2021.shared.valley import WATCHED, descent, early_and_late, perturbed, start
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

EARLY, EVERY = 40, 200


def run(quick: bool, seed: int) -> Data:
    """The curvature along the valley, its flattest place, the ridge, and one path of each method across the valley."""
    valley, steps = eq.problems.valley(), 120_000 if quick else 160_000
    x = np.geomspace(0.2, 5, 41)
    spectra = eq.theory.hessian_eigenvalues(valley, (x[:, None, None], 1 / x[:, None, None]))
    curvature = xr.Dataset(
        {
            "eigenvalues": (("x", "eigenvalue"), spectra, {"long_name": "eigenvalues"}),
            "flattest": ((), _flattest(valley), {"long_name": "x of the flattest place of the valley"}),
            "climb": ((), _climb(), {"long_name": "least height of a path between both branches"}),
        },
        {"x": ("x", x)},
    )
    data = {"curvature": curvature}
    for name, dynamics in (("perturbed", perturbed()), ("descent", descent())):
        settings: dict[str, Any] = {"steps": steps, "replicates": 1, "every": EVERY, "at": range(EARLY + 1)}
        whole = ensemble(valley, dynamics, start(), seed=seed, observables=WATCHED, **settings).isel(replicate=0)
        data[f"{name}_early"], data[f"{name}_late"] = early_and_late(whole, EARLY, EVERY)
    return data


def _flattest(valley: Any) -> float:
    """The x between 0.2 and 5 of least λmax where xy = 1, by a search in log x that knows no formula."""

    def sharpness(exponent: float) -> float:
        x = np.full((1, 1, 1), np.exp(exponent))
        return float(eq.theory.hessian_eigenvalues(valley, (x, 1 / x))[0, -1])

    bounds, options = tuple(np.log([0.2, 5])), {"xatol": 1e-9}
    return float(np.exp(scipy.optimize.minimize_scalar(sharpness, bounds=bounds, method="bounded", options=options).x))


def _climb() -> float:
    """The least height that a path from (1, 1) to (−1, −1) must climb: that whose sublevel set joins both on a grid."""
    x, y = np.meshgrid(*[np.linspace(-2, 2, 81)] * 2)
    height, ends = (1 - x * y) ** 2, ((60, 60), (20, 20))

    def apart(level: float) -> float:
        areas, _ = scipy.ndimage.label(height <= level, structure=np.ones((3, 3)))
        return 0.5 - float(areas[ends[0]] == areas[ends[1]])

    return float(scipy.optimize.bisect(apart, 0.0, 4.0))


def check(data: Data) -> list[Check]:
    """Across the valley the curvature is 2(x² + 1/x²), least at (1, 1); along it, 0; paths end as in Figure 4."""
    values = data["curvature"]["eigenvalues"]
    x = values["x"]
    across, along = values.isel(eigenvalue=1), values.isel(eigenvalue=0)
    noisy, plain = data["perturbed_late"].isel(step=-1), data["descent_late"].isel(step=-1)
    return [
        at_most(
            "largest error of 2(x² + 1/x²) for the sharp direction",
            largest(abs(across / (2 * (x**2 + x**-2)) - 1)),
            1e-12,
        ),
        at_most("largest curvature along the valley, over that across", largest(abs(along) / across), 1e-12),
        near("x where the valley is flattest", data["curvature"]["flattest"], 1.0, 1e-5),
        near("height that a path from (1, 1) to (−1, −1) must climb", data["curvature"]["climb"], 1.0, 1e-6),
        at_least("sharpness at the end of GD over that of Perturbed GD", _sharpness(plain) / _sharpness(noisy), 5.0),
        near("xy at the end of GD", plain["x"].item() * plain["y"].item(), 1.0, 1e-9),
    ]


def _sharpness(point: xr.Dataset) -> float:
    """2(x² + y²), the trace of the Hessian, which is its largest eigenvalue on the valley."""
    return 2 * (point["x"].item() ** 2 + point["y"].item() ** 2)


def judge(data: Data) -> Judgement:
    """One branch of the optima is a valley as printed; but there are two branches, with a ridge between them."""
    curvature = data["curvature"]
    across, along = (curvature["eigenvalues"].isel(eigenvalue=i) for i in (1, 0))
    climb, flat = float(curvature["climb"]), largest(abs(along) / across)
    return jointly(
        judged(
            at_most("height that a path from (1, 1) to (−1, −1) must climb", climb, 1e-6),
            f"A path from the optimum (1, 1) to the optimum (−1, −1) must climb to {climb:.2g}, while xy = 1 with x > "
            "0 is one path, and so is xy = 1 with x < 0.",
        ),
        judged(
            at_most("largest curvature along the valley, over that across", flat, 1e-12),
            f"Along the valley the curvature is {flat:.1g} of that across.",
        ),
        judged(
            near("x where the valley is flattest", curvature["flattest"], 1.0, 1e-5),
            f"The valley is flattest at x = {float(curvature['flattest']):.3f}, with a curvature of "
            f"{float(across.min()):.2g} across, and of {float(across.max()):.2g} at x = {float(across['x'].max()):g}.",
        ),
    )


def draw(data: Data) -> Figure:
    """Contours of the objective with both paths on them, and the curvature across the valley."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(4.6, 3.8))
    grid = eq.plots.surface(
        lambda a, b: (1 - a * b) ** 2,
        np.linspace(-0.5, 3.5, 161),
        np.linspace(-0.5, 6, 181),
        long_name="objective",
        formula="(1 − xy)²",
    )
    grid["x"].attrs["long_name"], grid["y"].attrs["long_name"] = "x", "y"
    eq.plots.draw_contours(axes[0, 0], grid.clip(1e-3), levels=np.geomspace(1e-3, 3e2, 14).tolist(), logarithmic=True)
    for group, (name, label) in enumerate((("descent", "GD"), ("perturbed", "Perturbed GD")), start=1):
        early, late = data[f"{name}_early"], data[f"{name}_late"].isel(step=slice(1, None))
        x, y = (np.concatenate([early[side], late[side]]) for side in "xy")
        eq.plots.draw_track(axes[0, 0], x, y, label=label, group=group)
    axes[0, 0].legend(loc="upper right")
    sharp = data["curvature"]["eigenvalues"].isel(eigenvalue=1)
    sharp = sharp.assign_attrs(long_name="curvature across the valley", formula="2(x² + 1/x²)", units="1")
    sharp["x"].attrs.update(long_name="x", formula="on xy = 1")
    eq.plots.draw_paths(axes[0, 1], {"curvature": sharp}, along="x", logarithmic="xy", legend=False)
    return figure


CLAIM = Claim(
    id="figure5",
    source="Figure 5, Sections 5 and 6",
    statement="The optima of (1 − xy)² with x > 0 form the valley xy = 1, sharp across where unbalanced and flattest "
    "at (1, 1), flat along everywhere; those with x < 0 form another, and a ridge of height 1 lies between them. "
    "Perturbed GD wanders along the valley to the flat place, GD stops where it falls in.",
    printed=Printed(
        "All global optima of (1 − xy)² are connected and form a path, and the landscape around it forms a valley. "
        "Around unbalanced optima it is sharp in some directions and flat in others, around balanced ones only flat.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="The paper draws the landscape alone; the paths are those of Figure 4, one replicate of each method.",
)
