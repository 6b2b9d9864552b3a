"""Laws as plain values, and back."""

import dataclasses
from typing import Any

from equipoise.adapters.laws.columns import Column
from equipoise.adapters.laws.law import GradientLaws, Law


def laws_as_values(laws: GradientLaws) -> dict[str, Any]:
    """The laws as dictionaries, lists, numbers and texts."""
    return dataclasses.asdict(dataclasses.replace(laws, shapes=dict(laws.shapes)))


def laws_from_values(values: dict[str, Any]) -> GradientLaws:
    """The laws, from what `laws_as_values` gave and a file may have kept."""
    families = []
    for one in values["laws"]:
        columns = tuple(Column(**{name: _tupled(value) for name, value in column.items()}) for column in one["columns"])
        families.append(Law(**{**one, "columns": columns, "coefficients": tuple(one["coefficients"])}))
    rest = {name: _tupled(value) for name, value in values.items() if name not in ("laws", "shapes")}
    return GradientLaws(tuple(families), {name: tuple(shape) for name, shape in values["shapes"].items()}, **rest)


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
