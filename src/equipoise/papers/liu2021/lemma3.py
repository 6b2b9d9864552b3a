"""Lemma 3: noise leaves only two minima, with the balance of the noise, and a strict saddle at the origin."""

import itertools
from typing import Any

import numpy as np
import xarray as xr

import equipoise as eq
from equipoise.core.seeds import further_seed, generator
from equipoise.papers.liu2021.shared.seeds import SEED, Offset
from equipoise.papers.liu2021.shared.settings import SEARCH_ITERATIONS, SHAPE, descend
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

GAMMAS = (0.5, 1.0, 2.0)
SHARES = (0.1, 0.5, 0.9)
"""σ² as a share of min(γ, 1)."""

SMALL_SHAPE = (4, 5)
TOLERANCE = 1e-8
ROUNDING = 1e-10
STANDARD_ERRORS = 5.0


def noise_of(gamma: float, variance: float, shape: tuple[int, int]) -> Any:
    """γ-balanced Gaussian noise on vectors of lengths `shape` with σ² = E‖ξ₁‖² = γ² E‖ξ₂‖² = `variance`."""
    return eq.noise.Gaussian(std=((variance / shape[0]) ** 0.5, (variance / shape[1]) ** 0.5 / gamma))


def printed_minimum(problem: Any, gamma: float, variance: float) -> tuple[np.ndarray, np.ndarray]:
    """√(γ − σ²)(u*, v*/γ), as in the lemma."""
    size = (gamma - variance) ** 0.5
    return size * problem.signal.left, size * problem.signal.right / gamma


def up_to_sign(theta: Any, optimum: Any) -> np.ndarray:
    """The distance of each of the points (leading axis) to the nearer of ±optimum."""
    squares = [sum(np.sum((w - s * o) ** 2, axis=(1, 2)) for w, o in zip(theta, optimum, strict=True)) for s in (1, -1)]
    return np.sqrt(np.minimum(*squares))


def descents(gamma: float, variance: float, steps: int, starts: int, seed: int) -> dict[str, Any]:
    """The ends of gradient descent on F̃ from random starts, on the paper's sizes."""
    problem = eq.problems.planted(SHAPE, 1, seed=seed)
    smoothed = eq.theory.smoothed(problem, noise_of(gamma, variance, SHAPE))
    x, y = theta = descend(smoothed, 0.3, steps=steps, starts=starts, seed=seed)
    optimum = printed_minimum(problem, gamma, variance)
    balance = np.linalg.norm(x, axis=(1, 2)) / np.linalg.norm(y, axis=(1, 2))
    sign = np.sign(np.sum(x * optimum[0], axis=(1, 2)))
    return {
        "distance": (
            "start",
            up_to_sign(theta, optimum),
            {"long_name": "distance to the printed minima", "units": "√[M]"},
        ),
        "balance": ("start", balance, {"long_name": "balance", "units": "1"}),
        "sign": ("start", sign, {"long_name": "which of the two minima", "units": "1"}),
    }


def searches(gamma: float, variance: float, starts: int, seed: int) -> dict[str, Any]:
    """All stationary points of F̃ that Levenberg-Marquardt finds, on a small instance."""
    problem = eq.problems.planted(SMALL_SHAPE, 1, seed=seed)
    smoothed = eq.theory.smoothed(problem, noise_of(gamma, variance, SMALL_SHAPE))
    random = generator(seed)
    given = tuple(random.standard_normal((starts, *shape)) for shape in problem.shapes)
    found = eq.theory.find_stationary_points(smoothed, given, iterations=SEARCH_ITERATIONS)
    to_minima = up_to_sign(found.theta, printed_minimum(problem, gamma, variance))
    to_origin = np.sqrt(sum(np.sum(w**2, axis=(1, 2)) for w in found.theta))
    return {
        "found_gradient": ("search", found.gradient_norm, {"long_name": "norm of the gradient", "units": "[M]^1.5"}),
        "found_to_minima": ("search", to_minima, {"long_name": "distance to the printed minima", "units": "√[M]"}),
        "found_to_origin": ("search", to_origin, {"long_name": "distance to the origin", "units": "√[M]"}),
    }


def special_points(gamma: float, variance: float, seed: int) -> dict[str, Any]:
    """Gradient and curvature of F̃ at the origin and, where it exists, at the printed minimum."""
    problem: Any = eq.problems.planted(SHAPE, 1, seed=seed)
    noise = noise_of(gamma, variance, SHAPE)
    smoothed = eq.theory.smoothed(problem, noise)
    origin = tuple(np.zeros(shape) for shape in problem.shapes)
    minimum = printed_minimum(problem, gamma, variance) if gamma > variance else origin
    points = tuple(np.stack(pair) for pair in zip(origin, minimum, strict=True))
    smallest = eq.theory.hessian_eigenvalues(smoothed, points)[:, 0]
    gradient = eq.theory.gradient_norms(smoothed, points)
    closed_form = eq.theory.escape_eigenvalue(problem.signal, noise, problem.shapes, [])
    names = {"units": "[M]"}
    return {
        "gradient": ("place", gradient, {"long_name": "norm of the gradient", "units": "[M]^1.5"}),
        "smallest_eigenvalue": ("place", smallest, {"long_name": "λmin of the Hessian of F̃", **names}),
        "origin_closed_form": ((), closed_form, {"long_name": "λmin at the origin in closed form", **names}),
    }


