"""Lemma 1: the stationary points of rank-1 factorization; there are no others."""

from typing import Any

import numpy as np
import xarray as xr

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.liu2021.shared.settings import SEARCH_ITERATIONS, SHAPE
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

SMALL_SHAPE = (4, 5)
ROUNDING = 1e-10
# Near the origin ‖∇F‖ is of third order in θ, so a gradient of size ROUNDING means a distance of its cube root.
FOUND = 1e-3


def instances(seed: int) -> dict[str, Any]:
    """The paper's M = e₁e₁ᵀ, and M = u*v*ᵀ with unit vectors in general position."""
    return {"axes": eq.problems.planted(SHAPE, 1), "random": eq.problems.planted(SHAPE, 1, seed=seed)}


def measure(problem: Any, points: list[Any]) -> dict[str, Any]:
    """The measured properties of each of the points, along the dimension `point`."""
    batch = tuple(np.stack(factor) for factor in zip(*points, strict=True))
    gradients = eq.theory.gradient_norms(problem, batch)
    eigenvalues = eq.theory.hessian_eigenvalues(problem, batch)
    losses = [float(problem.loss(point)) for point in points]
    return {
        "gradient_norm": ("point", gradients, {"long_name": "norm of the gradient", "units": "[M]^1.5"}),
        "loss": ("point", losses, {"long_name": "objective", "units": "[M]²"}),
        "smallest_eigenvalue": ("point", eigenvalues[:, 0], {"long_name": "λmin of the Hessian", "units": "[M]"}),
        "largest_eigenvalue": ("point", eigenvalues[:, -1], {"long_name": "λmax of the Hessian", "units": "[M]"}),
    }


def minima(count: int, seed: int) -> xr.Dataset:
    """(αu*, v*/α) for 2 x `count` values of α between ±1/100 and ±100."""
    alphas = np.concatenate([np.geomspace(0.01, 100, count), -np.geomspace(0.01, 100, count)])
    parts = []
    for name, problem in instances(seed).items():
        points = [eq.theory.global_minimum(problem.signal, alpha) for alpha in alphas]
        measured = measure(problem, points)
        scaling = ("point", alphas, {"long_name": "scaling α", "units": "1"})
        parts.append(xr.Dataset(measured, {"alpha": scaling}).expand_dims(instance=[name]))
    return xr.concat(parts, "instance")


def saddles(count: int, seed: int) -> xr.Dataset:
    """(x, 0) and (0, y) with x ⊥ u*, y ⊥ v* in random directions, of `count` norms from 1/10 to 10, and the origin."""
    norms = np.concatenate([[0.0], np.geomspace(0.1, 10, count)])
    random = generator(seed)
    parts = []
    for name, problem in instances(seed).items():
        signal = problem.signal
        points, closed_form = [], []
        for side, basis in enumerate((signal.left, signal.right)):
            for norm in norms:
                factor = eq.theory.off_signal(basis, random.standard_normal((SHAPE[side], 1)))
                factor *= norm / np.linalg.norm(factor)
                point = [np.zeros(shape) for shape in problem.shapes]
                point[side] = factor
                points.append(tuple(point))
                closed_form.append(eq.theory.saddle_eigenvalue(signal, factor))
        coordinates = {
            "norm": ("point", np.tile(norms, 2), {"long_name": "norm of the factor that is not 0", "units": "√[M]"}),
            "side": ("point", np.repeat(["x", "y"], norms.size), {"long_name": "factor that is not 0"}),
        }
        measured = measure(problem, points)
        measured["closed_form"] = ("point", closed_form, {"long_name": "λmin in closed form", "units": "[M]"})
        parts.append(xr.Dataset(measured, coordinates).expand_dims(instance=[name]))
    return xr.concat(parts, "instance")


def search(starts: int, seed: int) -> xr.Dataset:
    """The ends of Levenberg-Marquardt on ‖∇F‖² from N(0, 1) starts, and their distances from the two types."""
    problem: Any = eq.problems.planted(SMALL_SHAPE, 1, seed=seed)
    random = generator(seed)
    given = tuple(random.standard_normal((starts, *shape)) for shape in problem.shapes)
    found = eq.theory.find_stationary_points(problem, given, iterations=SEARCH_ITERATIONS)
    x, y = (factor[..., 0] for factor in found.theta)
    u, v = problem.signal.left[:, 0], problem.signal.right[:, 0]
    residual = np.linalg.norm(x[:, :, None] * y[:, None, :] - np.outer(u, v), axis=(1, 2))
    to_left = np.hypot(np.linalg.norm(y, axis=1), x @ u)
    to_right = np.hypot(np.linalg.norm(x, axis=1), y @ v)
    eigenvalues = eq.theory.hessian_eigenvalues(problem, found.theta)
    return xr.Dataset(
        {
            "gradient_norm": ("start", found.gradient_norm, {"long_name": "norm of the gradient", "units": "[M]^1.5"}),
            "to_minima": ("start", residual, {"long_name": "distance of xyᵀ from M", "units": "[M]"}),
            "to_saddles": (
                "start",
                np.minimum(to_left, to_right),
                {"long_name": "distance to the points (x, 0), (0, y) with x ⊥ u*, y ⊥ v*", "units": "√[M]"},
            ),
            "smallest_eigenvalue": ("start", eigenvalues[:, 0], {"long_name": "λmin of the Hessian", "units": "[M]"}),
        }
    )


