"""Section 1: at an unbalanced optimum the gradient of ½‖UVᵀ − M‖² changes fast; with the penalty it cannot."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import scipy.stats
import xarray as xr
from matplotlib.figure import Figure

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.du2018.shared.seeds import Stream
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

SHAPE, VALUES = (6, 5), (2.0, 1.0)
RANK = len(VALUES)
EPSILONS = np.geomspace(1.0, 1e-3, 7)
SIZES = np.geomspace(1.0, 100.0, 5)
"""‖U‖ and ‖V‖ over those of the balanced optimum."""

PERTURBATION = 0.01
"""The norm of the change of U, over ε."""


def run(quick: bool, seed: int) -> Data:
    """How fast the gradient changes at optima out of balance, and the curvature of both objectives."""
    random = generator(seed, Stream.UNBALANCED)
    problem: Any = eq.problems.planted(SHAPE, RANK, values=VALUES, seed=seed)
    directions = random.standard_normal((5 if quick else 100, *problem.shapes[0]))
    optima = [eq.theory.global_minimum(problem.signal, epsilon) for epsilon in EPSILONS]
    changes = np.array([_changes(problem, theta, directions) for theta in optima])
    curvature = eq.theory.hessian_eigenvalues(problem, tuple(map(np.stack, zip(*optima, strict=True))))[:, -1]
    by_epsilon = {
        "change": (("epsilon", "direction"), changes, {"long_name": "change of ∂f/∂U over that of U", "units": "[M]"}),
        "curvature": ("epsilon", curvature, {"long_name": "λmax of f", "units": "[M]"}),
    }
    return {
        "optima": xr.Dataset(by_epsilon, {"epsilon": EPSILONS}),
        **_with_penalty(problem, 5 if quick else 100, random),
    }


def _changes(problem: Any, theta: tuple[np.ndarray, ...], directions: np.ndarray) -> np.ndarray:
    """‖∂f/∂U(U + P, V) − ∂f/∂U(U, V)‖/‖P‖ for perturbations P along each of the directions."""
    u, v = theta
    with eq.numerics():
        here = np.asarray(problem.gradient(theta)[0])
        found = []
        for direction in directions:
            moved = PERTURBATION * np.linalg.norm(u) * direction / np.linalg.norm(direction)
            change = np.asarray(problem.gradient((u + moved, v))[0]) - here
            found.append(np.linalg.norm(change) / np.linalg.norm(moved))
    return np.array(found)


def penalized(theta: tuple[Any, ...], matrix: Any) -> Any:
    """Objective (3): ½‖UVᵀ − M‖² + ⅛‖UᵀU − VᵀV‖²."""
    u, v = theta
    return jnp.sum((u @ v.T - matrix) ** 2) / 2 + jnp.sum((u.T @ u - v.T @ v) ** 2) / 8


def _with_penalty(problem: Any, rotations: int, random: np.random.Generator) -> dict[str, xr.Dataset]:
    """λmax of objective (3) at optima, which are rotations of one, and along its multiples."""
    signal = problem.signal
    matrix = (np.asarray(signal.left) * signal.values) @ np.asarray(signal.right).T
    with_penalty = eq.problems.custom(penalized, problem.shapes, data=matrix)
    balanced = eq.theory.global_minimum(signal)
    turns = [np.linalg.qr(random.standard_normal((RANK, RANK)))[0] for _ in range(rotations)]
    at = {
        "rotations": ("rotation", np.arange(rotations), [tuple(w @ turn for w in balanced) for turn in turns]),
        "multiples": ("size", SIZES, [tuple(size * w for w in balanced) for size in SIZES]),
    }
    found = {}
    for name, (dimension, labels, points) in at.items():
        batch = tuple(map(np.stack, zip(*points, strict=True)))
        eigenvalues = eq.theory.hessian_eigenvalues(with_penalty, batch)
        curvature = {
            "curvature": (dimension, eigenvalues[:, -1], {"long_name": "λmax of objective (3)", "units": "[M]"})
        }
        found[name] = xr.Dataset(curvature, {dimension: labels})
    return found


def exponent(values: xr.DataArray) -> float:
    """The slope of ln values against the logarithm of their only coordinate."""
    (along,) = values.dims
    return float(scipy.stats.linregress(np.log(values[along].values), np.log(values.values)).slope)


def _dramatic(data: Data) -> float:
    return exponent(data["optima"]["change"].median("direction", skipna=False))


def _spread(data: Data) -> float:
    """λmax of (3) over all its optima, largest over its value 2σ₁."""
    return largest(data["rotations"]["curvature"]) / (2 * VALUES[0])


def check(data: Data) -> list[Check]:
    """The rates in ε, the curvature of both objectives at all optima, and that of (3) far away."""
    optima = data["optima"]
    expected = xr.DataArray([eq.theory.sharpness(epsilon, VALUES[0]) for epsilon in EPSILONS], dims="epsilon")
    change = optima["change"].sel(epsilon=[EPSILONS[-1], EPSILONS[0]]).median("direction", skipna=False)
    return [
        near("exponent in ε of the change of ∂f/∂U over that of U", _dramatic(data), -2.0, 1e-3),
        at_least("that change at ε = 0.001 over that at ε = 1", change[0] / change[1], 0.99e6),
        at_most(
            "λmax of f at the optimum: largest relative departure from σ₁(ε² + ε⁻²)",
            largest(abs(optima["curvature"].drop_vars("epsilon") / expected - 1)),
            1e-8,
        ),
        near("objective (3): largest λmax over all its optima, over 2σ₁", _spread(data), 1.0, 1e-8),
        near("objective (3): exponent of λmax in the size of U and V", exponent(_far(data)), 2.0, 0.05),
    ]


def _far(data: Data) -> xr.DataArray:
    """λmax of (3) at factors at least 10 times those of an optimum."""
    return data["multiples"]["curvature"].sel(size=slice(9.99, None))


def judge(data: Data) -> Judgement:
    """Smooth is read as: one constant bounds the curvature at all global optima."""
    found, spread = _dramatic(data), _spread(data)
    return jointly(
        judged(
            near("exponent in ε of the change of ∂f/∂U over that of U", found, -2.0, 0.01),
            f"A small change of U changes its gradient by a factor that goes as the power {found:.3f} of ε.",
        ),
        judged(
            at_most("objective (3): largest λmax over all its optima, over 2σ₁", spread, 1.001),
            f"At the optima of objective (3) λmax is at most {spread:.6f} times 2σ₁.",
        ),
    )


def draw(data: Data) -> Figure:
    """Against ε, at the optimum (εU*, V*/ε): the change of the gradient, and the curvature."""
    figure, axes = eq.plots.new_figure(panel=(4.6, 3.2))
    side, optima = axes[0, 0], data["optima"]
    epsilons = optima["epsilon"]
    for number in range(optima.sizes["direction"]):
        label = "change of ∂f/∂U over that of U" if number == 0 else None
        side.plot(epsilons, optima["change"][:, number], "o", color=eq.plots.PALETTE[0], markersize=3, label=label)
    side.plot(epsilons, optima["curvature"], "s", color=eq.plots.PALETTE[1], markersize=4, label="λmax of f")
    line = np.geomspace(EPSILONS[-1], 1.0, 100)
    side.plot(line, VALUES[0] * (line**2 + line**-2), color=eq.plots.PALETTE[1], label="σ₁(ε² + ε⁻²)")
    level = float(data["rotations"]["curvature"].max())
    side.axhline(level, color=eq.plots.PALETTE[2], linestyle="--", label="λmax of objective (3) at its optima")
    side.set(xscale="log", yscale="log", xlabel="ε: U = εU*, V = V*/ε", ylabel="[M]")
    eq.plots.add_legend(side, loc="upper right")
    return figure


CLAIM = Claim(
    id="section1",
    source="Section 1, after Eq. (2); Eq. (3)",
    statement="At the global optimum (εU*, V*/ε) a small change of U changes ∂f/∂U by ε⁻² times as much, and λmax is "
    "σ₁(ε² + ε⁻²): a million times more at ε = 0.001 than at the balanced optimum. With the penalty of objective (3) "
    "all optima are rotations of one, and λmax is 2σ₁ at each.",
    printed=Printed(
        "f is not smooth near a global optimum at which ‖U‖ is of order ε and ‖V‖ of order 1/ε: a small change of U "
        "changes the gradient of U dramatically. Objective (3) is smooth.",
        judge,
    ),
    run=run,
    check=check,
    draw=draw,
    choices="M is 6 x 5 with singular values 2 and 1 along random directions; U is changed by a hundredth of its norm. "
    "A function is smooth, by footnote 6, if its gradient has some finite Lipschitz constant. We read this over the "
    "set of all global optima. By the letter, over all U and V, neither objective is smooth, since λmax grows as the "
    "square of the factors for both; and near one given optimum both are, by Lemma B.1.",
)
