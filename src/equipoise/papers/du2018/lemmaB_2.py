# ruff: noqa: N999
"""Lemma B.2: with diminishing step sizes the iterates converge, to a stationary point that is nearly balanced."""

from typing import Any

import numpy as np
import xarray as xr

import equipoise as eq
from equipoise.papers.du2018.shared.factorization import (
    DIMENSION,
    OBSERVABLES,
    REPLICATES,
    descent,
    gaussian,
    instance,
    norm_of,
)
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest, smallest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged, undecided

RANKS = (1, 3)
SHARE = 0.1
"""ε/‖M‖_F."""

PRINTED = "printed, η₀ below 0.01"
SCHEDULES = {"(t + 1)^−0.6": (1.0, 0.6), "2(t + 1)^−0.75": (2.0, 0.75), "4/(t + 1)": (4.0, 1.0)}
"""(η₀, exponent) of Θ(t^−(½+δ)) with δ = 0.1, 0.25 and ½."""

GRADIENT, STILL = 1e-4, 0.05
"""Up to which a point counts as stationary, and a path as at its limit, in the units of the checks."""

ARRIVED = 1e-3
"""The share of the first gradient up to which the printed step sizes count as arrived."""

DECADES = (0.01, 0.1, 1.0)
"""The steps at which θ is looked at, over the last one."""


def run(quick: bool, seed: int) -> Data:
    """θ, the gradient and the balance at the start and at three times of each run."""
    steps = 20_000 if quick else 200_000
    cases = []
    for rank in RANKS:
        problem = instance(rank, seed)
        norm = norm_of(problem)
        epsilon = SHARE * norm
        printed = eq.theory.diminishing_step_size(norm, rank, epsilon)
        methods = {name: descent(*numbers) for name, numbers in SCHEDULES.items()}
        methods[PRINTED] = eq.dynamics.GradientDescent(printed)
        for name, method in methods.items():
            cases.append(_looked_at(problem, method, epsilon, steps, seed).assign_coords(rank=rank, schedule=name))
    return {"ends": xr.concat(cases, "case")}


def _looked_at(problem: Any, method: Any, epsilon: float, steps: int, seed: int) -> xr.Dataset:
    """Continued from look to look; distances are to the last one."""
    record = eq.Record(every=steps, observables=OBSERVABLES)
    options: Any = {"record": record, "progress": False}
    start = gaussian(epsilon**0.5 / DIMENSION)
    ran = eq.simulate(problem, method, start, seed=seed, steps=0, replicates=REPLICATES, **options)
    thetas, done = [ran.theta], 0
    for share in DECADES:
        until = round(share * steps)
        ran = eq.simulate(problem, method, resume=ran, steps=until - done, **options)
        thetas.append(ran.theta)
        done = until
    return _measured(problem, thetas, epsilon)


def _measured(problem: Any, thetas: list[tuple[np.ndarray, ...]], epsilon: float) -> xr.Dataset:
    """Sizes in units of ‖M‖, with the looks as an axis."""
    norm = norm_of(problem)
    gradients = [eq.theory.gradient_norms(problem, theta) / norm**1.5 for theta in thetas]
    gaps = [
        np.linalg.norm(np.einsum("pik,pil->pkl", u, u) - np.einsum("pik,pil->pkl", v, v), axis=(1, 2)) / epsilon
        for u, v in thetas
    ]
    flat = [np.concatenate([w.reshape(len(w), -1) for w in theta], axis=1) for theta in thetas]
    away = [np.linalg.norm(each - flat[-1], axis=1) / norm**0.5 for each in flat]
    axes = ("look", "replicate")
    return xr.Dataset(
        {
            "gradient": (axes, gradients, {"long_name": "‖∇f‖/‖M‖^1.5", "units": "1"}),
            "gap": (axes, gaps, {"long_name": "‖UᵀU − VᵀV‖/ε", "units": "1"}),
            "away": (axes, away, {"long_name": "distance of (U, V) to its end, over √‖M‖", "units": "1"}),
        },
        {"look": [0.0, *DECADES]},
    )