def run(quick: bool, seed: int) -> dict[str, xr.Dataset]:
    """Both types on a grid, and the search for others."""
    count, starts = (5, 200) if quick else (25, 5000)
    return {"minima": minima(count, seed), "saddles": saddles(count, seed), "search": search(starts, seed)}


def check(data: Data) -> list[Check]:
    """The two types have the properties in the lemma, and nothing else is found."""
    at_minima, at_saddles, found = data["minima"], data["saddles"], data["search"]
    stationary = found["gradient_norm"] <= ROUNDING
    minimum, saddle = found["to_minima"] <= FOUND, found["to_saddles"] <= FOUND
    relative = at_saddles["smallest_eigenvalue"] / at_saddles["closed_form"] - 1
    curvature = at_minima["smallest_eigenvalue"] / at_minima["largest_eigenvalue"]
    starts = found.sizes["start"]
    return [
        at_most("(αu*, v*/α): largest gradient", largest(at_minima["gradient_norm"]), ROUNDING),
        at_most("(αu*, v*/α): largest objective", largest(at_minima["loss"]), ROUNDING),
        at_least("(αu*, v*/α): least λmin/λmax, 0 up to rounding", smallest(curvature), -1e-12),
        at_most("(x, 0), (0, y): largest gradient", largest(at_saddles["gradient_norm"]), ROUNDING),
        at_most("(x, 0), (0, y): largest λmin, negative", largest(at_saddles["smallest_eigenvalue"]), -1e-3),
        at_most("(x, 0), (0, y): λmin against p/2 − √(p²/4 + 1), p the squared norm", largest(abs(relative)), 1e-8),
        near(f"stationary points found from {starts} starts", stationary.sum(), starts, 0),
        near("of neither type among them", (stationary & ~minimum & ~saddle).sum(), 0, 0),
        at_least("minima among them", (stationary & minimum).sum(), 1),
        at_least("saddles among them", (stationary & saddle).sum(), 1),
        at_most("largest λmin of a saddle found", largest(found["smallest_eigenvalue"], saddle), -1e-6),
        at_least("least λmin of a minimum found", smallest(found["smallest_eigenvalue"], minimum), -ROUNDING),
    ]


def judge(data: Data) -> Judgement:
    """Nothing is of a third type, and the two types are what the lemma says they are."""
    found, at_saddles = data["search"], data["saddles"]
    stationary = found["gradient_norm"] <= ROUNDING
    neither = int((stationary & (found["to_minima"] > FOUND) & (found["to_saddles"] > FOUND)).sum())
    curvature = largest(at_saddles["smallest_eigenvalue"])
    loss = largest(data["minima"]["loss"])
    return jointly(
        judged(
            near("stationary points found that are of neither type", neither, 0, 0),
            f"Of {int(stationary.sum())} stationary points found, {neither} are of neither type.",
        ),
        judged(
            at_most("largest λmin at (x, 0) and (0, y)", curvature, -1e-6),
            f"The largest λmin at a point (x, 0) or (0, y) is {curvature:.2g}.",
        ),
        judged(
            at_most("largest objective at (αu*, v*/α)", loss, ROUNDING),
            f"The largest objective at a point (αu*, v*/α) is {loss:.2g}, and its least possible value is 0.",
        ),
    )


CLAIM = Claim(
    id="lemma1",
    source="Lemma 1",
    statement=(
        "At rank 1 the stationary points of ½‖xyᵀ − u*v*ᵀ‖² are the global minima (αu*, v*/α), α ≠ 0, and the strict "
        "saddles (x, 0), (0, y) with x ⊥ u*, y ⊥ v*; there are no others."
    ),
    printed=Printed(
        "F has two types of stationary points: (αu*, v*/α), α ≠ 0, which are global optima; and (x, 0), (0, y) with "
        "x ⊥ u*, y ⊥ v*, which are strict saddles.",
        judge,
    ),
    run=run,
    check=check,
    choices=(
        "M = e₁e₁ᵀ and M = u*v*ᵀ with random unit vectors, 20 x 30; |α| from 1/100 to 100; the search for other points "
        "is on a random 4 x 5 instance, by Levenberg-Marquardt on ‖∇F‖² from N(0, 1) starts, and shows that none is "
        "found, not that none exists."
    ),
)
