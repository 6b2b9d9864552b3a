"""Lemma 3.2: the stationary points of ½‖UVᵀ − M‖², put off balance; all except the minima are strict saddles."""

import itertools
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.du2018.shared.seeds import Stream
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, judged

SHAPE, VALUES = (5, 4), (3.0, 2.0, 1.0)
RANK = len(VALUES)
SPREADS, BESIDE = (0.0, 0.03, 0.1, 0.3, 0.6), (0.0, 0.3, 1.0, 2.0)
"""How far a change of basis is from a rotation, and the size of the factors' part off the signal."""

ITERATIONS = 300
LEAST_SHOWN = 1e-3
"""The ratio at which balanced points, whose ratio is 0, are drawn."""

STRICT = 1e-6
"""The least −λmin of a strict saddle, above rounding."""

FITTED = 1e-6
"""A residual below which a stationary point is a minimum: the others have at least the smallest singular value."""

Point = tuple[np.ndarray, np.ndarray]


def run(quick: bool, seed: int) -> Data:
    """Every type of stationary point in several bases, and the results of a search from random starts."""
    problem: Any = eq.problems.planted(SHAPE, RANK, values=VALUES, seed=seed)
    points, labels = enumerated(problem, 3 if quick else 40, generator(seed, Stream.SADDLES))
    found = searched(problem, 60 if quick else 3000, generator(seed, Stream.SEARCH))
    together = measured(problem, [*points, *found])
    of_enumerated, of_found = together.isel(point=slice(len(points))), together.isel(point=slice(len(points), None))
    products = np.stack([u @ v.T for u, v in found])
    away = np.linalg.norm(products[:, None] - _partial(problem), axis=(2, 3)).min(axis=1)
    distance = ("point", away, {"long_name": "distance to the nearest M_S", "units": "[M]"})
    return {"points": of_enumerated.assign(labels), "found": of_found.assign(away=distance)}


def enumerated(problem: Any, bases: int, random: np.random.Generator) -> tuple[list[Point], dict[str, Any]]:
    """([A_S Σ_S^½, X]H, [B_S Σ_S^½, Y]H⁻ᵀ) for all subsets S of singular directions, with random X, Y and H.

    X and Y are off the signal: XᵀA = 0, YᵀB = 0 and XYᵀ = 0. If the singular values are distinct, there are no others.
    """
    points, labels = [], []
    subsets = [s for k in range(RANK + 1) for s in itertools.combinations(range(RANK), k)]
    for subset, spread, size, _ in itertools.product(subsets, SPREADS, BESIDE, range(bases)):
        if len(subset) == RANK and size > 0:
            continue  # X and Y have no column
        points.append(_point(problem, subset, spread, size, random))
        left_out = max((VALUES[i] for i in range(RANK) if i not in subset), default=0.0)
        labels.append((len(subset), spread, size, left_out))
    meanings = {
        "fitted": "singular directions fitted",
        "spread": "spread of the basis",
        "beside": "size off the signal",
        "left_out": "largest singular value left out",
    }
    columns = zip(meanings.items(), np.array(labels).T, strict=True)
    return points, {name: ("point", column, {"long_name": text}) for (name, text), column in columns}


def _point(problem: Any, subset: tuple[int, ...], spread: float, size: float, random: np.random.Generator) -> Point:
    """One of these points; the free columns are divided between X and Y, so that XYᵀ = 0."""
    free = RANK - len(subset)
    of_x = int(random.integers(0, free + 1))
    signal = problem.signal
    sides = []
    for side, basis, first, last in ((0, signal.left, 0, of_x), (1, signal.right, of_x, free)):
        beside = np.zeros((SHAPE[side], free))
        beside[:, first:last] = eq.theory.off_signal(basis, random.standard_normal((SHAPE[side], last - first)))
        sides.append(np.concatenate([signal.factors()[side][:, list(subset)], size * beside], axis=1))
    turn, other = (np.linalg.qr(random.standard_normal((RANK, RANK)))[0] for _ in range(2))
    stretch = np.exp(spread * random.standard_normal(RANK))
    return sides[0] @ (turn * stretch) @ other, sides[1] @ (turn / stretch) @ other


def searched(problem: Any, starts: int, random: np.random.Generator) -> list[Point]:
    """The ends of Levenberg-Marquardt on ‖∇f‖² from N(0, 1) starts."""
    given = tuple(random.standard_normal((starts, *shape)) for shape in problem.shapes)
    found = eq.theory.find_stationary_points(problem, given, iterations=ITERATIONS)
    return list(zip(*found.theta, strict=True))


