"""The penalized fit: few passes over the entries, with the means fitted together with the factors.

The objective is ½ Σ w_ij (W_ij + m + r_i + c_j − M_ij)² + λ/2 (‖X‖² + ‖Y‖²) + the penalty on the means, with W = XYᵀ.
Its minimum over X and Y is that of ½ Σ (…)² + λ‖W‖_* (Srebro, Rennie and Jaakkola, 2004), a convex problem in W as long
as the width does not restrict its rank. Each row of X moves by η/√(its number of entries), and of Y too. Without the
penalty, gradient flow with such steps conserves XᵀD₁⁻¹X − YᵀD₂⁻¹Y, where D holds 1/√count: it is gradient flow on the
factors D₁^(−½)X and D₂^(−½)Y, so its bias is toward a small nuclear norm of D₁^(−½) W D₂^(−½), the weighted trace norm
of Salakhutdinov and Srebro (2010). With the penalty the limit no longer depends on the steps.
"""

import dataclasses
from typing import NamedTuple, TypeAlias

import numpy as np
from jaxtyping import Float

from equipoise.estimators.complete.comparison import is_worse
from equipoise.estimators.complete.means import SHRINKAGE, Means
from equipoise.estimators.complete.settings import PENALIZED, CompletionSettings
from equipoise.estimators.complete.target import HeldOut
from equipoise.problems.observed import Known, padded, products
from equipoise.simulation.progress import progress_bar

DTYPE = np.float32
EVERY = 2
"""The number of steps between looks at the held-out error."""
WORSE = 1.005
"""The fit is stopped when the held-out error exceeds its minimum so far by this factor, and does not fall."""
SETTLED = 1e-5
"""Without held-out entries, the relative change of the training error between looks at which the fit has settled."""
_ROWS_AT_ONCE = 1024  # rows of a factor that the processor's cache holds with all that is done to them
_OF_MEANS = 0.5
"""The step of the means, relative to the one that minimizes over each of them alone."""
_RISE = 1e-4
"""With a stable step the objective falls; a rise between looks by this share of it is no rounding."""
_LOOKS, _FALLS = 3, 0.9999  # a held-out error below this multiple of one of the last looks is still falling
_HALVINGS = 6
"""The largest number of times that the steps are halved."""


Start: TypeAlias = tuple[Float[np.ndarray, "d1 k"], Float[np.ndarray, "d2 k"]]
"""X and Y at the start."""


class Position(NamedTuple):
    """Factors and means: `left` (d1 x width), `right` (d2 x width), `rows`, `columns`."""

    left: Float[np.ndarray, "d1 k"]
    right: Float[np.ndarray, "d2 k"]
    rows: Float[np.ndarray, " d1"]
    columns: Float[np.ndarray, " d2"]


@dataclasses.dataclass
class Path:
    """What a fit passed: its looks, the best of them, and whether it was interrupted or diverged.

    - `steps`, `training`, `held_out`: at each look the number of steps and the errors.
    - `best_step`, `best`: the look that is kept.
    - `status`: "completed", "stopped", "interrupted" or "diverged".
    - `halved_after`: the numbers of steps after which the steps were halved.
    - `squares`: the squared errors on the held-out entries at the best look.
    - `is_worse`: whether the last look is worse than the best, beyond the standard error.
    """

    steps: list[int] = dataclasses.field(default_factory=list)
    training: list[float] = dataclasses.field(default_factory=list)
    held_out: list[float] = dataclasses.field(default_factory=list)
    best_step: int = 0
    best: Position | None = None
    status: str = "completed"
    halved_after: list[int] = dataclasses.field(default_factory=list)
    squares: Float[np.ndarray, " m"] = dataclasses.field(default_factory=lambda: np.zeros(0))
    is_worse: bool = False


