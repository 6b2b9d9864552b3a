"""Theorem 2: at any rank, noise leaves only balanced stationary points, and among them only one set of minima."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.procrustes import nearest_rotation
from equipoise.core.seeds import generator
from equipoise.papers.liu2021.shared.settings import SHAPE, descend, ensemble
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

SMALL_SHAPE = (8, 9)
VALUES = (2.0, 1.5, 1.0)
GAMMAS = (0.5, 1.0, 2.0)
LARGE_RANK = 10
LEVEL = 0.4
"""γσ², the amount by which the singular values are lowered; σmin(M) = 1 in both instances."""

START_SIZES, QUICK_START_SIZES = (0.5, 3.0, 10.0), (3.0,)
TOLERANCE = 1e-8
ROUNDING = 1e-10

ENSEMBLE_GAMMA, ENSEMBLE_LEVEL = 2.0, 0.1
STEP_SIZE = 0.01
FINER = 4


def noise_of(gamma: float, level: float, shape: tuple[int, int]) -> Any:
    """Gaussian noise with E‖ξ₁‖² = γ²E‖ξ₂‖² = rγ²σ² and γσ² = `level`, in the theorem's notation."""
    variance = level / gamma
    return eq.noise.Gaussian(std=(gamma * (variance / shape[0]) ** 0.5, (variance / shape[1]) ** 0.5))


def printed_minimum(signal: Any, gamma: float, level: float) -> tuple[np.ndarray, np.ndarray]:
    """(√γ A(Σ − γσ²I)^½, γ^−½ B(Σ − γσ²I)^½), as in the theorem."""
    root = np.sqrt(signal.values - level)
    return gamma**0.5 * signal.left * root, gamma**-0.5 * signal.right * root


def procrustes(theta: Any, optimum: Any) -> np.ndarray:
    """min over orthogonal R of ‖(U, V) − (Ũ, Ṽ)R‖_F, for each of the points (leading axis)."""
    rotation = nearest_rotation(optimum, theta)
    return np.sqrt(sum(np.sum((w - o @ rotation) ** 2, axis=(1, 2)) for w, o in zip(theta, optimum, strict=True)))


def measure(smoothed: Any, theta: Any, gamma: float, level: float) -> dict[str, Any]:
    """The measured properties of each of the points (leading axis), along the dimension `point`."""
    x, y = theta
    gap = np.swapaxes(x, 1, 2) @ x - gamma**2 * np.swapaxes(y, 1, 2) @ y
    distance = procrustes(theta, printed_minimum(smoothed.known_signal(), gamma, level))
    smallest = eq.theory.hessian_eigenvalues(smoothed, theta)[:, 0]
    columns = {
        "gradient_norm": (eq.theory.gradient_norms(smoothed, theta), "norm of the gradient", "[M]^1.5"),
        "gap": (np.linalg.norm(gap, axis=(1, 2)), "matrix gap, ‖UᵀU − γ²VᵀV‖", "[M]"),
        "distance": (distance, "distance to the printed minima up to rotation", "√[M]"),
        "smallest_eigenvalue": (smallest, "λmin of the Hessian of F̃", "[M]"),
    }
    return {key: ("point", values, {"long_name": name, "units": unit}) for key, (values, name, unit) in columns.items()}


def rotated(theta: Any, random: np.random.Generator) -> tuple[np.ndarray, ...]:
    """(U, V)R with R orthogonal and uniformly random."""
    rank = theta[0].shape[1]
    q, r = np.linalg.qr(random.standard_normal((rank, rank)))
    return tuple(w @ (q * np.sign(np.diag(r))) for w in theta)


def padded(theta: Any, rank: int) -> tuple[np.ndarray, ...]:
    """The factors, padded with zero columns to `rank`."""
    return tuple(np.pad(w, ((0, 0), (0, rank - w.shape[1]))) for w in theta)