def _partial(problem: Any) -> np.ndarray:
    """M_S = A_S Σ_S B_Sᵀ for every S."""
    kept = np.array(list(itertools.product((0.0, 1.0), repeat=RANK)))
    signal = problem.signal
    return np.einsum("ik,sk,jk->sij", signal.left, kept * signal.values, signal.right)


def measured(problem: Any, points: list[Point]) -> xr.Dataset:
    """The quantities in the lemma and its proof, at each of the points; Δ is as in `from_nearest_optimum`."""
    batch = tuple(np.stack(factor) for factor in zip(*points, strict=True))
    residual, norm, gap, cross, square = np.array([_of_proof(problem, point) for point in points]).T
    gradients = eq.theory.gradient_norms(problem, batch)
    eigenvalues = eq.theory.hessian_eigenvalues(problem, batch)
    return xr.Dataset(
        {
            "residual": ("point", residual, {"long_name": "‖UVᵀ − M‖", "units": "[M]"}),
            "residual_norm": ("point", norm, {"long_name": "‖UVᵀ − M‖₂", "units": "[M]"}),
            "gap": ("point", gap, {"long_name": "‖UᵀU − VᵀV‖", "units": "[M]"}),
            "cross": ("point", cross, {"long_name": "⟨UVᵀ − M, Δ_U Δ_Vᵀ⟩", "units": "[M]²"}),
            "square": ("point", square, {"long_name": "‖U Δ_Vᵀ + Δ_U Vᵀ‖²", "units": "[M]²"}),
            "gradient_norm": ("point", gradients, {"long_name": "norm of the gradient", "units": "[M]^1.5"}),
            "smallest_eigenvalue": ("point", eigenvalues[:, 0], {"long_name": "λmin of the Hessian", "units": "[M]"}),
        }
    )


def _of_proof(problem: Any, point: Point) -> tuple[float, ...]:
    u, v = point
    residual = u @ v.T - (problem.signal.left * problem.signal.values) @ problem.signal.right.T
    du, dv = eq.theory.from_nearest_optimum(problem.signal, point)
    norms = (np.linalg.norm(residual), np.linalg.norm(residual, 2), np.linalg.norm(u.T @ u - v.T @ v))
    numbers = (*norms, np.sum(residual * (du @ dv.T)), np.sum((u @ dv.T + du @ v.T) ** 2))
    return tuple(float(number) for number in numbers)


def curvature(points: xr.Dataset) -> xr.DataArray:
    """[∇²f](Δ, Δ) by Eq. (12)."""
    return 2 * points["cross"] + points["square"]


def excess(points: xr.Dataset) -> xr.DataArray:
    """λmin minus the bound of `saddle_bound`; NaN where the point fits M."""
    pairs = zip(points["residual_norm"].values, points["gap"].values, strict=True)
    bounds = [eq.theory.saddle_bound(rho, gap) if rho > FITTED else np.nan for rho, gap in pairs]
    return points["smallest_eigenvalue"] - np.array(bounds)


def check(data: Data) -> list[Check]:
    """The points are stationary; the lemma and the claims in its proof hold on them, also beyond its conditions."""
    points, found = data["points"], data["found"]
    squared, gap = points["residual"] ** 2, points["gap"] ** 2
    unfitted = points["residual"] > FITTED
    near_balance = unfitted & (points["gap"] <= points["residual"])
    balanced = unfitted & (points["spread"] == 0) & (points["beside"] == 0)
    left = found["residual"] > FITTED
    closed = abs(points["smallest_eigenvalue"] + points["left_out"])
    return [
        at_most(
            "largest gradient norm, enumerated or found",
            np.max([largest(part["gradient_norm"]) for part in (points, found)]),
            1e-7,
        ),
        at_most("largest distance of a product found to the nearest M_S", largest(found["away"]), 1e-4),
        at_least("smallest residual of an unfitted point", smallest(points["residual"], unfitted), VALUES[-1] - 1e-9),
        at_most(
            "‖UᵀU − VᵀV‖ ≤ ‖UVᵀ − M‖: largest curvature along Δ over ‖UVᵀ − M‖²",
            largest(curvature(points) / squared, near_balance),
            -0.5,
        ),
        at_most("the same: largest λmin", largest(points["smallest_eigenvalue"], near_balance), -0.1),
        at_most("Claim B.4: largest departure", largest(abs(points["cross"] + squared)), 1e-9),
        at_most("Claim B.5: largest excess over its bound", largest(points["square"] - squared - gap / 2), 1e-9),
        at_most(
            "balanced: largest departure of λmin from −(largest singular value left out)",
            largest(closed, balanced),
            1e-9,
        ),
        at_least(
            "off balance: largest curvature along Δ over ‖UVᵀ − M‖²",
            largest(curvature(points) / squared, unfitted),
            0.1,
        ),
        at_most("all that do not fit: largest λmin", largest(points["smallest_eigenvalue"], unfitted), -1e-6),
        at_most("the same: largest excess of λmin over g/2 − √(g²/4 + ρ²)", largest(excess(points), unfitted), 1e-9),
        at_most("found, not fitting: largest λmin", largest(found["smallest_eigenvalue"], left), -1e-6),
        at_most("the same: largest excess of λmin over its bound", largest(excess(found), left), 1e-6),
    ]


