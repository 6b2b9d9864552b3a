"""Compiled programs kept between runs, by JAX's persistent cache."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import platformdirs

VARIABLE = "EQUIPOISE_CACHE"
"""The environment variable that names another folder for compiled programs, or is "off" to keep none."""

_JAX_FOLDER = "JAX_COMPILATION_CACHE_DIR"
_MOST_BYTES = 2**29


def keep_compiled_programs() -> None:
    """Let JAX keep what it compiles, at most 512 MB, for the next run; call it before JAX is imported.

    A folder that the user has set for JAX is left as it is. Nothing is kept where the folder cannot be made.
    """
    folder = program_folder()
    if folder is None or _JAX_FOLDER in os.environ:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    os.environ[_JAX_FOLDER] = str(folder)
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
    # with a largest size JAX locks the folder, so that no process reads a program that another one is writing
    os.environ.setdefault("JAX_COMPILATION_CACHE_MAX_SIZE", str(_MOST_BYTES))


def program_folder() -> Path | None:
    """The folder of compiled programs, one for each kind of processor; None if none are kept."""
    asked = os.environ.get(VARIABLE, "")
    if asked.lower() == "off":
        return None
    root = Path(asked).expanduser() if asked else platformdirs.user_cache_path("equipoise")
    return root / "compiled" / _instruction_sets()


def programs_in_words() -> str:
    """Where compiled programs are kept, and how to change that."""
    folder = program_folder()
    return f"kept in {folder} ({VARIABLE}=off keeps none)" if folder else f"not kept, since {VARIABLE}=off"


def _instruction_sets() -> str:
    """A short name for what this processor can run, since a home folder may be shared by several machines."""
    return hashlib.sha256("\n".join(_flags()).encode()).hexdigest()[:12]


def _flags() -> Iterator[str]:
    """The lines of the system's table of processors that say what the first one can run; else its architecture."""
    yield os.uname().machine if hasattr(os, "uname") else os.environ.get("PROCESSOR_IDENTIFIER", "")
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            for line in lines:
                if not line.strip():
                    return
                if line.startswith(("flags", "Features", "model name")):
                    yield line
    except OSError:
        return
