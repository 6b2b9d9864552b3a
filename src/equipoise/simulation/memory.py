"""How many replicates run at once: as many as fit into the memory at hand."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import jax
import numpy as np

from equipoise.core.errors import InputError
from equipoise.core.precision import numerics
from equipoise.simulation.batch import Experiment
from equipoise.simulation.plan import Plan

_AT_WORK = 6
"""θ and state of a replicate while it runs, in copies: before and after a call, the gradient, and what leads to it."""
_KEPT = 2
"""θ and state of a replicate in the result, in copies: one of its group, and one of all groups joined."""
_SHARE = 0.8
"""The share of the free memory that a run may take."""


def fitted(plan: Plan, experiment: Experiment, replicates: int) -> Plan:
    """The plan with a `chunk` that fits into the free memory, if the user chose none.

    Raises `InputError` if not even the results of all replicates fit, or one replicate at a time.
    """
    free = free_bytes()
    if free is None:
        return plan
    each, room = replicate_bytes(experiment), _SHARE * free
    kept = _KEPT * each * replicates
    if kept + _AT_WORK * each > room:
        fewer = int((room - _AT_WORK * each) // (_KEPT * each))
        way = (
            f"run at most {fewer} at a time and save each part, as with replicates=range(0, {fewer})"
            if fewer > 0
            else "take a smaller problem, or dtype=float32; chunk= cannot help"
        )
        raise InputError(
            f"The replicates do not fit into memory: {replicates} of {_size(each)} each, but {_size(free)} are free; "
            f"{way}."
        )
    most = int((room - kept) // (_AT_WORK * each)) if each else replicates
    return plan if plan.chunk is not None or most >= replicates else plan._replace(chunk=max(1, most))


def replicate_bytes(experiment: Experiment) -> int:
    """The size of θ and of the method's state for one replicate."""
    problem = experiment.problem
    theta = tuple(jax.ShapeDtypeStruct(shape, problem.dtype) for shape in problem.shapes)
    with numerics():
        state = jax.eval_shape(lambda at: experiment.dynamics.init(problem, at), theta)
    return sum(leaf.size * getattr(leaf.dtype, "itemsize", 8) for leaf in jax.tree.leaves((theta, state)))


@contextlib.contextmanager
def explained_if_full(at_once: int) -> Iterator[None]:
    """Raise `InputError` in place of an error that says that the memory is full, while `at_once` replicates run."""
    try:
        yield
    except (MemoryError, jax.errors.JaxRuntimeError) as error:
        if isinstance(error, jax.errors.JaxRuntimeError) and "RESOURCE_EXHAUSTED" not in str(error):
            raise
        way = (
            f"run fewer at once, as with chunk={max(1, at_once // 4)}"
            if at_once > 1
            else "take a smaller problem, fewer observables, or dtype=float32"
        )
        raise InputError(f"The memory is full with {at_once} replicates at once; {way}.") from error


def free_bytes() -> int | None:
    """The memory that this process can still take, within its limits; None where the system does not say."""
    if jax.default_backend() != "cpu":
        stats = jax.local_devices()[0].memory_stats() or {}
        return stats["bytes_limit"] - stats.get("bytes_in_use", 0) if "bytes_limit" in stats else None
    found = [size for size in (_available(), _unlimited_address_space(), _group_limit()) if size is not None]
    return min(found, default=None)


def _available() -> int | None:
    """The memory that is free or can be freed, as Linux counts it; elsewhere what is free."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    with contextlib.suppress(AttributeError, OSError, ValueError):
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def _unlimited_address_space() -> int | None:
    """What is left of the address space of the process (`ulimit -v`); None without a limit."""
    try:
        import resource

        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (ImportError, OSError, ValueError, AttributeError):
        return None
    return None if limit == resource.RLIM_INFINITY else max(0, limit - used)


def _group_limit() -> int | None:
    """What is left to the control group of the process, as in a container; None without a limit."""
    folder = Path("/sys/fs/cgroup")
    with contextlib.suppress(OSError, ValueError):
        return max(0, int((folder / "memory.max").read_text()) - int((folder / "memory.current").read_text()))
    return None


def _size(count: int) -> str:
    """A number of bytes in words."""
    power = int(np.clip(np.log10(max(count, 1)) // 3, 0, 4))
    return f"{count / 1000**power:.3g} {('bytes', 'kB', 'MB', 'GB', 'TB')[power]}"