def judge(data: Data) -> Judgement:
    """With ε = ‖UᵀU − VᵀV‖, the least that the lemma allows: the points farther than ε from M are strict saddles."""
    parts = data["points"], data["found"]
    least = max(
        largest(part["smallest_eigenvalue"], (part["residual"] > FITTED) & (part["residual"] > part["gap"]))
        for part in parts
    )
    return judged(
        at_most("largest λmin of a point with ‖UVᵀ − M‖ > ‖UᵀU − VᵀV‖", least, -STRICT),
        f"Where ‖UVᵀ − M‖ > ‖UᵀU − VᵀV‖ the largest λmin is {least:.2g}.",
    )


def draw(data: Data) -> Figure:
    """Curvature along Δ, and the least eigenvalue, against the distance of the point from balance."""
    figure, axes = eq.plots.new_figure(1, 2, panel=(4.3, 3.3))
    points = data["points"].isel(point=np.flatnonzero(data["points"]["residual"].values > FITTED))
    panels = (
        (points["residual"], curvature(points) / points["residual"] ** 2),
        (points["residual_norm"], -points["smallest_eigenvalue"] / points["residual_norm"]),
    )
    for side, (norm, values) in zip(axes[0], panels, strict=True):
        for count in range(RANK):
            chosen = points["fitted"].values == count
            ratio = np.maximum(points["gap"] / norm, LEAST_SHOWN)[chosen]
            label = f"{count} of {RANK} directions fitted"
            side.plot(ratio, values[chosen], "os^"[count], markersize=3, label=label)
    ratio = np.geomspace(LEAST_SHOWN, 200, 400)
    axes[0, 0].plot(ratio, -1 + ratio**2 / 2, color="black", label="bound of the proof")
    axes[0, 0].axhline(0.0, color="black", linewidth=0.8, linestyle=":")
    axes[0, 0].set(xscale="log", ylim=(-4, 4), ylabel="curvature along Δ over ‖UVᵀ − M‖²")
    axes[0, 0].set_xlabel("‖UᵀU − VᵀV‖ over ‖UVᵀ − M‖")
    axes[0, 1].plot(ratio, [-eq.theory.saddle_bound(1.0, gap) for gap in ratio], color="black", label="lower bound")
    axes[0, 1].set(xscale="log", yscale="log", ylabel="−λmin over ρ")
    axes[0, 1].set_xlabel("g = ‖UᵀU − VᵀV‖ over ρ = ‖UVᵀ − M‖₂")
    for side in axes[0]:
        eq.plots.add_legend(side)
    eq.plots.label_panels(axes[0], ("along the direction of the proof", "along the steepest"))
    return figure


CLAIM = Claim(
    id="lemma3.2",
    source="Lemma 3.2, Appendix B.3",
    statement="A stationary point of ½‖UVᵀ − M‖² with ‖UᵀU − VᵀV‖ ≤ ε is within ε of M or a strict saddle. Every one "
    "that does not fit M exactly is a strict saddle, whatever its balance: that is known (Liu et al., 2021, Section 1, "
    "and the work named in their Section 2). Added here: λmin ≤ g/2 − √(g²/4 + ρ²), g = ‖UᵀU − VᵀV‖, ρ = ‖UVᵀ − M‖₂; "
    "balance makes the escape fast.",
    printed=Printed(
        "A stationary point with ‖UᵀU − VᵀV‖ ≤ ε fits M to within ε or is a strict saddle.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="M is 5 x 4 with singular values 3, 2 and 1 along random directions. All stationary points are "
    "([A_S Σ_S^½, X]H, [B_S Σ_S^½, Y]H⁻ᵀ) with S a subset of the singular directions, X and Y off the signal, XYᵀ = 0 "
    "and H invertible; X, Y and H are drawn, from balanced to far off. A search from random starts finds nothing else. "
    "Δ is the proof's direction, from the nearest balanced optimum. The lemma is judged with ε = ‖UᵀU − VᵀV‖, the "
    "least that it allows; a saddle counts as strict if λmin ≤ −1e-6. The bound of λmin is proven in the "
    "documentation; we have not seen it elsewhere. In the figure balanced points stand at 0.001.",
)
