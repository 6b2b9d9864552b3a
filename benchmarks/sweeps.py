"""A grid of ensembles by a sweep, by a loop of `simulate` calls, and as one ensemble of as many replicates.

    python benchmarks/sweeps.py [--points 5] [--replicates 50] [--steps 1000] [--jobs 1] [--tasks 200] [--dask]

The problem is that of Figure 2 of Liu et al. (2021): 20 x 30, rank 1. The study has points² points; the full size is
--points 20 --replicates 50 --steps 5000. The last lines are the overhead of a task that does nothing, on processes of
this machine and, with --dask, on a Dask cluster of two workers.
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("points", 5), ("replicates", 50), ("steps", 1000), ("jobs", 1), ("tasks", 200)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--dask", action="store_true")
    given = parser.parse_args()
    found = grid(given.points, given.replicates, given.steps, given.jobs)
    for name, seconds in found.items():
        print(f"{name:20} {seconds:8.2f} s  {seconds / found['one ensemble']:.2f} of one ensemble", flush=True)
    local = eq.sweeps.Local(2)
    print(f"a task on processes: {overhead(local, given.tasks):.2f} ms", flush=True)
    local.shutdown(wait=False, cancel_futures=True)
    if given.dask:
        from distributed import Client, LocalCluster

        with (
            LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
            Client(cluster) as client,
        ):
            print(f"a task on Dask:      {overhead(client.get_executor(pure=False), given.tasks):.2f} ms")


if __name__ == "__main__":
    main()
