"""What a user asks of a completion."""

from typing import Any, NamedTuple

from equipoise.core.checks import real_number
from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt

AUTO = "auto"


class Wishes(NamedTuple):
    """The arguments of `equipoise.estimators.complete` that the estimators pass on.

    - `method`, `width`, `center`, `scale`: what to fit; `method` may be "auto", and `center` and `scale` (of columns)
      None, to choose.
    - `hold_out`: the share of the entries held out; 0 for none.
    - `seed`: the seed of the split, the start and the noise.
    - `options`: the others, by name.
    """

    method: str
    width: int | None
    center: bool | None
    hold_out: float
    seed: int
    options: dict[str, Any]
    scale: bool | None = False


def checked(
    method: Any, width: Any, center: Any, hold_out: Any, seed: int, options: dict[str, Any], scale: Any = False
) -> Wishes:
    """The wishes, as far as `complete` does not check them; raises `InputError`."""
    if not isinstance(method, str):
        raise InputError(f"method is {excerpt(str(method))}; give the name of one method, or 'auto'.")
    if center is not None and not isinstance(center, bool):
        raise InputError(f"center is {excerpt(str(center))}; give True, False, or None to choose.")
    if scale is not None and not isinstance(scale, bool):
        raise InputError(f"scale is {excerpt(str(scale))}; give True, False, or None to choose.")
    share = real_number("hold_out", hold_out, least=0, below=1, hint="the share held out")
    return Wishes(method, width, center, share, seed, options, scale)
