"""What the numbers were computed with."""

import os
import platform
from typing import Any


def processor() -> str:
    """The processor's own name where the system tells it, its architecture otherwise."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def machine() -> dict[str, Any]:
    """Python, system, processor, its number of cores, and the devices JAX computes on."""
    import jax

    return {
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "devices": [f"{device.platform}: {device.device_kind}" for device in jax.devices()],
    }
