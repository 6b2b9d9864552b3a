"""Where the numbers come from: the versions of packages and the machine."""

import functools
import importlib.metadata
import os
import platform
from typing import Any

PACKAGES = ("equipoise", "jax", "jaxlib", "equinox", "numpy", "xarray")


def versions() -> dict[str, str]:
    """The versions of the package and of the libraries that compute its numbers."""
    return {name: _version(name) for name in PACKAGES}


@functools.cache
def _version(name: str) -> str:
    """The installed version, read only once, because parsing its metadata takes a millisecond or two."""
    return importlib.metadata.version(name)


def machine() -> dict[str, Any]:
    """Python, the system, the processor, its number of cores, and the devices that JAX computes on."""
    import jax

    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "devices": [f"{device.platform}: {device.device_kind}" for device in jax.devices()],
    }


def processor() -> str:
    """The model name of the processor if the system knows it, otherwise its architecture."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()
