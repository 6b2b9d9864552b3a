"""Eqs. (19) to (22): the identities behind Lemma 3.2, and the inequality that it takes from Ge et al. (2017)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.du2018.shared.seeds import Stream
from equipoise.papers.machinery.check import Check, Data, at_least, at_most, near
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

SHAPE, VALUES = (6, 5), (3.0, 2.0, 1.0)
RANK = len(VALUES)
IDENTITIES = ("Eq. (19)", "Eq. (20)", "Eq. (21)")
RANDOM, CLOSE, ORTHOGONAL = "random", "close to an optimum", "nearly orthogonal to all"
SHARED = 1e-6
"""The cosine between the last and the nearest optimum, which tells which one that is."""


Point = tuple[np.ndarray, ...]


def run(quick: bool, seed: int) -> Data:
    """Both sides of each equation at points of three kinds, which need not be stationary."""
    random = generator(seed, Stream.IDENTITIES)
    problem: Any = eq.problems.planted(SHAPE, RANK, values=VALUES, seed=seed)
    count = 300 if quick else 20_000
    best = tuple(np.asarray(w) for w in problem.signal.factors())
    points, kinds = [], []
    for kind, number in ((RANDOM, count), (CLOSE, count), (ORTHOGONAL, count // 10)):
        points += [_drawn(kind, best, random) for _ in range(number)]
        kinds += [kind] * number
    nearest = [eq.theory.from_nearest_optimum(problem.signal, point) for point in points]
    farthest = [(u + (u - du), v + (v - dv)) for (u, v), (du, dv) in zip(points, nearest, strict=True)]
    table = np.array([_departures(point, best, delta) for point, delta in zip(points, nearest, strict=True)])
    meaning = {"long_name": "departure of both sides, relative", "units": "1"}
    variables = {
        "departure": (("point", "equation"), table, meaning),
        "ratio": ("point", _ratios(points, best, nearest), {"long_name": "left over right side of (22), less its 2"}),
        "turned": ("point", _ratios(points, best, farthest), {"long_name": "the same with −R for R"}),
    }
    dataset = xr.Dataset(variables, {"equation": list(IDENTITIES), "kind": ("point", kinds)})
    for name in ("ratio", "turned"):
        dataset[name].attrs["units"] = "1"
    return {"points": dataset}


def _drawn(kind: str, best: Point, random: np.random.Generator) -> Point:
    """A point (U, V); those orthogonal to all optima but for `SHARED` have the optimum's WᵀW."""
    size = 10 ** random.uniform(-1, 1)
    noise = [size * random.standard_normal(w.shape) for w in best]
    if kind == RANDOM:
        return noise[0], noise[1]
    if kind == CLOSE:
        turn = np.linalg.qr(random.standard_normal((RANK, RANK)))[0]
        return best[0] @ turn + 0.1 * noise[0], best[1] @ turn + 0.1 * noise[1]
    joint = np.concatenate(best)
    basis = np.linalg.qr(np.concatenate([joint, np.concatenate(noise)], axis=1))[0][:, RANK:]
    core = np.linalg.cholesky(joint.T @ joint).T
    u, v = np.split((1 - SHARED**2) ** 0.5 * basis @ core + SHARED * joint, [SHAPE[0]])
    return u, v


def _square(matrix: np.ndarray) -> float:
    return float(np.sum(matrix**2))


