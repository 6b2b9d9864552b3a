"""The compiled module, if this installation has one, and how it is used on this machine."""

import functools
import importlib
import os
from types import ModuleType

BUILD_VARIABLE = "EQUIPOISE_NATIVE_BUILD"
"""The environment variable that names the instruction set to use: avx512, avx2 or plain; the best one by default."""

THREADS_VARIABLE = "EQUIPOISE_THREADS"
"""The environment variable that limits the number of threads; one for each core by default."""

_MODULE = "equipoise._native"
_LIMITS = (THREADS_VARIABLE, "PJRT_NPROC", "OMP_NUM_THREADS")


def compiled() -> ModuleType | None:
    """The compiled module; None where it was not built or cannot be loaded."""
    return _loaded()[0]


@functools.cache
def _loaded() -> tuple[ModuleType | None, str]:
    """The compiled module, or why there is none."""
    try:
        return importlib.import_module(_MODULE), ""
    except ModuleNotFoundError:
        return None, "was not built, since no C++ compiler was found when the package was installed"
    except ImportError as error:
        return None, f"cannot be loaded: {error}"


def missing() -> str:
    """Why the compiled module cannot be used, as in "the native engine …"; empty if it can."""
    module, why = _loaded()
    if module is None:
        return why
    try:
        module.build_for(asked_build())
    except ValueError:
        return f"has no build {asked_build()!r} that this processor can run ({BUILD_VARIABLE} asks for it)"
    return ""


def in_words() -> str:
    """What the native engine uses here, such as "avx2, 4 threads", or why it cannot be used."""
    module = compiled()
    if module is None or missing():
        return missing()
    count = threads()
    return f"{module.build_for(asked_build())}, {count} thread{'' if count == 1 else 's'}"


def asked_build() -> str:
    """The instruction set asked for; "" for the best one."""
    return os.environ.get(BUILD_VARIABLE, "")


def threads() -> int:
    """The number of threads to use: as many as this process may use cores, or fewer if the environment says so."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    limits = [os.environ.get(name, "") for name in _LIMITS]
    return max(1, min([cores, *(int(limit) for limit in limits if limit.isdecimal() and int(limit) > 0)]))
