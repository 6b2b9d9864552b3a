import functools
from collections.abc import Callable

import pytest
import xarray as xr

from equipoise.papers import Paper


@pytest.fixture(scope="module")
def ran(whole: Paper) -> Callable[[str], dict[str, xr.Dataset]]:
    """The data of a claim run by itself in its quick form, without its files and its figure."""

    @functools.cache
    def of(claim: str) -> dict[str, xr.Dataset]:
        (found,) = whole.select([claim])
        return dict(found.run(True, whole.seed))

    return of