def grid(quick: bool, seed: int) -> xr.Dataset:
    """Every γ with every σ² below min(γ, 1)."""
    steps, starts, searched = (1500, 24, 50) if quick else (3000, 32, 200)
    parts = []
    for gamma, share in itertools.product(GAMMAS, SHARES):
        variance = share * min(gamma, 1.0)
        measured = {
            **descents(gamma, variance, steps, starts, seed),
            **searches(gamma, variance, searched, seed),
            **special_points(gamma, variance, seed),
        }
        parts.append(xr.Dataset(measured, {"gamma": gamma, "variance": variance}))
    return described(xr.concat(parts, "noise")).assign_coords(place=["origin", "minimum"])


def edges(seed: int) -> xr.Dataset:
    """σ² = γ, which the lemma's "≤" includes, and 1 < σ² < γ, which the lemma leaves out."""
    pairs = [(0.5, 0.5), (1.0, 1.0), (2.0, 1.5)]
    parts = [xr.Dataset(special_points(g, v, seed), {"gamma": g, "variance": v}) for g, v in pairs]
    return described(xr.concat(parts, "noise")).assign_coords(place=["origin", "minimum"])


def described(data: xr.Dataset) -> xr.Dataset:
    """The dataset with the meaning of the coordinates γ and σ²."""
    data["gamma"].attrs.update(long_name="balance γ of the noise", units="1")
    data["variance"].attrs.update(long_name="σ² = E‖ξ₁‖² = γ² E‖ξ₂‖²", units="[M]")
    return data


def averages(quick: bool, seed: int) -> xr.Dataset:
    """F̃ in closed form, and the mean of F over draws of the noise, at random points."""
    points, samples = (3, 1000) if quick else (10, 4000)
    random = generator(seed)
    first = (seed - SEED) % 2**62  # 0 for the default seed
    rows = []
    for number, (gamma, _) in enumerate(itertools.product(GAMMAS, range(points))):
        problem = eq.problems.planted(SHAPE, 1, seed=seed)
        noise = noise_of(gamma, 0.5 * min(gamma, 1.0), SHAPE)
        theta = tuple(0.3 * random.standard_normal(shape) for shape in problem.shapes)
        closed_form = float(eq.theory.smoothed(problem, noise).loss(theta))
        plain = float(problem.loss(theta))
        own = further_seed(first, Offset.AVERAGES, number)
        mean = eq.theory.sampled_mean(problem, noise, theta, samples=samples, seed=own)
        rows.append((plain, closed_form, *mean))
    names = {
        "objective": "objective",
        "closed_form": "smoothed objective in closed form",
        "mean": "mean of the objective over draws of the noise",
        "standard_error": "standard error of the mean",
    }
    return xr.Dataset(
        {
            key: ("point", column, {"long_name": name, "units": "[M]²"})
            for (key, name), column in zip(names.items(), np.transpose(rows), strict=True)
        },
        attrs={"samples": samples},
    )


def run(quick: bool, seed: int) -> dict[str, xr.Dataset]:
    """The grid, its edges, and the averages."""
    return {"grid": grid(quick, seed), "edges": edges(seed), "averages": averages(quick, seed)}


def check(data: Data) -> list[Check]:
    """The minima and the saddle; nothing else exists; and what happens at the edges of the lemma's condition."""
    return [
        *check_descents(data["grid"]),
        *check_points(data["grid"]),
        *check_averages(data["averages"]),
        *check_edges(data["edges"]),
    ]


def check_descents(d: xr.Dataset) -> list[Check]:
    """Descents end at both printed minima; searches find these and the origin."""
    both = ((d["sign"] > 0).any("start") & (d["sign"] < 0).any("start")).sum()
    stationary = d["found_gradient"] <= ROUNDING
    minimum, origin = d["found_to_minima"] <= TOLERANCE, d["found_to_origin"] <= TOLERANCE
    searched = int(stationary.size)
    return [
        at_most("descents: distance to ±√(γ − σ²)(u*, v*/γ)", largest(d["distance"]), TOLERANCE),
        at_most("descents: balance over γ, less 1", largest(abs(d["balance"] / d["gamma"] - 1)), TOLERANCE),
        near("noise levels at which descents found both signs", both, d.sizes["noise"], 0),
        near(f"stationary points found in {searched} searches", stationary.sum(), searched, 0),
        at_least("printed minima among them", (stationary & minimum).sum(), 1),
        at_least("origins among them", (stationary & origin).sum(), 1),
        near("neither a printed minimum nor the origin", (stationary & ~minimum & ~origin).sum(), 0, 0),
    ]