def _departures(point: Point, best: Point, delta: Point) -> list[float]:
    """|left − right| of (19) to (21), over the sum of the sizes of their terms."""
    (u, v), (u_best, v_best), (du, dv) = point, best, delta
    misfit = u @ v.T - u_best @ v_best.T
    joint, joint_best, step = (np.concatenate(each) for each in (point, best, delta))
    left = u @ dv.T + du @ v.T
    first = np.sqrt(_square(left - du @ dv.T - misfit) / (_square(left) + _square(du @ dv.T) + _square(misfit)))
    whole, across, gap = _square(step @ step.T), 4 * _square(du @ dv.T), _square(du.T @ du - dv.T @ dv)
    second = abs(whole - across - gap) / (whole + across + gap)
    terms = (
        4 * _square(misfit),
        -2 * _square(u.T @ u_best - v.T @ v_best),
        _square(u.T @ u - v.T @ v),
        _square(u_best.T @ u_best - v_best.T @ v_best),
    )
    between = _square(joint @ joint.T - joint_best @ joint_best.T)
    # the sizes of what is subtracted, so that rounding is seen relative to it
    third = abs(between - sum(terms)) / (_square(joint.T @ joint) + _square(joint_best.T @ joint_best))
    return [float(first), second, third]


def _ratios(points: Sequence[Point], best: Point, deltas: Sequence[Point]) -> np.ndarray:
    """‖ΔΔᵀ‖²/‖WWᵀ − W*W*ᵀ‖², which (22) bounds by 2."""
    joint_best = np.concatenate(best)
    found = []
    for point, delta in zip(points, deltas, strict=True):
        joint, step = np.concatenate(point), np.concatenate(delta)
        found.append(_square(step.T @ step) / _square(joint @ joint.T - joint_best @ joint_best.T))
    return np.array(found)


def check(data: Data) -> list[Check]:
    """The identities, the inequality and its constant, and that it needs the nearest optimum."""
    points = data["points"]
    departures = [
        at_most(f"{name}: largest relative departure", largest(points["departure"].sel(equation=name)), 1e-12)
        for name in IDENTITIES
    ]
    return [
        *departures,
        at_most("Eq. (22): largest ‖ΔΔᵀ‖² over ‖WWᵀ − W*W*ᵀ‖²", largest(points["ratio"]), 2 + 1e-9),
        near(
            "the same where W is nearly orthogonal to all optima, farthest from 2",
            2 + largest(abs(points["ratio"] - 2), points["kind"] == ORTHOGONAL),
            2.0,
            1e-5,
        ),
        at_least("Eq. (22) with −R, the farthest optimum: largest ratio", largest(points["turned"]), 10.0),
    ]


def judge(data: Data) -> Judgement:
    """All four must hold at every point."""
    departure, ratio = largest(data["points"]["departure"]), largest(data["points"]["ratio"])
    return jointly(
        judged(
            at_most("Eq. (22): largest ‖ΔΔᵀ‖² over ‖WWᵀ − W*W*ᵀ‖²", ratio, 2 + 1e-9),
            f"The sides of (19) to (21) differ by at most {departure:.1e} of their terms, and the largest ratio in "
            f"(22) is {ratio:.6f}.",
        ),
        judged(
            at_most("Eqs. (19) to (21): largest relative departure", departure, 1e-12),
            f"The two sides of (19) to (21) differ by at most {departure:.1e} of their terms.",
        ),
    )


CLAIM = Claim(
    id="equation19",
    source="Eqs. (19) to (22), Claim B.5, Appendix B.3",
    statement="Identities (19) to (21) hold for all U and V, stationary or not. So does (22), ‖ΔΔᵀ‖² ≤ 2‖WWᵀ − "
    "W*W*ᵀ‖², if Δ is the way from the nearest optimum; its 2 is approached where W becomes orthogonal to W* and has "
    "the same WᵀW. With another rotation of W* there is no such bound.",
    printed=Printed(
        "Eqs. (19) to (21) can be verified by plugging in definitions, and ‖ΔΔᵀ‖² ≤ 2‖WWᵀ − W*W*ᵀ‖² holds after Ge et "
        "al. (2017).",
        judge,
    ),
    run=run,
    check=check,
    choices="M is 6 x 5 with singular values 3, 2 and 1 along random directions. U and V are drawn from a tenth to ten "
    "times the size of the optimum, near it at distances from a hundredth to all of it, and with WᵀW* nearly 0 and "
    "WᵀW = W*ᵀW*. Δ = W − W*R, where R is the rotation that makes it smallest. A departure is relative to the size of "
    "the terms.",
)
