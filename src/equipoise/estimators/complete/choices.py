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

_WIDEST = 40  # the largest width that "auto" tries
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
    """The method and its width of the least held-out error, fitted again to all entries.

    The widest penalized fit chooses centering. Then it is tried in smaller widths, and small-init too for tables that
    are not large.
    """
    given = plain.parts[1] is not None
    plain = plain if given else with_held_out(plain) or plain
    if plain.parts[1] is None:
        few = "There are too few entries to choose a method by, so it is penalized."
        choice = choose_center(plain, center, (PENALIZED,), wanted)
        return choice._replace(said=(*choice.said, few))
    widths = _widths(plain, wanted)
    target, _, first, said = choose_center(plain, center, (PENALIZED,), wanted.with_width(widths[0]))
    tried = _tried(target, list(first.values()), widths, wanted)
    best = _chosen(tried, target)
    fits: dict[str, Fit] = {best.method: refitted(best, target, wanted)}
    for fit in sorted(tried, key=lambda each: _error(each, target)):
        fits.setdefault(fit.method, fit)
    return Choice(target, tuple(fits), fits, (*said, *_said_of_all(tried, best, given=given)))


def _widths(plain: Target, wanted: Wanted) -> list[int]:
    """The widths to try, the widest first; the one that the user wished for, if there is one."""
    if wanted.wishes.width is not None:
        return [wanted.wishes.width]
    widest = min(*plain.training.shape, _WIDEST)
    return sorted({max(1, math.ceil(widest / part)) for part in (1, 2, 4, 10)}, reverse=True)


def _tried(target: Target, first: list[Fit], widths: list[int], wanted: Wanted) -> list[Fit]:
    """The fits to choose from, after those made already; those so far after Ctrl-C, if there is one."""
    found = list(first)
    candidates = [(PENALIZED, wanted.with_width(width)) for width in widths[len(found) :]]
    if target.training.shape[0] * target.training.shape[1] <= _SMALL:
        candidates.append((SMALL_START, wanted))
    for method, asked in candidates:
        if found and found[-1].interrupted:
            break
        try:
            found.append(fit_by(method, target, asked))
        except KeyboardInterrupt:
            if not found:
                raise
            break
    return found


def _chosen(tried: Sequence[Fit], target: Target) -> Fit:
    """The fit of least held-out error; the first, the widest penalized one, if it is no worse beyond chance."""
    best = min(tried, key=lambda fit: _error(fit, target))
    return best if is_worse(squares_of(tried[0], target), squares_of(best, target)) else tried[0]


def _error(fit: Fit, target: Target) -> float:
    """The held-out error."""
    return float(np.sqrt(np.mean(squares_of(fit, target))))


def _said_of_all(tried: Sequence[Fit], best: Fit, *, given: bool) -> tuple[str, ...]:
    width = best.settings.width if best.settings is not None else 0
    widths = sorted({fit.settings.width for fit in tried if fit.settings is not None})
    said = (
        f"Among {' and '.join(sorted({fit.method for fit in tried}))} and widths {', '.join(map(str, widths))}, the "
        f"held-out entries chose {best.method} with width {width}; it was fitted again to all entries."
    )
    if given:
        return (said,)
    return ("No entries were given to hold out, so a tenth of the training entries was held out for the choice.", said)


def _centered(plain: Target) -> Target:
    return target_of(plain.parts, center=True, units=plain.units, limits=plain.limits)
