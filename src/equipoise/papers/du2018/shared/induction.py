"""What the induction of Lemmas C.1 and C.2 needs besides the lemmas: statements H(t) and I(t), along ensembles."""

from typing import NamedTuple

import numpy as np

from equipoise.papers.du2018.shared.stages import VALUE, Strengths


class Induction(NamedTuple):
    """Extremes over the steps of each path.

    - `size`: the largest (‖u‖² + ‖v‖²)/σ₁ before T₁, of statement H(t); −∞ if T₁ = 0.
    - `kept`: the smallest α_t or β_t after T₁, over the bound of statement I(t).
    - `fall`: the largest 1 − α_{t+1}/α_t or 1 − β_{t+1}/β_t from T₁ on.
    - `over`: the same over ηξ₀(1 − c₁c_step)^{t−T₁}, the most that the proof allows in a step.
    - `escaped`: T₁; −1 if it was not reached.
    """

    size: np.ndarray
    kept: np.ndarray
    fall: np.ndarray
    over: np.ndarray
    escaped: np.ndarray


def positive(start: Strengths) -> Strengths:
    """The start with α + β > 0, by the signs of u* and v*, as in the paper's footnote 12."""
    sign = np.where(start.alpha + start.beta < 0, -1.0, 1.0)
    return start._replace(alpha=sign * start.alpha, beta=sign * start.beta)


def induction(start: Strengths, c_step: float, constant: float, steps: int) -> Induction:
    """Follow starts of equal signs; `constant` is c₁."""
    now = first = positive(start)
    count = np.size(now.alpha)
    size, kept, fall, over = (np.full(count, worst) for worst in (-np.inf, np.inf, -np.inf, -np.inf))
    escaped, at_escape = np.full(count, -1), (np.zeros(count), np.zeros(count))
    product, factor = np.ones(count), np.ones(count)  # of I(t), and (1 − c₁c_step)^{t−T₁}
    for step in range(steps):
        new = (escaped < 0) & (now.alpha**2 + now.beta**2 >= VALUE / 2)
        escaped = np.where(new, step, escaped)
        at_escape = (np.where(new, now.alpha, at_escape[0]), np.where(new, now.beta, at_escape[1]))
        inside, later = escaped < 0, now.after_step(c_step / VALUE, VALUE)
        size = np.where(inside, np.maximum(size, (now.alpha**2 + now.beta**2 + now.off_signal) / VALUE), size)
        most = c_step / VALUE * first.off_signal * factor
        product = np.where(inside, product, product * (1 - most))
        factor = np.where(inside, factor, factor * (1 - constant * c_step))
        with np.errstate(divide="ignore", invalid="ignore"):
            least = np.minimum(later.alpha / at_escape[0], later.beta / at_escape[1]) / product
            fallen = np.maximum(1 - later.alpha / now.alpha, 1 - later.beta / now.beta)
        kept = np.where(inside, kept, np.minimum(kept, least))
        fall, over = (
            np.where(inside, found, np.maximum(found, each)) for found, each in ((fall, fallen), (over, fallen / most))
        )
        now = later
    return Induction(size, kept, fall, over, escaped)