def enumerated(problem: Any, gamma: float, subsets: list[Any], rotations: int, seed: int) -> xr.Dataset:
    """The stationary points that fit a subset S of the singular directions, each with random rotations.

    They are (√γ A_S(Σ_S − γσ²)^½, γ^−½ B_S(Σ_S − γσ²)^½, 0)R. By the argument of the theorem these are all.
    """
    random = generator(seed)
    noise = noise_of(gamma, LEVEL, problem.measurement.shape)
    smoothed = eq.theory.smoothed(problem, noise)
    points, expected = [], []
    for subset, _ in itertools.product(subsets, range(rotations)):
        chosen = list(subset)
        part = eq.problems.Signal(*(w[..., chosen] for w in problem.signal))
        points.append(rotated(padded(printed_minimum(part, gamma, LEVEL), problem.rank), random))
        whole = len(chosen) == problem.rank
        expected.append(0.0 if whole else eq.theory.escape_eigenvalue(problem.signal, noise, problem.shapes, chosen))
    measured = measure(smoothed, tuple(np.stack(w) for w in zip(*points, strict=True)), gamma, LEVEL)
    fitted = [len(subset) for subset in subsets for _ in range(rotations)]
    measured["closed_form"] = ("point", expected, {"long_name": "λmin in closed form", "units": "[M]"})
    measured["fitted"] = ("point", fitted, {"long_name": "singular directions fitted", "units": "1"})
    return xr.Dataset(measured, {"gamma": gamma})


def searched(problem: Any, gamma: float, sizes: Sequence[float], starts: int, seed: int) -> xr.Dataset:
    """The ends of Levenberg-Marquardt on ‖∇F̃‖², and the distance of their products from the nearest known one."""
    smoothed = eq.theory.smoothed(problem, noise_of(gamma, LEVEL, problem.measurement.shape))
    random = generator(seed)
    scale = random.choice(sizes, (starts, 1, 1))
    given = tuple(scale * random.standard_normal((starts, *shape)) for shape in problem.shapes)
    x, y = eq.theory.find_stationary_points(smoothed, given).theta
    signal = problem.signal
    product = signal.left.T @ x @ np.swapaxes(y, 1, 2) @ signal.right
    fitted = np.diagonal(product, axis1=1, axis2=2) > (signal.values - LEVEL) / 2
    nearest = signal.left @ (fitted[:, :, None] * np.diag(signal.values - LEVEL)) @ signal.right.T
    to_known = np.linalg.norm(x @ np.swapaxes(y, 1, 2) - nearest, axis=(1, 2))
    measured = measure(smoothed, (x, y), gamma, LEVEL)
    measured["to_known"] = (
        "point",
        to_known,
        {"long_name": "distance of the product from a known one", "units": "[M]"},
    )
    measured["fitted"] = ("point", fitted.sum(axis=1), {"long_name": "singular directions fitted", "units": "1"})
    return xr.Dataset(measured, {"gamma": gamma})


def descended(problem: Any, gamma: float, starts: int, steps: int, seed: int) -> xr.Dataset:
    """The ends of gradient descent on F̃ from small random starts."""
    smoothed = eq.theory.smoothed(problem, noise_of(gamma, LEVEL, problem.measurement.shape))
    theta = descend(smoothed, 0.1, steps=steps, starts=starts, seed=seed)
    distance = procrustes(theta, printed_minimum(problem.signal, gamma, LEVEL))
    meaning = {"long_name": "distance to the printed minima up to rotation", "units": "√[M]"}
    return xr.Dataset({"distance": ("start", distance, meaning)}, {"gamma": gamma})


def ensembles(problem: Any, replicates: int, steps: int, seed: int) -> dict[str, xr.Dataset]:
    """Perturbed GD at two step sizes, and GD, from the same starts for the same flow time."""
    noise = noise_of(ENSEMBLE_GAMMA, ENSEMBLE_LEVEL, SMALL_SHAPE)
    # the distance is measured from the theorem's minima: the γ-balanced optimum of M with lowered singular values
    smoothed = eq.theory.smoothed_signal(problem.signal, noise, problem.shapes)
    measured_from = eq.problems.Factored(problem.measurement, problem.parametrization, smoothed)
    observables = (eq.observables.matrix_gap(ENSEMBLE_GAMMA), eq.observables.distance(ENSEMBLE_GAMMA))
    settings = {
        "descent": (eq.dynamics.GradientDescent(STEP_SIZE), steps),
        "perturbed": (eq.dynamics.PerturbedGD(STEP_SIZE, noise), steps),
        "perturbed_finer": (eq.dynamics.PerturbedGD(STEP_SIZE / FINER, noise), FINER * steps),
    }
    return {
        name: ensemble(
            measured_from,
            method,
            eq.initial.Gaussian(0.1),
            seed=seed,
            steps=count,
            replicates=replicates,
            every=count // 100,
            observables=observables,
        )
        for name, (method, count) in settings.items()
    }


