"""The array to take from a file of several."""

from collections.abc import Mapping, Sequence

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt, listing


def chosen_array(matrices: Mapping[str, Sequence[int]], key: str | None, name: str, others: Sequence[str] = ()) -> str:
    """Return the name of the array to take: `key`, or the only matrix.

    - `matrices`: the shape of every array of numbers by its name.
    - `key`: the name asked for, or None.
    - `name`: the file, for messages.
    - `others`: what else the file holds, for messages.

    Raises `InputError` if it is not there, or if there is not exactly one matrix.
    """
    if key is not None:
        wanted = key if key in matrices else key.strip("/")
        if wanted in matrices:
            return wanted
        raise InputError(
            f"{name} has no array {excerpt(key)} of numbers; pass one of its arrays as key=: {_shown(matrices)}."
        )
    found = {each: shape for each, shape in matrices.items() if len(shape) == 2 and min(shape) > 0}
    larger = {each: shape for each, shape in found.items() if min(shape) > 1} or found
    if len(larger) == 1:
        return next(iter(larger))
    if found:
        raise InputError(f"{name} holds {len(larger)} matrices; pass the name of one as key=: {_shown(larger)}.")
    besides = _shown(matrices) if matrices else listing([excerpt(other) for other in others]) or "nothing"
    raise InputError(f"{name} holds no matrix of numbers but {besides}; save a matrix in it.")


def _shown(arrays: Mapping[str, Sequence[int]]) -> str:
    return listing([f"{excerpt(each)} {tuple(shape)}" for each, shape in arrays.items()]) or "there is none"
