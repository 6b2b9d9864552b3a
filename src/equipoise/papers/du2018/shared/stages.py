"""Ensembles of rank 1 by the recursion of the four strengths, and the quantities of Lemmas C.1 and C.2 along them."""

import numpy as np
import xarray as xr

import equipoise as eq

VALUE = 2.0
"""σ₁."""

C_INIT = 0.01
LIMIT = 100.0
"""The ratio of the signal strengths that the proof allows, either way."""

_SMALLEST_MISFIT = 1e-9
"""|αβ − σ₁|/σ₁ below which rounding dominates its change in one step."""

Strengths = eq.theory.Strengths

_MEANINGS = {
    "ratio": "largest ratio of the two signal strengths, either way",
    "least": "smallest signal strength before T₁, over √σ₁",
    "off": "largest ξ_t/ξ₀ before T₁",
    "slowest": "slowest growth of α + β before T₁, over c_step",
    "fastest": "fastest growth of α + β before T₁, over c_step",
    "spread": "largest |α − β|/(α + β) before T₁",
    "constant_a": "largest c₁ that (a) allows",
    "constant_c": "largest c₁ that (c) allows",
    "constant_d": "largest c₁ that (d) allows",
    "product": "largest αβ/σ₁ from T₁ on",
}
_OF_MINIMUM = ("least", "slowest", "constant_a", "constant_c", "constant_d")


def drawn(count: int, dimension: float, random: np.random.Generator) -> Strengths:
    """Strengths with the law of u₀, v₀ from N(0, c_init² σ₁/d I) in d dimensions: two normal and two χ numbers.

    From the same state of `random` the normal numbers are the same for every d.
    """
    std = C_INIT * (VALUE / dimension) ** 0.5
    alpha, beta = std * random.standard_normal((2, count))
    alpha_off, beta_off = std * np.sqrt(random.chisquare(dimension - 1, (2, count)))
    return Strengths(alpha, beta, alpha_off, beta_off)


def in_event(start: Strengths, dimension: float) -> np.ndarray:
    """The starts that the proof covers: equal signs, strengths within a factor of 10 of typical values."""
    std = C_INIT * (VALUE / dimension) ** 0.5
    sizes = np.abs([start.alpha, start.beta]) / std
    off = np.abs([start.alpha_off, start.beta_off])
    typical = (sizes >= 0.1).all(axis=0) & (sizes <= 10).all(axis=0) & (off <= 10 * C_INIT * VALUE**0.5).all(axis=0)
    return typical & (start.alpha * start.beta > 0)


def passages(start: Strengths, c_step: float, accuracies: np.ndarray, steps: int) -> np.ndarray:
    """(accuracy, start): the first step with ‖uvᵀ − M‖ ≤ εσ₁, for each ε; NaN if there is none."""
    found = np.full((len(accuracies), np.size(start.alpha)), np.nan)
    now = start
    for step in range(steps + 1):
        distance = now.distance(VALUE) / VALUE
        for row, epsilon in zip(found, accuracies, strict=True):
            row[np.isnan(row) & (distance <= epsilon)] = step
        now = now.after_step(c_step / VALUE, VALUE)
    return found


def follow(start: Strengths, c_step: float, steps: int) -> xr.Dataset:
    """Extremes over `steps` steps of the quantities in Lemmas C.1 and C.2, for each start.

    Signs are flipped so that the signal becomes positive if α₀ and β₀ have one sign, as in the paper's footnote 12.
    """
    sign = np.where(start.alpha + start.beta < 0, -1.0, 1.0)
    now = start._replace(alpha=sign * start.alpha, beta=sign * start.beta)
    first = now
    kept = _Extremes(np.size(start.alpha))
    escaped = np.full(np.size(start.alpha), np.nan)
    for step in range(steps + 1):
        later = now.after_step(c_step / VALUE, VALUE)
        with np.errstate(divide="ignore", invalid="ignore"):
            escaped[np.isnan(escaped) & (now.alpha**2 + now.beta**2 >= VALUE / 2)] = step
            kept.look(now, later, first, c_step, inside=np.isnan(escaped))
        now = later
    low, high = eq.theory.escape_steps(first, c_step / VALUE, VALUE)
    return kept.dataset().assign(
        escape=("start", escaped, {"long_name": "T₁", "units": "steps"}),
        escape_low=("start", low, {"long_name": "lower bound of T₁", "units": "steps"}),
        escape_high=("start", high, {"long_name": "upper bound of T₁", "units": "steps"}),
        distance=("start", now.distance(VALUE) / VALUE, {"long_name": "‖uvᵀ − M‖/σ₁ at the end", "units": "1"}),
    )


class _Extremes:
    """Running maxima and minima, one number per start for each."""

    def __init__(self, count: int) -> None:
        self.values = {name: np.full(count, np.inf if name in _OF_MINIMUM else -np.inf) for name in _MEANINGS}

    def look(self, now: Strengths, later: Strengths, first: Strengths, c_step: float, inside: np.ndarray) -> None:
        """Take one step into account; `inside` tells which starts are still in stage 1."""
        a, b = now.alpha, now.beta
        growth = ((later.alpha + later.beta) / (a + b) - 1) / c_step
        misfit, next_misfit = np.abs(now.signal_misfit(VALUE)), np.abs(later.signal_misfit(VALUE))
        clear = ~inside & (misfit > _SMALLEST_MISFIT * VALUE)
        self._keep("ratio", np.maximum(np.abs(a / b), np.abs(b / a)), np.full(inside.shape, True))
        self._keep("least", np.minimum(a, b) / VALUE**0.5, inside)
        self._keep("off", now.off_signal / first.off_signal, inside)
        self._keep("slowest", growth, inside)
        self._keep("fastest", growth, inside)
        self._keep("spread", np.abs(a - b) / (a + b), inside)
        self._keep("constant_a", np.minimum(a, b) * np.abs(np.minimum(a, b)) / VALUE, ~inside)
        self._keep("constant_c", (1 - later.off_signal / now.off_signal) / c_step, ~inside)
        self._keep("constant_d", (1 - (next_misfit - c_step * now.off_signal) / misfit) / c_step, clear)
        self._keep("product", a * b / VALUE, ~inside)

    def _keep(self, name: str, new: np.ndarray, where: np.ndarray) -> None:
        better = np.minimum if name in _OF_MINIMUM else np.maximum
        self.values[name] = np.where(where, better(self.values[name], new), self.values[name])

    def dataset(self) -> xr.Dataset:
        """The extremes; NaN where a start had no such step."""
        return xr.Dataset(
            {
                name: (
                    "start",
                    np.where(np.isfinite(self.values[name]), self.values[name], np.nan),
                    {"long_name": text},
                )
                for name, text in _MEANINGS.items()
            }
        )