def check_points(d: xr.Dataset) -> list[Check]:
    """The gradient and the curvature of F̃ at the printed minimum and at the origin."""
    at_minimum, at_origin = d.sel(place="minimum"), d.sel(place="origin")
    curvature = at_origin["smallest_eigenvalue"]
    deviation = largest(abs(curvature / at_origin["origin_closed_form"] - 1))
    return [
        at_most("printed minimum: gradient", largest(at_minimum["gradient"]), TOLERANCE),
        at_least("printed minimum: least λmin, positive", smallest(at_minimum["smallest_eigenvalue"]), 1e-3),
        at_most("origin: gradient", largest(at_origin["gradient"]), TOLERANCE),
        at_most("origin: largest λmin, negative", largest(curvature), -1e-3),
        at_most("origin: λmin against its closed form, relative", deviation, TOLERANCE),
    ]


def check_averages(d: xr.Dataset) -> list[Check]:
    """The closed form of F̃ is the mean of F, and the effect of the noise is large enough to be measured."""
    deviations = abs(d["mean"] - d["closed_form"]) / d["standard_error"]
    effects = (d["closed_form"] - d["objective"]) / d["standard_error"]
    return [
        at_most("F̃ against the mean of F, largest deviation in standard errors", largest(deviations), STANDARD_ERRORS),
        at_least("least of F̃ − F, in standard errors", smallest(effects), 2 * STANDARD_ERRORS),
    ]


def check_edges(d: xr.Dataset) -> list[Check]:
    """The lemma fails at σ² = γ; it holds at σ² > 1."""
    at_edge = d.sel(place="origin").where(d["variance"] == d["gamma"], drop=True)
    beyond = d.where(d["variance"] < d["gamma"], drop=True)
    at_minimum, at_origin = beyond.sel(place="minimum"), beyond.sel(place="origin")
    return [
        at_most(
            "σ² = γ: |λmin| at the origin, 0 instead of negative",
            largest(abs(at_edge["smallest_eigenvalue"])),
            TOLERANCE,
        ),
        at_most("1 < σ² < γ: gradient at the printed minimum", largest(at_minimum["gradient"]), TOLERANCE),
        at_least(
            "1 < σ² < γ: λmin at the printed minimum, positive", smallest(at_minimum["smallest_eigenvalue"]), 1e-3
        ),
        at_most("1 < σ² < γ: λmin at the origin, negative", largest(at_origin["smallest_eigenvalue"]), -1e-3),
    ]


def judge(data: Data) -> Judgement:
    """The printed condition includes σ² = γ, where the origin is no strict saddle; below it the lemma holds."""
    inside, edge = data["grid"], data["edges"].sel(place="origin")
    at_edge = largest(edge["smallest_eigenvalue"], edge["variance"] == edge["gamma"])
    stationary = inside["found_gradient"] <= ROUNDING
    known = (inside["found_to_minima"] <= TOLERANCE) | (inside["found_to_origin"] <= TOLERANCE)
    others, away = int((stationary & ~known).sum()), largest(inside["distance"])
    return jointly(
        judged(
            near("stationary points found for σ² < γ that are not the printed ones", others, 0, 0),
            f"For σ² < min(γ, 1), {others} of {int(stationary.sum())} stationary points found are none of the printed.",
        ),
        judged(
            at_most("distance of descents from the printed optima for σ² < γ", away, TOLERANCE),
            f"For σ² < min(γ, 1) descents end within {away:.1g} of the printed optima.",
        ),
        judged(
            at_most("σ² = γ: λmin at the origin, which should be negative", at_edge, -TOLERANCE),
            f"The printed condition σ² ≤ min(γ, 1) includes σ² = γ ≤ 1, where λmin at the origin is {at_edge:.1g}.",
        ),
    )


CLAIM = Claim(
    id="lemma3",
    source="Lemma 3",
    statement=(
        "With γ-balanced noise, σ² = E‖ξ₁‖² = γ²E‖ξ₂‖² < γ, the smoothed objective has exactly the minima "
        "±√(γ − σ²)(u*, v*/γ), of balance γ, and the origin as a saddle with λmin < 0."
    ),
    printed=Printed(
        "For γ-balanced noise with σ² = E‖ξ₁‖² = γ²E‖ξ₂‖² ≤ min(γ, 1), the smoothed problem has two global optima, "
        "±√(γ − σ²)(u*, v*/γ), and one saddle point, the origin, with λmin < 0.",
        judge,
    ),
    run=run,
    check=check,
    choices=(
        "γ = ½, 1, 2; σ² = 0.1, 0.5, 0.9 of min(γ, 1); random unit vectors, 20 x 30 (4 x 5 for the search of all "
        "stationary points, by Levenberg-Marquardt on ‖∇F̃‖² from N(0, 1) starts). The lemma prints σ² ≤ min(γ, 1). "
        "At σ² = γ the minima and the origin are one point with λmin = 0, so that the inequality must be strict "
        "there; and σ² ≤ 1 is not needed, since σ² < γ is enough. Both are checked."
    ),
)
