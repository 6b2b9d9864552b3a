"""The penalized fit of a table: in units of order 1, then refitted to all entries."""

import dataclasses
import time

import numpy as np
import xarray as xr

from equipoise.core.errors import InputError
from equipoise.core.status import Status
from equipoise.estimators.complete.fit import Fit
from equipoise.estimators.complete.means import Means
from equipoise.estimators.complete.penalized.descent import DTYPE, Path, Position, fit_penalized
from equipoise.estimators.complete.recording import HELD_OUT, TRAINING
from equipoise.estimators.complete.settings import PENALIZED, CompletionSettings
from equipoise.estimators.complete.starts import start_of
from equipoise.estimators.complete.target import Target
from equipoise.problems.observed import Known
from equipoise.results import Run


def penalized(target: Target, settings: CompletionSettings, *, chosen: bool, progress: bool | None) -> Fit:
    """The fit that the held-out entries choose, and then a fit of as many steps to training and held-out entries.

    `chosen` says that the user gave the step size, which is then not halved. Raises `InputError` if it diverges.
    """
    begin = time.perf_counter()
    path = _followed(target, settings, chosen=chosen, progress=progress)
    settings = settings._replace(halved_after=tuple(path.halved_after), halvings=len(path.halved_after))
    assert path.best is not None
    run = _run(path, settings)
    first = _fit(target, path.best, target.means, settings, path, run, time.perf_counter() - begin)
    if target.parts[1] is None or path.status == Status.interrupted.name:
        return first
    everything = target.with_everything()
    again = settings._replace(steps=path.best_step)
    try:
        last = _followed(everything, again, chosen=chosen, progress=progress)
    except KeyboardInterrupt:
        return first
    if last.best is None or last.status == Status.interrupted.name:
        return first
    final = _fit(target, last.best, everything.means, settings, path, run, time.perf_counter() - begin)
    return dataclasses.replace(final, judged=first)


def _followed(target: Target, settings: CompletionSettings, *, chosen: bool, progress: bool | None) -> Path:
    """The path, in the units of the entries; raises `InputError` if it diverges."""
    means = target.means if target.centered else None
    unit = float(np.sqrt(np.mean(target.values**2)))
    mean = 0.0 if means is None else means.mean
    known = Known(target.orders, (target.training.values - mean) / unit, target.training.shape, DTYPE, target.weights)
    held_out = target.held_out_with_means if target.centered else target.held_out
    held_out = None if held_out is None else held_out.shifted(mean, unit)
    scaled = settings._replace(
        step_size=settings.step_size * unit,
        start_norm=settings.start_norm / unit**0.5,
        penalty=settings.penalty / unit,
    )
    x, _, y = start_of(target.training, width=scaled.width, depth=2, norm=scaled.start_norm, seed=scaled.seed)
    own = None if means is None else _scaled(means, 1 / unit)
    path = fit_penalized(known, held_out, (x, y), own, scaled, progress, chosen=chosen)
    if path.status != Status.diverged.name:
        return _in_units(path, unit)
    last = settings.step_size / 2 ** len(path.halved_after)
    raise InputError(
        f"The method {PENALIZED} diverged within {path.steps[-1]} steps of size {last:.4g}; take a smaller step size "
        "or a smaller start."
    )


def _scaled(means: Means, factor: float) -> Means:
    return dataclasses.replace(means, rows=means.rows * factor, columns=means.columns * factor)


def _in_units(path: Path, unit: float) -> Path:
    """The path with errors, factors and means multiplied back."""
    best = path.best
    assert best is not None
    root = unit**0.5
    return dataclasses.replace(
        path,
        training=[error * unit for error in path.training],
        held_out=[error * unit for error in path.held_out],
        best=Position(best.left * root, best.right * root, best.rows * unit, best.columns * unit),
    )


def _fit(
    target: Target,
    position: Position,
    means: Means,
    settings: CompletionSettings,
    path: Path,
    run: Run,
    seconds: float,
) -> Fit:
    own = dataclasses.replace(means, rows=position.rows, columns=position.columns) if target.centered else means
    return Fit(
        method=settings.method,
        left=position.left,
        right=position.right,
        steps=path.steps[-1],
        best_step=path.best_step,
        seconds=seconds,
        status=path.status,
        settings=settings,
        run=run,
        theta=(position.left, position.right),
        means=own,
    )


def _run(path: Path, settings: CompletionSettings) -> Run:
    """The errors along the path, with the factors at the look that is kept."""
    assert path.best is not None
    status = Status[path.status]
    errors = {TRAINING: ("training error", path.training), HELD_OUT: ("held-out error", path.held_out)}
    columns = {
        name: (("replicate", "step"), np.array([values]), {"long_name": meaning, "symbol": "RMSE", "units": "[M]"})
        for name, (meaning, values) in errors.items()
        if not np.isnan(values).all()
    }
    ending = {
        "status": (("replicate",), np.array([status.name]), {"long_name": "how the replicate ended"}),
        "end_step": (("replicate",), np.array([path.steps[-1]]), {"long_name": "steps taken", "units": "1"}),
    }
    steps = ("step", np.array(path.steps), {"long_name": "step", "symbol": "t", "units": "1"})
    dataset = xr.Dataset(
        {**columns, **ending},
        coords={"step": steps, "replicate": [0]},
        attrs={name: value for name, value in settings._asdict().items() if isinstance(value, (int, float, str))},
    )
    dataset.attrs["full_width"] = int(settings.full_width)
    return Run(dataset, (path.best.left[None], path.best.right[None]), (status,))
