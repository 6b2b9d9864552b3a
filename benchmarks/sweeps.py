"""A grid of ensembles by a sweep, by a loop of `simulate` calls, and as one ensemble of as many replicates.

    python benchmarks/sweeps.py [--points 5] [--replicates 50] [--steps 1000] [--tasks 200]

The problem is that of Figure 2 of Liu et al. (2021): 20 x 30, rank 1. The study has points² points; that of the page
"Speed" has --points 20 --replicates 50 --steps 5000. The last line is the overhead of a task that does nothing, on
processes of this machine and on a Dask cluster of two workers.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import equipoise as eq

SHAPE = (20, 30)


def make(step_size: float, std: float) -> tuple[Any, Any, Any]:
    noise = eq.noise.balanced(1.0, std, SHAPE)
    method = eq.dynamics.PerturbedGD((step_size, step_size), noise)
    return eq.problems.planted(SHAPE, 1), method, eq.initial.Gaussian(1e-2)


def timed(run: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def grid(points: int, replicates: int, steps: int, jobs: int | None) -> dict[str, float]:
    """The seconds of the three ways, each after a short run that compiles."""
    over = {"step_size": np.geomspace(1e-3, 0.1, points), "std": np.geomspace(0.01, 0.1, points)}
    record = eq.Record(every=max(1, steps // 50), observables=("loss", "balance"))

    def study(steps: int) -> eq.sweeps.Study:
        return eq.sweeps.Study(make, over, replicates=replicates, steps=steps, record=record, seed=0)

    def looped(steps: int) -> None:
        for point in study(steps).points:
            problem, method, init = make(**point)
            eq.simulate(
                problem, method, init, seed=0, steps=steps, replicates=replicates, record=record, progress=False
            )

    def whole(steps: int) -> None:
        problem, method, init = make(0.01, 0.05)
        count = points**2 * replicates
        eq.simulate(problem, method, init, seed=0, steps=steps, replicates=count, record=record, progress=False)

    with tempfile.TemporaryDirectory() as folder:

        def swept(steps: int) -> None:
            eq.sweep(study(steps), Path(folder) / f"{steps}.zarr", jobs=jobs, progress=False)

        ways = {"a sweep": swept, "a loop of simulate": looped, "one ensemble": whole}
        for way in ways.values():
            way(max(1, steps // 50))
        return {name: timed(lambda way=way: way(steps)) for name, way in ways.items()}


def nothing() -> None:
    """A task without work."""


def overhead(executor: Any, tasks: int) -> float:
    """The milliseconds of a task, sent one after the other and awaited together."""
    for future in [executor.submit(nothing) for _ in range(4)]:
        future.result()

    def run() -> None:
        for future in [executor.submit(nothing) for _ in range(tasks)]:
            future.result()

    return 1e3 * timed(run) / tasks


def on_local(tasks: int) -> float:
    """The milliseconds of a task on two processes of this machine."""
    local = eq.sweeps.Local(2)
    found = overhead(local, tasks)
    local.shutdown(wait=False, cancel_futures=True)
    return found


def on_dask(tasks: int) -> float:
    """The milliseconds of a task on a Dask cluster of two workers."""
    from distributed import Client, LocalCluster

    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    with cluster, Client(cluster) as client:
        return overhead(client.get_executor(pure=False), tasks)


def measure(points: int = 20, replicates: int = 50, steps: int = 5000, tasks: int = 200) -> dict[str, Any]:
    """The seconds of each way, with the sweep on one process and on two; and the milliseconds of an empty task."""
    alone = grid(points, replicates, steps, 1)
    both = grid(points, replicates, steps, 2)
    return {
        "seconds": {**alone, "a sweep on two processes": both["a sweep"]},
        "two processes over one ensemble": both["a sweep"] / both["one ensemble"],
        "task on processes, ms": on_local(tasks),
        "task on Dask, ms": on_dask(tasks),
    }


def table(found: dict[str, Any]) -> list[str]:
    """Lines of Markdown."""
    seconds = found["seconds"]
    ratios = {name: time / seconds["one ensemble"] for name, time in seconds.items()}
    ratios["a sweep on two processes"] = found["two processes over one ensemble"]  # of the same run
    lines = ["| | s | times one ensemble |", "| --- | --- | --- |"]
    lines += [f"| {name} | {seconds[name]:.1f} | {ratios[name]:.2f} |" for name in seconds]
    ends = found["task on processes, ms"], found["task on Dask, ms"]
    return [*lines, "", f"A task that does nothing costs {ends[0]:.1f} ms on processes, and {ends[1]:.1f} ms on Dask."]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("points", 5), ("replicates", 50), ("steps", 1000), ("tasks", 200)):
        parser.add_argument(f"--{name}", type=int, default=default)
    print(*table(measure(**vars(parser.parse_args()))), sep="\n")


if __name__ == "__main__":
    main()