def _ends(data: Data) -> tuple[xr.Dataset, xr.Dataset]:
    """The cases of the larger step sizes, and those of the printed ones."""
    ends = data["ends"]
    printed = ends["schedule"].values == PRINTED
    return ends.isel(case=np.flatnonzero(~printed)), ends.isel(case=np.flatnonzero(printed))


def _gradient(larger: xr.Dataset) -> float:
    return largest(larger["gradient"].sel(look=DECADES[-1]))


def _still(larger: xr.Dataset) -> float:
    """What the last nine tenths of the steps still move."""
    return largest(larger["away"].sel(look=DECADES[-2]))


def _gap(larger: xr.Dataset) -> float:
    return largest(larger["gap"].sel(look=DECADES[-1]))


def check(data: Data) -> list[Check]:
    """The larger step sizes arrive at a stationary, balanced point; the printed ones are still at the start."""
    larger, printed = _ends(data)
    closer = _still(larger) / largest(larger["away"].sel(look=DECADES[0]))
    return [
        at_most("largest ‖∇f‖/‖M‖^1.5 at the end", _gradient(larger), GRADIENT),
        at_most("largest distance from a tenth of the steps to the end, over √‖M‖", _still(larger), STILL),
        at_most("that distance over the largest one from a hundredth of the steps", closer, 0.1),
        at_most("largest ‖UᵀU − VᵀV‖ over ε at the end", _gap(larger), 1.0),
        at_least("largest distance of the start from the end, over √‖M‖", largest(larger["away"].sel(look=0.0)), 0.5),
        at_least("printed η₀: smallest ‖∇f‖ at the end over that at the start", _left(printed), 0.9),
    ]


def _left(printed: xr.Dataset) -> float:
    """The smallest ‖∇f‖ at the end of the printed step sizes over that at the start."""
    return smallest(printed["gradient"].sel(look=DECADES[-1]) / printed["gradient"].sel(look=0.0))


def judge(data: Data) -> Judgement:
    """By the printed step sizes: balance, which they could break, and arrival, which may be out of reach."""
    larger, printed = _ends(data)
    gap, left, name = _gap(printed), _left(printed), "printed η₀: smallest ‖∇f‖ at the end over that at the start"
    because = (
        f"With the printed step sizes the gradient ends at {left:.2g} of that at the start; with larger ones in "
        f"Θ(t^−(½+δ)) it ends at {_gradient(larger):.1e}‖M‖^1.5, where ‖UᵀU − VᵀV‖ is {_gap(larger):.2f}ε."
    )
    return jointly(
        judged(
            at_most("printed η₀: largest ‖UᵀU − VᵀV‖ over ε at the end", gap, 1.0),
            f"With the printed step sizes ‖UᵀU − VᵀV‖ is {gap:.2f}ε at the end.",
        ),
        judged(at_most(name, left, ARRIVED), because) if left <= ARRIVED else undecided(name, left, because),
    )


CLAIM = Claim(
    id="lemmaB.2",
    shares="theorem3.1",
    source="Lemma B.2, Appendix B.2",
    statement="With step sizes in Θ(t^−(½+δ)) gradient descent from a small start converges, to a stationary point "
    "with ‖UᵀU − VᵀV‖ ≤ ε. Measured with step sizes hundreds of times the printed ones, which have not begun to "
    "move when these have arrived.",
    printed=Printed(
        "In the setting of Theorem 3.1 (U_t, V_t) converges with high probability, to a stationary point of f with "
        "‖UᵀU − VᵀV‖ ≤ ε.",
        judge,
    ),
    run=run,
    check=check,
    choices="M of size 30 x 20, rank 1, and rank 3 with singular values 1, ¾, ½; ε = ‖M‖/10; entries of the start "
    "from N(0, ε/d²), 5 starts. η_t is (t + 1)^−0.6, 2(t + 1)^−0.75 and 4/(t + 1), after footnote 11. The limit is the "
    "end of 200 000 steps (quick: 20 000). The printed constant would take more than 10^100 steps; its sum of "
    "step sizes diverges as well, so that it would get as far.",
)
