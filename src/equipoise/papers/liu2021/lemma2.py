"""Lemma 2: the condition number of the Hessian at the global minima, and their sharpness."""

from typing import Any

import numpy as np
import scipy.optimize
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.papers.liu2021.shared.settings import SHAPE
from equipoise.papers.machinery.check import Check, Data, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, judged

RELATIVE_ZERO = 1e-10
TOLERANCE = 1e-8
LANCZOS_PRODUCTS = 8


def without_closed_forms(problem: Any) -> Any:
    """The same objective as a problem without a closed form of its Hessian, so that observables use Lanczos."""
    nothing = tuple(np.zeros((problem.rank, problem.rank)) for _ in problem.shapes)
    return eq.problems.Penalized(problem, nothing, np.zeros(()))


def by_lanczos(problem: Any, batch: Any) -> xr.Dataset:
    """Sharpness and condition number at each of the points (leading axis), by an ensemble that takes no step."""
    observables = (eq.observables.sharpness(LANCZOS_PRODUCTS), eq.observables.condition_number(LANCZOS_PRODUCTS))
    run = eq.simulate(
        without_closed_forms(problem),
        eq.dynamics.GradientDescent(1.0),
        eq.initial.Given(batch),
        seed=0,
        steps=0,
        replicates=batch[0].shape[0],
        record=eq.Record(observables=observables),
        progress=False,
    )
    return run.dataset.isel(step=0)


def spectra(problem: Any, alphas: np.ndarray) -> xr.Dataset:
    """At (αu*, v*/α): every eigenvalue of the dense Hessian, the extreme ones by Lanczos, and the lemma's numbers."""
    points = [eq.theory.global_minimum(problem.signal, alpha) for alpha in alphas]
    batch = tuple(np.stack(factor) for factor in zip(*points, strict=True))
    lanczos = by_lanczos(problem, batch)
    both, one = ("alpha", "index"), ("alpha",)
    columns = {
        "eigenvalues": (both, eq.theory.hessian_eigenvalues(problem, batch), "eigenvalues of the Hessian", "[M]"),
        "eigenvalues_expected": (
            both,
            np.stack([eq.theory.hessian_spectrum(point) for point in points]),
            "eigenvalues of the Hessian in closed form",
            "[M]",
        ),
        "sharpness_lanczos": (one, lanczos["sharpness"].values, "λmax by Lanczos", "[M]"),
        "sharpness_expected": (one, [eq.theory.sharpness(alpha) for alpha in alphas], "α² + α⁻²", "[M]"),
        "condition_lanczos": (one, lanczos["condition_number"].values, "condition number by Lanczos", "1"),
        "condition_expected": (
            one,
            [eq.theory.condition_number(alpha) for alpha in alphas],
            "max(α⁴, α⁻⁴) + 1",
            "1",
        ),
    }
    return xr.Dataset(
        {
            key: (dims, values, {"long_name": name, "units": unit})
            for key, (dims, values, name, unit) in columns.items()
        },
        {"alpha": ("alpha", alphas, {"long_name": "scaling α", "units": "1"})},
    )


def flattest(problem: Any) -> float:
    """The α between 1/10 and 10 of least λmax of the dense Hessian, by a search in log α that knows no formula."""

    def sharpness(exponent: float) -> float:
        point = eq.theory.global_minimum(problem.signal, float(np.exp(exponent)))
        return float(eq.theory.hessian_eigenvalues(problem, tuple(w[None] for w in point))[0, -1])

    bounds, options = tuple(np.log([0.1, 10])), {"xatol": 1e-9}
    return float(np.exp(scipy.optimize.minimize_scalar(sharpness, bounds=bounds, method="bounded", options=options).x))


def run(quick: bool, seed: int) -> dict[str, xr.Dataset]:
    """α from 1/10 to 10, on the paper's instance and on one in general position."""
    alphas = np.geomspace(0.1, 10, 9 if quick else 61)
    problems = {"axes": eq.problems.planted(SHAPE, 1), "random": eq.problems.planted(SHAPE, 1, seed=seed)}
    meaning = {"long_name": "α of the flattest minimum", "units": "1"}
    return {
        name: spectra(problem, alphas).assign(flattest=((), flattest(problem), meaning))
        for name, problem in problems.items()
    }


