"""The input of the plotters: named groups of replicates."""

from collections.abc import Mapping

import xarray as xr

from equipoise.core.errors import InputError

Groups = Mapping[str, xr.Dataset | xr.DataArray]
"""From a name for the legend to a Dataset that has the variable, or to the variable itself."""


def arrays(groups: Groups, variable: str | None, dims: set[str]) -> dict[str, xr.DataArray]:
    """The variable of each group; raises `InputError` if a group lacks it or has dimensions other than `dims`."""
    if not groups:
        raise InputError("There are no groups to draw; give at least one, as {name: dataset}.")
    found = {name: variable_of(group, variable, f"The group {name}") for name, group in groups.items()}
    for name, array in found.items():
        if not set(map(str, array.dims)) <= dims:
            raise InputError(
                f"The group {name} has dims {array.dims}, but only {sorted(dims)} can be drawn; "
                "select one value of each other dim."
            )
    return found


def variable_of(given: xr.Dataset | xr.DataArray, variable: str | None, whose: str = "The dataset") -> xr.DataArray:
    """The variable, or what is one already; raises `InputError`, which begins with `whose`, if there is none."""
    if isinstance(given, xr.DataArray):
        return given
    if variable is None or variable not in given:
        known = ", ".join(map(str, given.data_vars))
        raise InputError(f"{whose} has no variable {variable}; it has {known}.")
    return given[variable]
