# ruff: noqa: N999
"""Lemma B.1: over bounded factors the gradient of ½‖UVᵀ − M‖² has the Lipschitz constant (6c + 2)‖M‖, or half of it."""

import itertools
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.du2018.shared.seeds import Stream
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, judged

SHAPE = (6, 5)
VALUES = {1: (2.0,), 3: (2.0, 1.5, 1.0)}
"""The singular values of M, by rank."""

BOUNDS = (0.01, 0.3, 1.0, 5.0, 100.0)
"""The values of c: ‖U‖², ‖V‖² ≤ c‖M‖."""

Point = tuple[np.ndarray, ...]


def run(quick: bool, seed: int) -> Data:
    """Curvature at random and at the worst points of each set, and the decrease of f in steps of 1/β."""
    random = generator(seed, Stream.SMOOTHNESS)
    count = 20 if quick else 400
    problems: dict[int, Any] = {
        rank: eq.problems.planted(SHAPE, rank, values=values, seed=seed) for rank, values in VALUES.items()
    }
    cases = [_over_set(problems[rank], c, count, random) for rank, c in itertools.product(VALUES, BOUNDS)]
    falls = [_descended(problems[rank], 10 * count, random) for rank in VALUES]
    ranks = xr.DataArray(list(VALUES), dims="rank", name="rank")
    fall = ("rank", "point"), np.array(falls), {"long_name": "decrease of f over η‖∇f‖²/2", "units": "1"}
    return {"sets": xr.concat(cases, "case"), "steps": xr.Dataset({"fall": fall}, {"rank": ranks})}


def norm_of(problem: Any) -> float:
    """‖M‖_F."""
    return float(np.linalg.norm(problem.signal.values))


def _over_set(problem: Any, c: float, count: int, random: np.random.Generator) -> xr.Dataset:
    """Both ends of the spectrum, and Lipschitz quotients of the gradient between the points; all over ‖M‖."""
    points = [*(_drawn(problem, c, random) for _ in range(count)), *aligned(problem, c)]
    norm, batch = norm_of(problem), tuple(map(np.stack, zip(*points, strict=True)))
    eigenvalues = eq.theory.hessian_eigenvalues(problem, batch) / norm
    flat = np.concatenate([w.reshape(len(points), -1) for w in batch], axis=1)
    slopes = np.concatenate([w.reshape(len(points), -1) for w in gradient(problem, batch)], axis=1)
    apart, change = (np.linalg.norm(np.diff(each, axis=0), axis=1) for each in (flat, slopes))
    found = {
        "highest": ("point", eigenvalues[:, -1], {"long_name": "λmax over ‖M‖", "units": "1"}),
        "lowest": ("point", eigenvalues[:, 0], {"long_name": "λmin over ‖M‖", "units": "1"}),
        "quotient": ("pair", change / apart / norm, {"long_name": "‖∇f(a) − ∇f(b)‖/‖a − b‖ over ‖M‖", "units": "1"}),
    }
    return xr.Dataset(found).assign_coords(rank=problem.rank, c=c)


def _drawn(problem: Any, c: float, random: np.random.Generator, least: float = 0.0) -> Point:
    """Gaussian directions, with ‖U‖² and ‖V‖² uniform between `least` and 1 times the bound."""
    u, v = (random.standard_normal(shape) for shape in problem.shapes)
    sizes = np.sqrt(random.uniform(least, 1.0, 2) * c * norm_of(problem))
    return sizes[0] * u / np.linalg.norm(u), sizes[1] * v / np.linalg.norm(v)


def aligned(problem: Any, c: float) -> list[Point]:
    """√(c‖M‖)(∓u₁, v₁) in the first column: −u₁v₁ᵀ makes the residual as large as it can be, and λmax with it."""
    signal, size = problem.signal, (c * norm_of(problem)) ** 0.5
    u, v = (np.zeros(shape) for shape in problem.shapes)
    u[:, 0], v[:, 0] = size * np.asarray(signal.left)[:, 0], size * np.asarray(signal.right)[:, 0]
    return [(-u, v), (u, v)]


def _residual(problem: Any, theta: Point) -> np.ndarray:
    signal, (u, v) = problem.signal, theta
    matrix = (np.asarray(signal.left) * signal.values) @ np.asarray(signal.right).T
    return u @ np.swapaxes(v, -1, -2) - matrix


def gradient(problem: Any, theta: Point) -> Point:
    """Eq. (2) at points with leading axes."""
    residual = _residual(problem, theta)
    return residual @ theta[1], np.swapaxes(residual, -1, -2) @ theta[0]


