"""A gradient method on the training entries, observed at growing intervals; the best look is kept."""

import dataclasses
from typing import TypeAlias

import numpy as np

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.errors import InputError
from equipoise.core.status import Status
from equipoise.dynamics import GradientDescent, PerturbedGD
from equipoise.estimators.complete.recording import HELD_OUT, TRAINING, Errors, observable
from equipoise.estimators.complete.settings import NOISE, CompletionSettings
from equipoise.initial import Given
from equipoise.noise import Fading, Gaussian
from equipoise.problems import Factored
from equipoise.results import Run, watch
from equipoise.simulation import Look, Record
from equipoise.simulation.progress import progress_bar

WORSE = 1.01
"""The run is stopped when the held-out error exceeds its minimum so far by this factor, and does not fall."""
FITTED = 1e-6
"""The training error, relative to that at the start, at which nothing is left to learn."""
ROUNDING = 1e-7
"""With a stable step the training error falls; a rise between looks by this share of it is no rounding."""
_FIRST, _GROWTH, _LOOKS, _HALVINGS = 5, 0.05, 10, 10
_PATIENCE = 3  # a rise that lasts for fewer steps than the fall before may be a hump
_FALLS = 0.999  # a held-out error below this multiple of one of the last looks is still falling

Theta: TypeAlias = tuple[np.ndarray, ...]


@dataclasses.dataclass
class Best:
    """The look with the least held-out error so far; if nothing is held out, the last look."""

    looks: int = 0
    since: int = 0
    step: int = 0
    theta: Theta = ()
    held_out: float = np.inf
    first_training: float = np.nan
    last_training: float = np.inf
    rose: bool = False
    last: list[float] = dataclasses.field(default_factory=list)

    def see(self, look: Look) -> None:
        """Update from a look."""
        error, training = _value(look, HELD_OUT), _value(look, TRAINING)
        if not self.looks:
            self.first_training = training
        self.rose |= training > (1 + ROUNDING) * self.last_training
        self.last_training = training
        self.last = [*self.last[1 - _LOOKS :], error]
        self.since += 1
        if HELD_OUT not in look.values or not self.looks or error < self.held_out:
            self.step, self.theta, self.held_out, self.since = look.step, tuple(w[0] for w in look.theta), error, 0
        self.looks += 1

    def is_enough(self, look: Look, settings: CompletionSettings) -> bool:
        """Whether nothing is left to learn after this look, or the held-out error has turned upward."""
        training = _value(look, TRAINING)
        fading = settings.method == NOISE and 2 * look.step < settings.steps
        if fading or training > 0.99 * self.first_training:  # learning has not begun yet
            return False
        if training <= FITTED * self.first_training:
            return settings.method != NOISE
        error = _value(look, HELD_OUT)
        patient = self.since >= _LOOKS and look.step >= _PATIENCE * self.step
        return patient and error > WORSE * self.held_out and error >= _FALLS * max(self.last)


def _value(look: Look, name: str) -> float:
    """A recorded value; NaN if it is not recorded."""
    return float(look.values[name][0]) if name in look.values else np.nan


def descend(
    problem: Factored,
    start: Theta,
    settings: CompletionSettings,
    errors: Errors,
    *,
    chosen: bool,
    progress: bool | None,
) -> tuple[Run, Best, CompletionSettings]:
    """Run the method to its last step or until it is stopped; if it is unstable, run it again with half the step size.

    Unstable is what diverges, and gradient descent whose training error rises between looks. One step size from start
    to end, the same for all rows and columns, conserves XᵀX − YᵀY in the limit of small steps, so that a small start
    tends to a small nuclear norm; steps by row and column counts would tend to a weighted one.

    If `chosen`, the user gave the step size, and it is not changed. After Ctrl-C the result so far is returned; if
    there is none, the interrupt is passed on. Raises `InputError` if the method still diverges.
    """
    may_rise = chosen or settings.method == NOISE
    for _ in range(_HALVINGS + 1):
        run, best = _follow(problem, start, settings, errors, progress, may_rise=may_rise)
        if run.status[0] is not Status.diverged and (may_rise or not best.rose):
            return run, best, settings
        if chosen:
            break
        settings = settings._replace(step_size=settings.step_size / 2, halvings=settings.halvings + 1)
    raise InputError(
        f"The method {settings.method} diverged within {int(run.dataset['step'].values[-1])} steps of size "
        f"{settings.step_size:.4g}; take a smaller step size or a smaller start."
    )


def _follow(
    problem: Factored,
    start: Theta,
    settings: CompletionSettings,
    errors: Errors,
    progress: bool | None,
    *,
    may_rise: bool,
) -> tuple[Run, Best]:
    watched = watch(
        problem,
        _dynamics(settings),
        Given(start),
        seed=settings.seed,
        steps=settings.steps,
        record=Record(_FIRST, (observable(errors),), growth=_GROWTH),
    )
    best, step = Best(), 0
    with progress_bar(settings.steps, progress, f"Completing, {settings.method}") as tell:
        try:
            for look in watched:
                tell(look.step - step)
                step = look.step
                best.see(look)
                unstable = best.rose and not may_rise
                if look.status[0] is Status.completed and (unstable or best.is_enough(look, settings)):
                    watched.stop()
        except KeyboardInterrupt:
            if not best.looks:
                raise
    return watched.run(), best


def _dynamics(settings: CompletionSettings) -> AbstractDynamics:
    if settings.method != NOISE:
        return GradientDescent(settings.step_size)
    stds = tuple(Fading(std, settings.steps) for std in settings.noise)
    return PerturbedGD(settings.step_size, Gaussian(std=stds))
