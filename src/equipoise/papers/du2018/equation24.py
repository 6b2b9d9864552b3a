"""Eq. (24): how αβ − σ₁ and the part off the signal move in one step of gradient descent at rank 1."""

from typing import Any

import numpy as np
import xarray as xr

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.du2018.shared.seeds import Stream
from equipoise.papers.du2018.shared.stages import C_INIT, VALUE
from equipoise.papers.machinery.check import Check, Data, at_least, at_most
from equipoise.papers.machinery.claim import Claim
from equipoise.papers.machinery.extremes import largest
from equipoise.papers.machinery.printed import Judgement, Printed, jointly, judged

SHAPE = (30, 20)
C_STEP, STEPS = 0.1, 600
"""ησ₁ and the length of the paths."""

Strengths = eq.theory.Strengths


def run(quick: bool, seed: int) -> Data:
    """Steps on vectors, from random points and along paths from small starts, beside what (24) says of them."""
    random = generator(seed, Stream.RECURSION)
    signal: Any = eq.problems.planted(SHAPE, 1, values=[VALUE], seed=seed).signal
    count, paths = (1000, 5) if quick else (100_000, 50)
    sizes = 10 ** random.uniform(-1, 0.3, (2, count, 1))
    point = tuple(size * random.standard_normal((count, d)) / 3 for size, d in zip(sizes, SHAPE, strict=True))
    c = random.uniform(0, 2, count)
    start = tuple(C_INIT * (VALUE / max(SHAPE)) ** 0.5 * random.standard_normal((paths, d)) for d in SHAPE)
    return {"points": _beside(signal, point, c).rename(at="point"), "paths": _path(signal, start)}


def after_step(signal: Any, theta: tuple[np.ndarray, ...], step_size: Any) -> tuple[np.ndarray, ...]:
    """One step of gradient descent on ½‖uvᵀ − M‖², for rows u and v; Eq. (9)."""
    u, v = theta
    left, right = np.asarray(signal.left)[:, 0], np.asarray(signal.right)[:, 0]
    slope_u = u * np.sum(v**2, axis=-1, keepdims=True) - VALUE * (v @ right)[:, None] * left
    slope_v = v * np.sum(u**2, axis=-1, keepdims=True) - VALUE * (u @ left)[:, None] * right
    size = np.reshape(step_size, (-1, 1))
    return u - size * slope_u, v - size * slope_v


def predicted(now: Strengths, step_size: Any, *, second_order: bool = True) -> tuple[Any, Any]:
    """(h, ξ) after a step by Eq. (24); without `second_order`, its terms in η² are left out of h."""
    a, b, p, q = now
    h, xi, n = now.signal_misfit(VALUE), now.off_signal, step_size
    inner = a * b * h + a**2 * q**2 + b**2 * p**2 + p**2 * q**2
    square = n**2 if second_order else 0.0
    misfit = (1 - n * (a**2 + b**2) + square * inner) * h - n * a * b * xi + square * VALUE * p**2 * q**2
    return misfit, (1 - n * (b**2 + q**2)) ** 2 * p**2 + (1 - n * (a**2 + p**2)) ** 2 * q**2


def _beside(signal: Any, theta: tuple[np.ndarray, ...], c: Any) -> xr.Dataset:
    """Departures of (24) from a step of size c/σ₁, over σ₁ plus the sizes of h and ξ after it."""
    now = eq.theory.rank_one_strengths(signal, tuple(w[..., None] for w in theta))
    later = eq.theory.rank_one_strengths(signal, tuple(w[..., None] for w in after_step(signal, theta, c / VALUE)))
    misfit, off = predicted(now, c / VALUE)
    simple, _ = predicted(now, c / VALUE, second_order=False)
    found = later.signal_misfit(VALUE), later.off_signal
    unit = VALUE + np.abs(found[0]) + found[1]
    return xr.Dataset(
        {
            "misfit": ("at", np.abs(misfit - found[0]) / unit, {"long_name": "departure of h, relative", "units": "1"}),
            "off": ("at", np.abs(off - found[1]) / unit, {"long_name": "departure of ξ, relative", "units": "1"}),
            "simple": (
                "at",
                np.abs(simple - found[0]) / unit,
                {"long_name": "departure of h without the terms in η², relative", "units": "1"},
            ),
        }
    )


def _path(signal: Any, theta: tuple[np.ndarray, ...]) -> xr.Dataset:
    """The largest departures of each step, and ‖uvᵀ − M‖ over σ₁, along paths from small starts."""
    rows = []
    for _ in range(STEPS):
        beside = _beside(signal, theta, np.full(len(theta[0]), C_STEP))
        now = eq.theory.rank_one_strengths(signal, tuple(w[..., None] for w in theta))
        distance = ("at", now.distance(VALUE) / VALUE, {"long_name": "‖uvᵀ − M‖/σ₁", "units": "1"})
        rows.append(beside.assign(distance=distance))
        theta = after_step(signal, theta, C_STEP / VALUE)
    return xr.concat(rows, "step").rename(at="path")


def _departures(data: Data) -> tuple[float, float]:
    """The largest of h and of ξ, at points and along paths."""
    found = [max(largest(data[part][name]) for part in ("points", "paths")) for name in ("misfit", "off")]
    return found[0], found[1]


def check(data: Data) -> list[Check]:
    """Both recursions are exact, also far from the paths; the terms in η² are needed; the paths arrive."""
    misfit, off = _departures(data)
    return [
        at_most("h: largest departure of Eq. (24) from a step, relative", misfit, 1e-12),
        at_most("ξ: largest departure of Eq. (24) from a step, relative", off, 1e-12),
        at_least("h without the terms in η²: largest departure at the points", largest(data["points"]["simple"]), 0.1),
        at_most("paths: largest ‖uvᵀ − M‖/σ₁ at the end", largest(data["paths"]["distance"].isel(step=-1)), 1e-6),
    ]


def judge(data: Data) -> Judgement:
    """By the larger of the two departures."""
    misfit, off = _departures(data)
    return jointly(
        judged(
            at_most("h: largest departure of Eq. (24) from a step, relative", misfit, 1e-12),
            f"What (24) says of h and of ξ differs from steps of gradient descent by at most {max(misfit, off):.1e}, "
            "relative to their size.",
        ),
        judged(
            at_most("ξ: largest departure of Eq. (24) from a step, relative", off, 1e-12),
            f"What (24) says of ξ differs from steps of gradient descent by at most {off:.1e}, relative to its size.",
        ),
    )


CLAIM = Claim(
    id="equation24",
    source="Eq. (24), Appendix C",
    statement="In a step of gradient descent at rank 1, h = αβ − σ₁ and ξ = α⊥² + β⊥² move as Eq. (24) says, for every "
    "u and v and every step size; the terms in η² are needed.",
    printed=Printed(
        "The dynamics of h_t = α_tβ_t − σ₁ and ξ_t = α⊥² + β⊥² are two explicit polynomials in the four strengths.",
        judge,
    ),
    run=run,
    check=check,
    choices="σ₁ = 2, u of 30 and v of 20 entries. Points: Gaussian, of sizes from a fifth to twelve times √σ₁, with "
    "ησ₁ uniform below 2. Paths: 600 steps with ησ₁ = 0.1 from starts of standard deviation 0.01√(σ₁/30). Each step is "
    "taken on the vectors, and h and ξ are measured after it. Departures are relative to σ₁ + |h| + ξ.",
)