def nonzero(data: xr.Dataset) -> xr.DataArray:
    """Which eigenvalues of the dense Hessian are not zero up to rounding, relative to the largest."""
    size = abs(data["eigenvalues"])
    return size > RELATIVE_ZERO * size.max("index")


def condition_number(data: xr.Dataset) -> xr.DataArray:
    """The ratio of the extreme non-zero eigenvalues of the dense Hessian."""
    size = abs(data["eigenvalues"]).where(nonzero(data))
    return size.max("index") / size.min("index")


def worst(measured: xr.DataArray, expected: xr.DataArray) -> float:
    """The largest relative deviation over α."""
    return largest(abs(measured / expected - 1))


def check(data: Data) -> list[Check]:
    """Both numbers, computed in both ways, and one zero eigenvalue, whose direction is the scaling."""
    checks = []
    for name, d in data.items():
        zeros = (~nonzero(d)).sum("index")
        sharpest = d["eigenvalues"].max("index", skipna=False)
        off = abs(d["eigenvalues"] - d["eigenvalues_expected"]) / sharpest
        deviations = {
            "condition number, dense Hessian": worst(condition_number(d), d["condition_expected"]),
            "condition number, Lanczos": worst(d["condition_lanczos"], d["condition_expected"]),
            "λmax, dense Hessian": worst(sharpest, d["sharpness_expected"]),
            "λmax, Lanczos": worst(d["sharpness_lanczos"], d["sharpness_expected"]),
            "all eigenvalues": largest(off),
        }
        checks += [at_most(f"{name}: {what}, relative deviation", v, TOLERANCE) for what, v in deviations.items()]
        checks += [
            near(f"{name}: fewest zero eigenvalues", smallest(zeros), 1, 0),
            near(f"{name}: most zero eigenvalues", largest(zeros), 1, 0),
            near(f"{name}: α of the flattest minimum", d["flattest"], 1.0, 1e-5),
        ]
    return checks


def draw(data: Data) -> Figure:
    """Condition number and sharpness against α: lines from the lemma, and dots from dense Hessians."""
    d = data["random"]
    figure, axes = eq.plots.new_figure(columns=2)
    measured = (condition_number(d), d["eigenvalues"].max("index"))
    expected = (d["condition_expected"], d["sharpness_expected"])
    labels = ("condition number of the Hessian", "λmax of the Hessian ([M])")
    for panel, dots, line, label in zip(axes[0], measured, expected, labels, strict=True):
        panel.loglog(d["alpha"], line, color=eq.plots.PALETTE[0], label=str(line.attrs["long_name"]))
        shown = slice(None, None, max(1, d.sizes["alpha"] // 20))
        panel.loglog(d["alpha"][shown], dots[shown], "o", color=eq.plots.PALETTE[1], markersize=4, label="measured")
        panel.set_xlabel("scaling α of the minimum (αu*, v*/α)")
        panel.set_ylabel(label)
        eq.plots.add_legend(panel, loc="upper center")
    eq.plots.label_panels(axes[0], ["condition number", "sharpness"])
    return figure


def judge(data: Data) -> Judgement:
    """The printed number over the non-zero eigenvalues; with the zero of the scaling there is none."""
    off = max(worst(condition_number(d), d["condition_expected"]) for d in data.values())
    return judged(
        at_most("condition number against max(α⁴, α⁻⁴) + 1, largest relative deviation", off, TOLERANCE),
        f"Over the non-zero eigenvalues it departs from the printed value by {off:.1g} of it at most; the one zero "
        "eigenvalue, along the scaling, is left out.",
    )


CLAIM = Claim(
    id="lemma2",
    source="Lemma 2",
    statement=(
        "At the global minimum (αu*, v*/α) the Hessian has the condition number max(α⁴, α⁻⁴) + 1 over its non-zero "
        "eigenvalues, one zero eigenvalue, and λmax = α² + α⁻²: the balanced minimum is the flattest."
    ),
    printed=Printed(
        "The condition number of the Hessian at (αu*, v*/α) is max(α⁴, α⁻⁴) + 1.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="α from 1/10 to 10; the paper's instance and one with random unit vectors, 20 x 30. The flattest minimum "
    "is found by a continuous search in log α, to about 1e-7.",
)