def together(parts: list[xr.Dataset]) -> xr.Dataset:
    """One dataset for all γ."""
    data = xr.concat(parts, "noise")
    data["gamma"].attrs.update(long_name="balance γ of the noise", units="1")
    return data


def run(quick: bool, seed: int) -> dict[str, xr.Dataset]:
    """A small instance for every stationary point, and the paper's large one for the minima."""
    small = eq.problems.planted(SMALL_SHAPE, len(VALUES), values=VALUES, seed=seed)
    large = eq.problems.planted(SHAPE, LARGE_RANK)
    subsets = [s for count in range(len(VALUES) + 1) for s in itertools.combinations(range(len(VALUES)), count)]
    some = [range(count) for count in ((0, 9, 10) if quick else (0, 1, 5, 9, 10))]
    gammas = GAMMAS[-1:] if quick else GAMMAS
    rotations, starts, sizes = (2, 64, QUICK_START_SIZES) if quick else (5, 150, START_SIZES)
    replicates, steps, descents = (10, 5000, 10) if quick else (16, 8000, 8)
    return {
        "enumerated": together([enumerated(small, gamma, subsets, rotations, seed) for gamma in GAMMAS]),
        "searched": together([searched(small, gamma, sizes, starts, seed) for gamma in GAMMAS]),
        "large": together([enumerated(large, gamma, some, 1, seed) for gamma in gammas]),
        "descended": together([descended(large, gamma, descents, 1500, seed) for gamma in GAMMAS]),
        **ensembles(small, replicates, steps, seed),
    }


def check(data: Data) -> list[Check]:
    """All points are balanced; the printed minima are minima, others strict saddles; Perturbed GD ends at minima."""
    checks = []
    for name, where in (("enumerated", "rank 3"), ("large", "rank 10")):
        checks += check_enumerated(data[name], where)
    descents = largest(data["descended"]["distance"])
    return [
        *checks,
        *check_searched(data["searched"]),
        at_most("rank 10: descents of F̃, distance to the printed minima", descents, TOLERANCE),
        *check_ensembles(data),
    ]


def check_enumerated(d: xr.Dataset, where: str) -> list[Check]:
    """The known points are stationary and balanced; their λmin agrees with the closed form."""
    whole = d["fitted"] == d["fitted"].max()
    curvature = d["smallest_eigenvalue"]
    deviation = largest(abs(curvature / d["closed_form"].where(~whole) - 1), ~whole)
    return [
        at_most(f"{where}: gradient at the known points", largest(d["gradient_norm"]), ROUNDING),
        at_most(f"{where}: ‖UᵀU − γ²VᵀV‖ there", largest(d["gap"]), ROUNDING),
        at_least(f"{where}: λmin at the printed minima, 0 up to rounding", smallest(curvature, whole), -ROUNDING),
        at_most(f"{where}: largest λmin of the others, negative", largest(curvature, ~whole), -1e-3),
        at_most(f"{where}: their λmin against the closed form, relative", deviation, TOLERANCE),
    ]


def check_searched(d: xr.Dataset) -> list[Check]:
    """The points found by search are balanced, and among the known points."""
    stationary = d["gradient_norm"] <= ROUNDING
    minimum = stationary & (d["distance"] <= TOLERANCE)
    other = stationary & ~minimum
    searches = int(stationary.size)
    return [
        near(f"stationary points found in {searches} searches", stationary.sum(), searches, 0),
        at_most("found: ‖UᵀU − γ²VᵀV‖", largest(d["gap"], stationary), TOLERANCE),
        at_most("found: distance of UVᵀ from that of a known point", largest(d["to_known"], stationary), TOLERANCE),
        at_least("found: printed minima among them", minimum.sum(), 1),
        at_least("found: others among them", other.sum(), 1),
        at_most("found: largest λmin of the others, negative", largest(d["smallest_eigenvalue"], other), -1e-3),
    ]


