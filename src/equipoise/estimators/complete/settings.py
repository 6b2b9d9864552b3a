"""All settings of a completion, chosen relative to the training entries, so that the result scales with them."""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from equipoise.core.checks import positive_number, whole_number
from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber
from equipoise.estimators.complete.target import Target

SMALL_START, NOISE, PENALIZED, CONVEX = "small-init", "noise", "penalized", "nuclear-norm"
METHODS = (SMALL_START, NOISE, PENALIZED, CONVEX)
AUTO = "auto"

_WIDEST, _NARROWEST, _LARGEST_WORK = 200, 20, 1e8
_MOST_STEPS, _MOST_OPERATIONS = 5000, 1.5e12
_SMALL, _SMALL_IF_DEEP = 1e-4, 1e-2  # a deep product with small factors leaves 0 slowly, in start^(2 − depth)
_DECAY = 36.0


class Wishes(NamedTuple):
    """The user's wishes; None means to choose."""

    depth: int
    width: int | None
    steps: int | None
    step_size: RealNumber | None
    start_norm: RealNumber | None
    seed: int


def check_wishes(wishes: Wishes, methods: Iterable[str]) -> None:
    """Raise `InputError` for wishes out of range, before anything is computed."""
    depth = whole_number("depth", wishes.depth, 2)
    for method in methods:
        if method in (NOISE, PENALIZED) and depth != 2:
            raise InputError(f"depth is {depth}, but the method {method} needs two factors, XYᵀ; leave the depth at 2.")
    for name, number in (("width", wishes.width), ("steps", wishes.steps)):
        if number is not None:
            whole_number(name, number, 1)
    for name, size in (("step_size", wishes.step_size), ("start_norm", wishes.start_norm)):
        if size is not None:
            positive_number(name, size)
    whole_number("seed", wishes.seed, 0)


class CompletionSettings(NamedTuple):
    """The settings of a gradient method.

    - `method`: its name.
    - `depth`: the number of factors.
    - `width`: the number of columns of the factors.
    - `full_width`: whether the width is min(d1, d2) or more, so that it does not restrict the rank.
    - `steps`: the largest number of steps.
    - `step_size`: η, in 1/[W^(2 − 2/depth)].
    - `start_norm`: the Frobenius norm of each factor at the start, in [W^(1/depth)].
    - `top`: the largest singular value of the training entries with zeros elsewhere; for the penalized fit of the
      entries divided by the fourth roots of the counts of their row and column.
    - `share`: p, the share of known entries.
    - `penalty`: λ of λ‖W‖_*; with noise √(ab) at step 0, where a = p d1 s1², b = p d2 s2²; 0 without either.
    - `noise`: the standard deviations (s1, s2); 0 without noise.
    - `seed`: the seed of the start and the noise.
    - `halvings`: how many times the step size was halved because the method diverged.
    - `halved_after`: for the penalized fit, which goes on with half the step size, the steps after which it did so;
      `step_size` is that of its first step.
    """

    method: str
    depth: int
    width: int
    full_width: bool
    steps: int
    step_size: float
    start_norm: float
    top: float
    share: float
    penalty: float
    noise: tuple[float, float]
    seed: int
    halvings: int = 0
    halved_after: tuple[int, ...] = ()


def choose(method: str, target: Target, wishes: Wishes) -> CompletionSettings:
    """All settings of a gradient method; raises `InputError` for wishes out of range."""
    d1, d2 = target.training.shape
    share, top = target.share, target.top
    depth = whole_number("depth", wishes.depth, 2)
    width = usual_width((d1, d2)) if wishes.width is None else whole_number("width", wishes.width, 1)
    size = top / share  # about σ1 of the whole matrix
    penalty, noise, extra = _noise(target, width) if method == NOISE else (0.0, (0.0, 0.0), 0.0)
    # half of 2/λmax, the largest stable one; λmax = p N σ1^(2 − 2/N) at balanced factors of the whole matrix
    usual = 1 / (share * depth * size ** (2 - 2 / depth) + extra)
    step_size = usual if wishes.step_size is None else positive_number("step_size", wishes.step_size)
    small = 0.5 * math.sqrt(width) * (_SMALL if depth == 2 else _SMALL_IF_DEEP) * size ** (1 / depth)
    start = small if wishes.start_norm is None else positive_number("start_norm", wishes.start_norm)
    steps = _steps(method, (d1, d2), depth, width, step_size * penalty) if wishes.steps is None else wishes.steps
    return CompletionSettings(
        method=method,
        depth=depth,
        width=width,
        full_width=width >= min(d1, d2),
        steps=whole_number("steps", steps, 1),
        step_size=step_size,
        start_norm=start,
        top=top,
        share=share,
        penalty=penalty,
        noise=noise,
        seed=whole_number("seed", wishes.seed, 0),
    )


def usual_width(shape: tuple[int, int]) -> int:
    """min(d1, d2), but at most 200 columns, and few enough that d1 · d2 · width is at most 1e8, but not below 20."""
    affordable = max(_NARROWEST, int(_LARGEST_WORK // (shape[0] * shape[1])))
    return min(*shape, _WIDEST, affordable)


def _noise(target: Target, width: int) -> tuple[float, tuple[float, float], float]:
    """(√(ab), (s1, s2), curvature) for noise of half the strength at which its own product would hide the signal.

    On average an observed entry adds s2²‖x_i‖² to the loss, so a row with more entries is penalized more. The curvature
    that noise adds is largest for the row or column with the most entries.
    """
    training, share = target.training, target.share
    d1, d2 = training.shape
    # the largest singular value of a Gaussian d x r matrix is about √d + √r times its standard deviation
    growth = 1 + math.sqrt(min(width, d1, d2) / min(d1, d2)) + 2 / math.sqrt(min(d1, d2))
    penalty = 0.5 * target.top / growth**2
    deviations = math.sqrt(penalty / (share * d1)), math.sqrt(penalty / (share * d2))
    busiest = np.bincount(training.rows).max() / (share * d2) + np.bincount(training.columns).max() / (share * d1)
    return penalty, deviations, float(busiest * penalty * growth**2)


def _steps(method: str, shape: tuple[int, int], depth: int, width: int, decay: float) -> int:
    """As many steps as take about a minute; with noise, at most those in which its effect decays.

    With noise, the rate is η √(ab) = `decay` at step 0 and falls as (1 − t/T)², which gives a decay of e^(−decay T/3).
    """
    work = 3 * depth * width * (shape[0] * shape[1] + (depth - 2) * width * sum(shape)) + 1_000_000
    affordable = int(np.clip(_MOST_OPERATIONS / work, 200, _MOST_STEPS))
    return min(affordable, math.ceil(_DECAY / decay)) if method == NOISE else affordable
