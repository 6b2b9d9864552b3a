"""A gradient method on the training entries, looked at ever less often, of which the best look is kept."""

import dataclasses
import json
import math

import numpy as np
import xarray as xr

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.errors import InputError
from equipoise.core.initial import AbstractInitial
from equipoise.core.status import Status
from equipoise.dynamics import GradientDescent, PerturbedGD
from equipoise.estimators.completion.look import HELD_OUT, TRAINING, Look, observable
from equipoise.estimators.completion.settings import NOISE, CompletionSettings
from equipoise.initial import GaussianOfNorm, Given
from equipoise.noise import Fading, Gaussian
from equipoise.problems import Factored
from equipoise.results import Run, simulate
from equipoise.simulation import Record
from equipoise.simulation.progress import progress_bar

WORSE = 1.01
"""How far the held-out error may rise above the least one seen before the run is stopped, as a ratio."""
FITTED = 1e-6
"""The training error, relative to that at the start, at which nothing is left to learn."""
_FIRST, _GROWTH, _LOOKS, _HALVINGS = 5, 0.05, 10, 6


@dataclasses.dataclass
class Path:
    """Where a run stands: the factors now and at its best look, and what was recorded at every look."""

    looks: list[xr.Dataset]
    theta: tuple[np.ndarray, ...]
    status: Status
    best: tuple[np.ndarray, ...]
    best_look: int = 0

    @property
    def step(self) -> int:
        """The number of steps taken."""
        return int(self.looks[-1]["step"].values[-1])

    def recorded(self, name: str) -> np.ndarray:
        """A variable at every look, empty if it is not recorded."""
        return np.array([look[name].values[0, 0] for look in self.looks]) if name in self.looks[0] else np.empty(0)

    @property
    def best_step(self) -> int:
        """The step of the best look."""
        return int(self.looks[self.best_look]["step"].values[-1])


def descend(
    problem: Factored, settings: CompletionSettings, look: Look, *, chosen: bool, progress: bool | None
) -> tuple[Path, CompletionSettings]:
    """Run the method to its last step or until it is stopped; where it diverges, again with half the step size.

    A step size that the user has `chosen` is not changed. Ctrl-C gives what was reached, or is passed on where that is
    nothing. Raises `InputError` if the method diverges and cannot be mended.
    """
    for _ in range(_HALVINGS + 1):
        path = _follow(problem, settings, look, progress)
        if path.status is not Status.diverged:
            return path, settings
        if chosen:
            break
        settings = settings._replace(step_size=settings.step_size / 2, halvings=settings.halvings + 1)
    raise InputError(
        f"The method {settings.method} diverged within {path.step} steps of size {settings.step_size:.4g}; "
        "take a smaller step size or a smaller start."
    )


def _follow(problem: Factored, settings: CompletionSettings, look: Look, progress: bool | None) -> Path:
    dynamics = _dynamics(settings)
    with progress_bar(settings.steps, progress, f"Completing, {settings.method}") as tell:
        path = _further(None, problem, dynamics, look, settings, 0)
        while path.status is Status.completed and path.step < settings.steps:
            count = min(max(_FIRST, math.ceil(_GROWTH * path.step)), settings.steps - path.step)
            before = path.step
            try:
                path = _further(path, problem, dynamics, look, settings, count)
            except KeyboardInterrupt:
                path.status = Status.interrupted
                break
            tell(path.step - before)
            if _over(path, settings):
                path.status = Status.stopped
    return path


def _dynamics(settings: CompletionSettings) -> AbstractDynamics:
    if settings.method != NOISE:
        return GradientDescent(settings.step_size)
    stds = tuple(Fading(std, settings.steps) for std in settings.noise)
    return PerturbedGD(settings.step_size, Gaussian(std=stds))


def _further(
    path: Path | None,
    problem: Factored,
    dynamics: AbstractDynamics,
    look: Look,
    settings: CompletionSettings,
    count: int,
) -> Path:
    """`count` steps on and a look; the best look is kept if there are held-out entries, else the last."""
    start: AbstractInitial = GaussianOfNorm(settings.start_norm) if path is None else Given(path.theta)
    run = simulate(
        problem,
        dynamics,
        start,
        seed=settings.seed,
        steps=count,
        first_step=0 if path is None else path.step,
        record=Record(max(count, 1), (observable(look),)),
        progress=False,
    )
    if run.status[0] is Status.interrupted:
        raise KeyboardInterrupt
    theta, seen = tuple(w[0] for w in run.theta), run.dataset.isel(step=[-1])
    if path is None:
        return Path([seen], theta, run.status[0], theta)
    path.looks.append(seen)
    path.theta, path.status = theta, run.status[0]
    if HELD_OUT not in seen or seen[HELD_OUT].values[0, 0] < path.recorded(HELD_OUT)[path.best_look]:
        path.best, path.best_look = theta, len(path.looks) - 1
    return path


def _over(path: Path, settings: CompletionSettings) -> bool:
    """Whether nothing is left to learn, or the held-out error has turned upward."""
    training, held_out = path.recorded(TRAINING), path.recorded(HELD_OUT)
    fading = settings.method == NOISE and 2 * path.step < settings.steps
    if fading or training[-1] > 0.99 * training[0]:  # not yet begun
        return False
    if training[-1] <= FITTED * training[0]:
        return settings.method != NOISE
    if not held_out.size:
        return False
    since = len(path.looks) - 1 - path.best_look
    return bool(since >= _LOOKS and held_out[-1] > WORSE * held_out[path.best_look])


def as_run(path: Path, seconds: float) -> Run:
    """The whole path as one recorded run, with the factors of the best look."""
    dataset = xr.concat(
        [look.drop_vars(("status", "end_step")) for look in path.looks], "step", combine_attrs="override"
    )
    last = path.looks[-1][["status", "end_step"]]
    attributes = dict(dataset.attrs)
    attributes["settings"] = json.dumps(
        {**json.loads(attributes["settings"]), "steps": path.step, "every": "growing"}, ensure_ascii=False
    )
    attributes.update(seconds=seconds, best_step=path.best_step)
    dataset = dataset.assign(status=last["status"], end_step=last["end_step"]).assign_attrs(attributes)
    dataset["status"].values[:] = path.status.name
    dataset["end_step"].values[:] = path.step
    return Run(dataset, tuple(w[None] for w in path.best), (path.status,))
