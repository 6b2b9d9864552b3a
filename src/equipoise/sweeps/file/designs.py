"""The design of a study from the tables grid, zip and random of a file."""

from typing import Any

import numpy as np

from equipoise.core.checks import real_number, whole_number
from equipoise.core.errors import InputError
from equipoise.sweeps.axes import AbstractDesign, Grid, Product, Sampled, Zipped
from equipoise.sweeps.file.keys import Place, check_keys, table_of

_RANGE = ("from", "to", "count", "scale")


def design_in(document: dict[str, Any], place: Place) -> AbstractDesign:
    """The product of the grid, the zipped axes and the random points of a document; one point if there is none."""
    parts: list[AbstractDesign] = []
    for name, kind in (("grid", Grid), ("zip", Zipped)):
        table = table_of(document, name, place)
        if table:
            parts.append(kind(**{axis: _values(axis, v, place.within(name)) for axis, v in table.items()}))
    random = table_of(document, "random", place)
    if random:
        options: dict[str, Any] = {key: random[key] for key in ("count", "seed", "method") if key in random}
        check_keys(options, ("count", "seed", "method"), ("count", "seed"), place.within("random"))
        ranges: dict[str, Any] = {axis: _ends(axis, v, place) for axis, v in random.items() if axis not in options}
        parts.append(Sampled(**options, **ranges))
    return parts[0] if len(parts) == 1 else Product(*parts)


def _values(axis: str, given: Any, place: Place) -> list[Any]:
    """The values of an axis: a list, or a range of so many."""
    if isinstance(given, list):
        return given
    if not isinstance(given, dict):
        raise InputError(
            f"{axis} in {place} is {given!r}; give a list, or a range such as {{from = 1, to = 2, count = 5}}."
        )
    check_keys(given, _RANGE, _RANGE[:3], Place(place.file, f"{axis} in {place.table}"))
    low, high = (real_number(f"{end} of {axis} in {place}", given[end]) for end in _RANGE[:2])
    count = whole_number(f"count of {axis} in {place}", given["count"], 1)
    scale = given.get("scale", "linear")
    if scale == "log" and low > 0 and high > 0:
        return np.geomspace(low, high, count).tolist()
    if scale != "linear":
        raise InputError(f"scale of {axis} in {place} is {scale!r}; choose linear, or log for numbers greater than 0.")
    return np.linspace(low, high, count).tolist()


def _ends(axis: str, given: Any, place: Place) -> tuple[Any, ...]:
    """The ends and the scale of an axis of a random design."""
    where = Place(place.file, f"{axis} in [random]")
    if not isinstance(given, dict):
        raise InputError(f"{where} is {given!r}; give a range such as {{from = 1, to = 2}}.")
    check_keys(given, ("from", "to", "scale"), ("from", "to"), where)
    return given["from"], given["to"], given.get("scale", "linear")
