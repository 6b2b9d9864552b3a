"""What the held-out entries choose before the methods are compared: centering, and with "auto" the method and width."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from equipoise.datasets import hold_out_fraction
from equipoise.estimators.complete.fit import Fit
from equipoise.estimators.complete.running import Wanted, error_of, fit_by, refitted
from equipoise.estimators.complete.settings import CONVEX, PENALIZED, SMALL_START
from equipoise.estimators.complete.target import Target, target_of

HELD_OUT_SHARE = 0.1
"""The share of the training entries that are held out where a choice needs some and none are given."""
FEWEST = 20
"""With fewer training entries, none are held out for a choice."""
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
    trial = plain if plain.parts[1] is not None else _with_held_out(plain)
    if trial is None:
        return Choice(plain, methods, {}, ("There are too few entries to choose centering by; none is done.",))
    alone = wanted._replace(wishes=wanted.wishes._replace(depth=2, steps=None, step_size=None, start_norm=None))
    found = _by_fits(trial, PENALIZED, methods, alone)
    centered = found.target.centered
    return Choice(_centered(plain) if centered else plain, methods, {}, found.said)


def _by_fits(plain: Target, method: str, methods: tuple[str, ...], wanted: Wanted) -> Choice:
    """Both ways of one method; the one of less held-out error is kept. After Ctrl-C that is the first."""
    first = fit_by(method, plain, wanted)
    if first.interrupted:
        return Choice(plain, methods, {method: first}, ())
    target = _centered(plain)
    try:
        second = fit_by(method, target, wanted)
    except KeyboardInterrupt:
        return Choice(plain, methods, {method: first}, ())
    without, within = error_of(first, plain), error_of(second, target)
    better = within < without
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
    plain = plain if given else _with_held_out(plain) or plain
    if plain.parts[1] is None:
        few = "There are too few entries to choose a method by, so it is penalized."
        choice = choose_center(plain, center, (PENALIZED,), wanted)
        return choice._replace(said=(*choice.said, few))
    targets = [plain, _centered(plain)] if center is None else [_centered(plain) if center else plain]
    tried = [found for target in targets for found in _tried(target, wanted)]
    target, best = min(tried, key=lambda found: error_of(found[1], found[0]))
    fits: dict[str, Fit] = {}
    for where, fit in sorted(tried, key=lambda found: error_of(found[1], found[0])):
        if where is target:
            fits.setdefault(fit.method, fit)
    fits[best.method] = refitted(best, target, wanted)
    return Choice(target, tuple(fits), fits, _said_of_all(targets, tried, (target, best), given=given))


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


def _with_held_out(plain: Target) -> Target | None:
    """The target with a tenth of its training entries held out, by their ids; None if there are too few."""
    training, _, test = plain.parts
    if len(training) < FEWEST:
        return None
    kept, held_out = hold_out_fraction(training, HELD_OUT_SHARE, seed=0, by_ids=True)
    return target_of((kept, held_out, test), center=False, units=plain.units, limits=plain.limits)


def _centered(plain: Target) -> Target:
    return target_of(plain.parts, center=True, units=plain.units, limits=plain.limits)