def settled(d: xr.Dataset, variable: str) -> float:
    """The root mean square over the replicates and the second half of the run."""
    return float(np.sqrt(np.mean(d[variable].isel(step=slice(d.sizes["step"] // 2, None)).values ** 2)))


def check_ensembles(data: Data) -> list[Check]:
    """Perturbed GD stays as near the printed minima as its step size allows; GD does not get there."""
    checks = []
    # fluctuations around a stable point are of the order of the square root of the step size
    for variable, what, tolerance in (
        ("matrix_gap", "‖XᵀX − γ²YᵀY‖", 0.7),
        ("distance", "distance to the printed minima", 0.4),
    ):
        size = {name: settled(data[name], variable) for name in ("descent", "perturbed", "perturbed_finer")}
        finer = size["perturbed"] / size["perturbed_finer"]
        checks += [
            at_most(f"{what}: Perturbed GD over GD", size["perturbed"] / size["descent"], 0.1),
            near(f"{what}: at η over at η/{FINER}", finer, FINER**0.5, tolerance),
        ]
    return checks


def draw(data: Data) -> Figure:
    """The matrix gap and the distance along the runs, for both methods."""
    figure, axes = eq.plots.new_figure(columns=2)
    groups = {"Perturbed GD": data["perturbed"], "GD": data["descent"]}
    for panel, variable in zip(axes[0], ("matrix_gap", "distance"), strict=True):
        eq.plots.draw_paths(panel, groups, variable, logarithmic="y")
    axes[0, 1].set_ylabel("distance, up to rotation (√[M])")
    eq.plots.label_panels(axes[0], ["balance, direction by direction", "distance to the minima of F̃"])
    return figure


def judge(data: Data) -> Judgement:
    """All stationary points found are balanced; those that are no printed optimum are strict saddles."""
    found = data["searched"]
    stationary = found["gradient_norm"] <= ROUNDING
    other = stationary & (found["distance"] > TOLERANCE)
    gap, curvature = largest(found["gap"], stationary), largest(found["smallest_eigenvalue"], other)
    away = largest(data["descended"]["distance"])
    return jointly(
        judged(
            at_most("‖UᵀU − γ²VᵀV‖ at stationary points found, largest", gap, TOLERANCE),
            f"At {int(stationary.sum())} stationary points found, ‖UᵀU − γ²VᵀV‖ is {gap:.1g} at most.",
        ),
        judged(
            at_most("λmin at stationary points found that are no printed optimum, largest", curvature, -TOLERANCE),
            f"At the {int(other.sum())} others of the stationary points found, λmin is {curvature:.2g} at most.",
        ),
        judged(
            at_most("distance of descents from the printed optima", away, TOLERANCE),
            f"All descents of F̃ end within {away:.1g} of the printed set.",
        ),
    )


CLAIM = Claim(
    id="theorem2",
    source="Theorem 2",
    statement=(
        "At rank r, with E‖ξ₁‖² = γ²E‖ξ₂‖² = rγ²σ² and γσ² < σmin(M), every stationary point of the smoothed objective "
        "has UᵀU = γ²VᵀV; the minima are (√γ A(Σ − γσ²I)^½, γ^−½ B(Σ − γσ²I)^½)R, R orthogonal; all others are strict "
        "saddles."
    ),
    printed=Printed(
        "With E‖ξ₁‖² = γ²E‖ξ₂‖² = rγ²σ² and γσ² < σmin(M), every stationary point of the smoothed objective has "
        "UᵀU = γ²VᵀV; all global optima are (√γ A(Σ − γσ²I)^½, γ^−½ B(Σ − γσ²I)^½)R, R orthogonal; all other "
        "stationary points are strict saddles.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices=(
        "γ = ½, 1, 2 and γσ² = 0.4 on a random 8 x 9 instance with singular values 2, 1.5, 1 and on the paper's "
        "20 x 30 of rank 10. The search for stationary points is by Levenberg-Marquardt on ‖∇F̃‖² from normal starts "
        "of standard deviation 0.5, 3 and 10 (quick: 3). Ensembles on the small instance: γ = 2, γσ² = 0.1, η = 0.01 "
        "and 0.0025. Note that σ² here is E‖ξ₂‖²/r, while in Lemma 3 it is E‖ξ₁‖²."
    ),
)
