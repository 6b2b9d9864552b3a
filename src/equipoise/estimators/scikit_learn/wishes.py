"""What a user asks of a completion."""

from typing import Any, NamedTuple

from equipoise.core.checks import real_number
from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt
from equipoise.estimators.complete.settings import AUTO as AUTO
from equipoise.estimators.scikit_learn.endings import seed_of

_OPTIONS = ("steps", "step_size", "start_norm", "gap", "max_seconds", "progress")


class Wishes(NamedTuple):
    """The arguments of `equipoise.estimators.complete` that the estimators pass on.

    - `method`, `width`, `center`, `scale`, `clip`: what to fit; `method` may be "auto", and the others None, to choose.
    - `hold_out`: the share of the entries held out; 0 for none.
    - `seed`: the seed of the split, the start and the noise.
    - `options`: the others, by name.
    """

    method: str
    width: int | None
    center: bool | None
    scale: bool | str | None
    clip: Any
    hold_out: float
    seed: int
    options: dict[str, Any]


def wishes_of(estimator: Any) -> Wishes:
    """The wishes of an estimator, as far as `complete` does not check them; raises `InputError`."""
    method = estimator.method
    if not isinstance(method, str):
        raise InputError(f"method is {excerpt(str(method))}; give the name of one method, or 'auto'.")
    share = real_number("hold_out", estimator.hold_out, least=0, below=1, hint="the share held out")
    center, scale = _choice("center", estimator.center), estimator.scale
    options = {name: getattr(estimator, name) for name in _OPTIONS}
    return Wishes(
        method, estimator.width, center, scale, estimator.clip, share, seed_of(estimator.random_state), options
    )


def _choice(name: str, given: Any) -> bool | None:
    if given is not None and not isinstance(given, bool):
        raise InputError(f"{name} is {excerpt(str(given))}; give True, False, or None to choose.")
    return given