class _Factors:
    """X with the means of rows beside it, Y with those of columns: [X, r, 1][Y, 1, c]ᵀ = XYᵀ + r 1ᵀ + 1 cᵀ."""

    def __init__(self, known: Known, start: Start, settings: CompletionSettings, means: Means | None) -> None:
        (d1, d2), k = known.shape, settings.width
        self.width, self.has_means = k, means is not None
        columns = k + 2 if self.has_means else k
        self.x, self.y = padded(d1, columns, DTYPE), padded(d2, columns, DTYPE)
        self.gradient_x, self.gradient_y = padded(d1, columns, DTYPE), padded(d2, columns, DTYPE)
        for factor, drawn, counts in zip((self.x, self.y), start, known.counts, strict=True):
            # what has no entry has no part in W, and stays where it starts
            factor[:, :k] = np.where(counts[:, None] > 0, drawn, 0.0)
        self.step_x, self.penalty_x = self._steps(known.sums[0], settings, own=k)
        self.step_y, self.penalty_y = self._steps(known.sums[1], settings, own=k + 1)
        if means is not None:
            self.x[:, k], self.x[:, k + 1] = means.rows, 1.0
            self.y[:, k], self.y[:, k + 1] = 1.0, means.columns

    def _steps(
        self, counts: np.ndarray, settings: CompletionSettings, own: int
    ) -> tuple[Float[np.ndarray, "d k"], Float[np.ndarray, " k"]]:
        """The step of each entry of a factor, and the penalty on each column; the ones beside the means stay."""
        steps = np.zeros((counts.size, self.x.shape[1]), DTYPE)
        steps[:, : self.width] = (settings.step_size / np.sqrt(np.maximum(counts, 1)))[:, None]
        penalty = np.zeros(steps.shape[1], DTYPE)
        penalty[: self.width] = settings.penalty
        if self.has_means:
            steps[:, own] = _OF_MEANS / (counts + SHRINKAGE)
            penalty[own] = SHRINKAGE
        return steps, penalty

    def predicted(self, rows: np.ndarray, columns: np.ndarray, seen: np.ndarray) -> Float[np.ndarray, " m"]:
        """XYᵀ + r 1ᵀ + 1 cᵀ at these places; where they are not `seen` it is r 1ᵀ + 1 cᵀ."""
        found = products(rows, columns, self.x, self.y).astype(float)
        if self.has_means and not seen.all():
            k, where = self.width, ~seen
            found[where] = self.x[rows[where], k] + self.y[columns[where], k + 1]
        return found

    def look(self, known: Known) -> tuple[float, float]:
        """Compute the gradients, and return the objective and the root mean square of the residual."""
        residual = known.gradients(self.x, self.y, self.gradient_x, self.gradient_y)
        squares = float(np.dot(residual, residual))
        penalties = np.einsum("ij,ij->j", self.x, self.x) @ self.penalty_x
        penalties += np.einsum("ij,ij->j", self.y, self.y) @ self.penalty_y
        return (squares + float(penalties)) / 2, float(np.sqrt(squares / residual.size))

    def halve(self) -> None:
        """Halve the steps of X and Y; those of the means are stable."""
        for step in (self.step_x, self.step_y):
            step[:, : self.width] /= 2

    def step(self) -> None:
        """One step of gradient descent, along the gradients of the last look."""
        for w, gradient, step, penalty in (
            (self.x, self.gradient_x, self.step_x, self.penalty_x),
            (self.y, self.gradient_y, self.step_y, self.penalty_y),
        ):
            for first in range(0, w.shape[0], _ROWS_AT_ONCE):
                rows = slice(first, first + _ROWS_AT_ONCE)
                change = penalty * w[rows]
                change += gradient[rows]
                change *= step[rows]
                w[rows] -= change

    def position(self) -> Position:
        """A copy of where it is now."""
        k, none = self.width, (np.zeros(self.x.shape[0]), np.zeros(self.y.shape[0]))
        means = (self.x[:, k], self.y[:, k + 1]) if self.has_means else none
        rows, columns = (np.array(part, float) for part in means)
        return Position(self.x[:, :k].astype(float), self.y[:, :k].astype(float), rows, columns)