def _descended(problem: Any, count: int, random: np.random.Generator) -> np.ndarray:
    """Eq. (14), at points with ‖U‖², ‖V‖² ≤ 5√r‖M‖ and η = 1/β, β = (66√r + 2)‖M‖."""
    points = [_drawn(problem, 5 * problem.rank**0.5, random) for _ in range(count)]
    here = (np.stack([u for u, _ in points]), np.stack([v for _, v in points]))
    step_size, slope = 1 / eq.theory.smoothness(norm_of(problem), problem.rank), gradient(problem, here)
    there = (here[0] - step_size * slope[0], here[1] - step_size * slope[1])
    before, after = (np.sum(_residual(problem, theta) ** 2, axis=(1, 2)) / 2 for theta in (here, there))
    return (before - after) / (step_size / 2 * sum(np.sum(w**2, axis=(1, 2)) for w in slope))


def largest_curvature(sets: xr.Dataset) -> xr.DataArray:
    """The largest size of an eigenvalue over ‖M‖, a bound of the Lipschitz constant since the sets are convex."""
    ends = xr.concat([sets["highest"], -sets["lowest"]], "end")
    return ends.max(("end", "point"), skipna=False)


def _over_printed(sets: xr.Dataset) -> xr.DataArray:
    return largest_curvature(sets) / (6 * sets["c"] + 2)


def check(data: Data) -> list[Check]:
    """The printed constant, the one that suffices and is attained, and what follows for a step."""
    sets = data["sets"]
    sharp = 3 * sets["c"] + 1
    rank_one = sets["rank"] == 1
    return [
        at_most("largest size of an eigenvalue over (6c + 2)‖M‖", largest(_over_printed(sets)), 1.0),
        at_most("largest size of an eigenvalue over (3c + 1)‖M‖", largest(largest_curvature(sets) / sharp), 1 + 1e-9),
        near(
            "rank 1: smallest over c of the largest size of an eigenvalue, over (3c + 1)‖M‖",
            smallest(largest_curvature(sets) / sharp, rank_one),
            1.0,
            1e-9,
        ),
        at_least("smallest eigenvalue over (c + 1)‖M‖", smallest(sets["lowest"] / (sets["c"] + 1)), -1 - 1e-9),
        at_most("largest quotient of gradients over (3c + 1)‖M‖", largest(sets["quotient"] / sharp), 1 + 1e-9),
        at_least("Eq. (14) at η = 1/β: smallest decrease over η‖∇f‖²/2", smallest(data["steps"]["fall"]), 1.0),
    ]


def judge(data: Data) -> Judgement:
    """By the largest curvature at all points tried, of either sign."""
    found = largest(_over_printed(data["sets"]))
    return judged(
        at_most("largest size of an eigenvalue over (6c + 2)‖M‖", found, 1.0),
        f"The largest curvature at all points tried, the worst among them, is {found:.3f} of (6c + 2)‖M‖.",
    )


def draw(data: Data) -> Figure:
    """The largest curvature at each point, against c, with the printed constant and half of it."""
    figure, axes = eq.plots.new_figure(panel=(4.6, 3.2))
    side, sets = axes[0, 0], data["sets"]
    for number, rank in enumerate(VALUES):
        cases = sets.isel(case=np.flatnonzero(sets["rank"].values == rank))
        every = np.broadcast_to(cases["c"].values[:, None], cases["highest"].shape)
        style = {"color": eq.plots.PALETTE[number], "markersize": 3 + 2 * (number == 0)}
        side.plot(every.ravel(), cases["highest"].values.ravel(), "os"[number], label=f"rank {rank}", **style)
    line = np.geomspace(BOUNDS[0], BOUNDS[-1], 100)
    side.plot(line, 6 * line + 2, color="black", linestyle="--", label="printed: 6c + 2")
    side.plot(line, 3 * line + 1, color="black", label="3c + 1")
    side.set(xscale="log", yscale="log", xlabel="c: ‖U‖², ‖V‖² ≤ c‖M‖", ylabel="λmax over ‖M‖")
    eq.plots.add_legend(side, loc="upper left")
    return figure


CLAIM = Claim(
    id="lemmaB.1",
    source="Lemma B.1 and Eq. (14), Appendix B",
    statement="Where ‖U‖², ‖V‖² ≤ c‖M‖, no eigenvalue of the Hessian of ½‖UVᵀ − M‖² is larger in size than (3c + "
    "1)‖M‖, half the printed constant; at rank 1 it is attained. With β = (66√r + 2)‖M‖ a step of 1/β lowers f by at "
    "least ‖∇f‖²/(2β).",
    printed=Printed(
        "For any c > 0, f is (6c + 2)‖M‖-smooth on the set of all U and V with ‖U‖², ‖V‖² ≤ c‖M‖.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="M is 6 x 5 with singular value 2, or 2, 1.5 and 1, along random directions; c from 0.01 to 100. Points of "
    "the set are drawn with Gaussian directions and uniform squared norms; with them goes √(c‖M‖)(−u₁, v₁), which "
    "attains the bound at rank 1. The half: ‖Δ_U‖‖Δ_V‖ is at most ‖Δ‖²/2, where the proof uses ‖Δ‖². The proof "
    "bounds λmax alone; smoothness needs λmin as well, which is at least −(c + 1)‖M‖.",
)
