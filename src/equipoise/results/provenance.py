"""What numbers come from: the versions of the packages."""

import functools
import importlib.metadata

PACKAGES = ("equipoise", "jax", "jaxlib", "equinox", "numpy", "xarray")


def versions() -> dict[str, str]:
    """The versions of the package and of what its numbers come from."""
    return {name: _version(name) for name in PACKAGES}


@functools.cache
def _version(name: str) -> str:
    """What is installed, read once: parsing its metadata takes a millisecond or two."""
    return importlib.metadata.version(name)