class _LastLook:
    """Where the last look was, to go back to it when the objective has risen since."""

    def __init__(self, factors: _Factors) -> None:
        self.step, self.objective = 0, np.inf
        self._x, self._y = factors.x.copy(), factors.y.copy()

    def has_fallen_to(self, objective: float) -> bool:
        """Whether the objective is not above that of the last look; it is if it is not a number."""
        return objective <= self.objective + _RISE * abs(self.objective)

    def keep(self, step: int, objective: float, factors: _Factors) -> None:
        """Make this the last look."""
        self.step, self.objective = step, objective
        np.copyto(self._x, factors.x)
        np.copyto(self._y, factors.y)

    def restore(self, factors: _Factors) -> int:
        """Put the factors back, and return the number of steps taken then."""
        np.copyto(factors.x, self._x)
        np.copyto(factors.y, self._y)
        return self.step


def fit_penalized(
    known: Known,
    held_out: HeldOut | None,
    start: Start,
    means: Means | None,
    settings: CompletionSettings,
    progress: bool | None,
    *,
    chosen: bool = False,
) -> Path:
    """Gradient descent from a small start, up to `settings.steps` steps; the look of least held-out error is kept.

    If the last look is no worse beyond the standard error, it is kept: it is nearer to the minimum of the objective.

    Where the objective rises between looks, the fit goes back to the look before, and halves its steps.

    - `known`, `held_out`: the entries, without the mean of all if `means` are given. They must be of order 1, because
      the arithmetic is in single precision.
    - `start`: the factors at the start.
    - `means`: where the means start, or None for no means.
    - `chosen`: whether the user gave the step size, which is then not halved.

    Ctrl-C keeps the best look so far; before the first look it is passed on.
    """
    factors, path = _Factors(known, start, settings, means), Path()
    last, halvings, step = _LastLook(factors), list(settings.halved_after), 0
    try:
        with progress_bar(settings.steps, progress, f"Completing, {PENALIZED}") as tell:
            while True:
                while step in halvings:
                    halvings.remove(step)
                    _halve(factors, path, step)
                objective, training = factors.look(known)
                seen = bool(path.steps) and step == path.steps[-1]  # where the fit went back to
                if not seen and (step % EVERY == 0 or step == settings.steps):
                    may_halve = not chosen and len(path.halved_after) < _HALVINGS
                    if may_halve and not last.has_fallen_to(objective):
                        step = last.restore(factors)
                        _halve(factors, path, step)
                        continue
                    last.keep(step, objective, factors)
                    _see(path, factors, step, training, held_out)
                if path.status != "completed" or step == settings.steps:
                    if path.status == "completed" and held_out is not None and not path.is_worse:
                        path.best_step, path.best = step, factors.position()
                    break
                factors.step()
                step += 1
                tell(1)
    except KeyboardInterrupt:
        if path.best is None:
            raise
        path.status = "interrupted"
    return path


def _halve(factors: _Factors, path: Path, step: int) -> None:
    factors.halve()
    path.halved_after.append(step)


def _see(path: Path, factors: _Factors, step: int, training: float, held_out: HeldOut | None) -> None:
    """Add a look, keep it if it is the best, and decide whether the fit ends here."""
    error, squares = np.nan, np.zeros(0)
    if held_out is not None:
        predicted = factors.predicted(held_out.rows, held_out.columns, held_out.seen)
        if factors.has_means:  # where W is not seen, the means fitted along are predicted
            held_out = held_out._replace(fixed=predicted)
        squares = np.asarray(held_out.squares(predicted))
        error = float(np.sqrt(squares.mean()))
    before = path.training[-1] if path.training else np.inf
    path.steps.append(step)
    path.training.append(training)
    path.held_out.append(error)
    if not np.isfinite(training) or training > 2 * path.training[0]:
        path.status = "diverged"
        return
    least = error if held_out is None else min(path.held_out)
    if held_out is None or error <= least:
        path.best_step, path.best, path.squares = step, factors.position(), squares
    path.is_worse = is_worse(squares, path.squares)
    learned = training < 0.99 * path.training[0]
    falls = error < _FALLS * max(path.held_out[-_LOOKS:])
    if held_out is not None and learned and path.is_worse and error > WORSE * least and not falls:
        path.status = "stopped"
    if held_out is None and learned and abs(before - training) <= SETTLED * training:
        path.status = "stopped"
