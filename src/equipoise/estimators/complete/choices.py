"""What the held-out entries choose before the methods are compared: centering, and with "auto" the method and width."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from equipoise.estimators.complete.comparison import is_worse
from equipoise.estimators.complete.fit import Fit
from equipoise.estimators.complete.running import Wanted, fit_by, refitted, squares_of
from equipoise.estimators.complete.settings import CONVEX, PENALIZED, SMALL_START
from equipoise.estimators.complete.target import Target, target_of, with_held_out

_SMALL = 1e6  # places of a table up to which "auto" tries small-init, whose time grows with them


class Choice(NamedTuple):
    """A target, the fits of it that were already made, and what was chosen, in sentences."""

    target: Target
    methods: tuple[str, ...]
    fits: dict[str, Fit]
    said: tuple[str, ...]


def choose_center(plain: Target, center: bool | None, methods: tuple[str, ...], wanted: Wanted) -> Choice:
    """The target centered or not, as the user said, or else as the held-out error of the first gradient method says.

    For the convex problem alone, the penalized fit decides. Without held-out entries, a tenth of the training entries
    is held out from a penalized fit for this choice.
    """
    if center is not None:
        return Choice(_centered(plain) if center else plain, methods, {}, ())
    gradient = [method for method in methods if method != CONVEX]
    if plain.parts[1] is not None and gradient:
        return _by_fits(plain, gradient[0], methods, wanted)
    trial = plain if plain.parts[1] is not None else with_held_out(plain)
    if trial is None:
        return Choice(plain, methods, {}, ("There are too few entries to choose centering by; none is done.",))
    found = _by_fits(trial, PENALIZED, methods, wanted.usual())
    centered = found.target.centered
    return Choice(_centered(plain) if centered else plain, methods, {}, found.said)


def _by_fits(plain: Target, method: str, methods: tuple[str, ...], wanted: Wanted) -> Choice:
    """Both ways of one method; the one of less held-out error is kept. After Ctrl-C that is the first.

    Where the two differ by less than the standard error, means are subtracted unless there are locations already.
    """
    first = fit_by(method, plain, wanted)
    if first.interrupted:
        return Choice(plain, methods, {method: first}, ())
    target = _centered(plain)
    try:
        second = fit_by(method, target, wanted)
    except KeyboardInterrupt:
        return Choice(plain, methods, {method: first}, ())
    squares = squares_of(first, plain), squares_of(second, target)
    better = is_worse(*squares) or (plain.units is None and not is_worse(*reversed(squares)))
    without, within = (math.sqrt(each.mean()) for each in squares)
    done = "are subtracted" if better else "are not subtracted"
    said = (
        f"Row and column means {done}, as the held-out error of {method} chose: {within:.4g} with and "
        f"{without:.4g} without."
    )
    return Choice(target if better else plain, methods, {method: second if better else first}, (said,))


def choose_all(plain: Target, center: bool | None, wanted: Wanted) -> Choice:
    """The method, its width and centering of the least held-out error, fitted again to all entries.

    Tried are the penalized fit in several widths and, for tables that are not large, small-init.
    """
    given = plain.parts[1] is not None
    plain = plain if given else with_held_out(plain) or plain
    if plain.parts[1] is None:
        few = "There are too few entries to choose a method by, so it is penalized."
        choice = choose_center(plain, center, (PENALIZED,), wanted)
        return choice._replace(said=(*choice.said, few))
    targets = [plain, _centered(plain)] if center is None else [_centered(plain) if center else plain]
    tried = [found for target in targets for found in _tried(target, wanted)]
    target, best = _chosen(tried)
    fits: dict[str, Fit] = {best.method: best}
    for where, fit in sorted(tried, key=_error):
        if where is target:
            fits.setdefault(fit.method, fit)
    fits[best.method] = refitted(best, target, wanted)
    return Choice(target, tuple(fits), fits, _said_of_all(targets, tried, (target, best), given=given))


def _chosen(tried: Sequence[tuple[Target, Fit]]) -> tuple[Target, Fit]:
    """The fit of least held-out error; the widest penalized one if that is no worse beyond the standard error."""
    target, best = min(tried, key=_error)
    for where, fit in (found for found in tried if found[1].method == PENALIZED and found[1].settings is not None):
        usual = where.centered == (where.units is None) or all(other is where for other, _ in tried)
        if usual and fit.settings is not None and fit.settings.width == _widest(tried):
            return (target, best) if is_worse(squares_of(fit, where), squares_of(best, target)) else (where, fit)
    return target, best


def _widest(tried: Sequence[tuple[Target, Fit]]) -> int:
    return max(fit.settings.width for _, fit in tried if fit.settings is not None and fit.method == PENALIZED)


def _error(found: tuple[Target, Fit]) -> float:
    """The held-out error."""
    return float(np.sqrt(np.mean(squares_of(found[1], found[0]))))


def _said_of_all(
    targets: Sequence[Target], tried: Sequence[tuple[Target, Fit]], kept: tuple[Target, Fit], *, given: bool
) -> tuple[str, ...]:
    target, best = kept
    width = best.settings.width if best.settings is not None else 0
    widths = sorted({fit.settings.width for _, fit in tried if fit.settings is not None})
    ways = " and, with row and column means subtracted and not," if len(targets) > 1 else ""
    said = (
        f"Among {' and '.join(sorted({fit.method for _, fit in tried}))}{ways} widths "
        f"{', '.join(map(str, widths))}, the held-out entries chose {best.method} with width {width}, "
        f"{'with' if target.centered else 'without'} centering; it was fitted again to all entries."
    )
    if given:
        return (said,)
    return ("No entries were given to hold out, so a tenth of the training entries was held out for the choice.", said)


def _tried(target: Target, wanted: Wanted) -> list[tuple[Target, Fit]]:
    """The fits to choose from; those so far after Ctrl-C, if there is one."""
    d1, d2 = target.training.shape
    widest = min(d1, d2, 40)
    own = wanted.wishes.width
    widths = sorted({max(1, math.ceil(widest / part)) for part in (1, 2, 4, 10)}) if own is None else [own]
    candidates = [(PENALIZED, wanted.with_width(width)) for width in widths]
    if d1 * d2 <= _SMALL:
        candidates.append((SMALL_START, wanted))
    found: list[tuple[Target, Fit]] = []
    for method, asked in candidates:
        try:
            found.append((target, fit_by(method, target, asked)))
        except KeyboardInterrupt:
            if not found:
                raise
            break
        if found[-1][1].interrupted:
            break
    return found


def _centered(plain: Target) -> Target:
    return target_of(plain.parts, center=True, units=plain.units, limits=plain.limits)
