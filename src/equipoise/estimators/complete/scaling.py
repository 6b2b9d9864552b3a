"""Whether rows or columns are scaled: where their units differ and the held-out entries agree."""

from typing import TypeAlias

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt
from equipoise.estimators.complete.limits import Limits
from equipoise.estimators.complete.parts import Parts
from equipoise.estimators.complete.running import Wanted, fit_by, prediction_of
from equipoise.estimators.complete.scores import root_mean_square
from equipoise.estimators.complete.settings import PENALIZED
from equipoise.estimators.complete.target import Target, target_of, with_held_out
from equipoise.estimators.complete.units import Units, differing_sides, fitted_units

BETTER = 0.5
"""Scaling is chosen where it brings the held-out error below this multiple of that without."""


Scale: TypeAlias = bool | str | None
"""Rows and columns (True), one side by its name, neither (False), or a choice (None)."""
_SIDES = {"rows": (True, False), "columns": (False, True)}


def bare_target(parts: Parts, scale: Scale, limits: Limits | None, wanted: Wanted) -> Target:
    """The target, not centered, and scaled as the user said; or else as the units and the held-out entries say.

    If True, rows and columns are scaled, and by "rows" or "columns" one of them. If None, those are whose units
    differ, provided that this at least halves the error of a penalized fit on the held-out entries, or on a tenth
    of the training entries, in units of the scales.
    """
    as_given = target_of(parts, center=False, limits=limits)
    if scale is False:
        return as_given
    if scale is not None:
        return _scaled(parts, fitted_units(parts[0], _sides(scale)), limits)
    sides = differing_sides(parts[0])
    trial = as_given if parts[1] is not None else with_held_out(as_given)
    if not any(sides) or trial is None:
        return as_given
    units = fitted_units(trial.training, sides)
    with_units = _error(_scaled(trial.parts, units, limits), units, wanted)
    without = _error(trial, units, wanted)
    return _scaled(parts, fitted_units(parts[0], sides), limits) if with_units < BETTER * without else as_given


def _sides(scale: bool | str) -> tuple[bool, bool]:
    """Whether rows are scaled, and columns; raises `InputError` for what names neither."""
    if isinstance(scale, str) and scale in _SIDES:
        return _SIDES[scale]
    if scale is True:
        return True, True
    raise InputError(f"scale is {excerpt(str(scale))}; give True, False, 'rows', 'columns', or None to choose.")


def _error(target: Target, units: Units, wanted: Wanted) -> float:
    """The held-out error of a penalized fit with centering, in units of the scales."""
    part = target.parts[1]
    assert part is not None
    centered = target_of(target.parts, center=True, units=target.units, limits=target.limits)
    fit = fit_by(PENALIZED, centered, wanted.usual())
    prediction = prediction_of(fit.judged or fit, centered)
    values = part.values if target.units is None else units.back(part)
    return root_mean_square((prediction.at(part.rows, part.columns) - values) / units.scale(part.rows, part.columns))


def _scaled(parts: Parts, units: Units, limits: Limits | None) -> Target:
    return target_of(units.without_all(parts), center=False, units=units, limits=limits)
