"""Every number of a completion, chosen relative to the training entries, so that the result scales with them."""

import math
from typing import NamedTuple

import numpy as np

from equipoise.core.checks import positive_number, whole_number
from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber
from equipoise.estimators.complete.target import Target

SMALL_START, NOISE, CONVEX = "small-init", "noise", "nuclear-norm"
METHODS = (SMALL_START, NOISE, CONVEX)

_WIDEST, _NARROWEST, _LARGEST_WORK = 200, 20, 1e8
_MOST_STEPS, _MOST_OPERATIONS = 5000, 1.5e12
_SMALL, _SMALL_IF_DEEP = 1e-4, 1e-2  # a deep product leaves 0 the slower the smaller its factors: as start^(2 − depth)
_DECAY = 36.0


class Wishes(NamedTuple):
    """What the user asked for; None is to be chosen."""

    depth: int
    width: int | None
    steps: int | None
    step_size: RealNumber | None
    start_norm: RealNumber | None
    seed: int


class CompletionSettings(NamedTuple):
    """What a gradient method is run with.

    `top` is the largest singular value of the training entries with zeros elsewhere, `share` the share of entries
    known, `step_size` in 1/[W^(2 − 2/depth)], `start_norm` the Frobenius norm of each factor at the start. `penalty` is
    √(ab) at step 0, a = p d1 s1², b = p d2 s2² for the noise's standard deviations `noise` = (s1, s2); both 0 without
    noise. `full_width` says whether the width restricts nothing, `halvings` how often the step size was halved as the
    method diverged.
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


def choose(method: str, target: Target, wishes: Wishes) -> CompletionSettings:
    """All settings of a gradient method. Raises `InputError` for wishes out of range."""
    d1, d2 = target.training.shape
    share, top = target.share, target.top
    depth = whole_number("depth", wishes.depth, 2)
    if method == NOISE and depth != 2:
        raise InputError(f"depth is {depth}, but the method noise is for two factors, XYᵀ; leave the depth at 2.")
    width = usual_width((d1, d2)) if wishes.width is None else whole_number("width", wishes.width, 1)
    size = top / share  # about σ1 of the whole matrix
    penalty, noise, extra = _noise(target, width) if method == NOISE else (0.0, (0.0, 0.0), 0.0)
    # half the largest stable one, 2/λmax, with λmax = p N σ1^(2 − 2/N) at balanced factors of the whole matrix
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
    """min(d1, d2), but at most 200 columns and at most so many that d1 · d2 · width is 1e8, of which 20 are left."""
    affordable = max(_NARROWEST, int(_LARGEST_WORK // (shape[0] * shape[1])))
    return min(*shape, _WIDEST, affordable)


def _noise(target: Target, width: int) -> tuple[float, tuple[float, float], float]:
    """(√(ab), (s1, s2), curvature): noise of half the strength at which its own product would hide the signal.

    An entry seen adds s2²‖x_i‖² to the loss on average, so a row with more entries is penalized more; the curvature
    that noise adds is largest where a row or column has most of them.
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
    """At most so many steps that they take about a minute; with noise, those in which what it stirs up decays.

    With the rate η √(ab) = `decay` at step 0 and a penalty that falls as (1 − t/T)², that is by e^(−decay T/3).
    """
    work = 3 * depth * width * (shape[0] * shape[1] + (depth - 2) * width * sum(shape)) + 1_000_000
    affordable = int(np.clip(_MOST_OPERATIONS / work, 200, _MOST_STEPS))
    return min(affordable, math.ceil(_DECAY / decay)) if method == NOISE else affordable
