"""A step of Perturbed GD on one large matrix, beside what NumPy needs for its products and its random numbers.

    python -m benchmarks matrix

The package and NumPy take turns; each time is the difference of a long and a short run, so that starts do not count.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import equipoise as eq

SHAPE, RANK, SHORT, LONG, TURNS = (2000, 3000), 20, 10, 50, 5
STEP_SIZE, STD = 1e-4, 1e-3


def instance() -> np.ndarray:
    """A signal of rank 20, and noise."""
    generator = np.random.default_rng(0)
    left, right = (generator.standard_normal((d, RANK)) for d in SHAPE)
    return left @ right.T / 50 + 0.01 * generator.standard_normal(SHAPE)


def package(matrix: np.ndarray) -> Callable[[int], object]:
    """Runs the package for some steps."""
    problem = eq.problems.factorization(matrix, rank=RANK)
    method = eq.dynamics.PerturbedGD(STEP_SIZE, eq.noise.Gaussian(STD))

    def run(steps: int) -> object:
        record = eq.Record(every=steps, observables=("loss",))
        return eq.simulate(
            problem, method, eq.initial.Gaussian(0.01), seed=0, steps=steps, record=record, progress=False
        )

    return run


def numpy_loop(matrix: np.ndarray) -> Callable[[int], object]:
    """Runs NumPy for some steps, without the residual of d1 x d2."""
    generator = np.random.Generator(np.random.SFC64(0))

    def run(steps: int) -> object:
        x, y = (0.01 * generator.standard_normal((d, RANK)) for d in SHAPE)
        for _ in range(steps):
            p, q = (w + STD * generator.standard_normal(w.shape) for w in (x, y))
            x, y = x - STEP_SIZE * (p @ (q.T @ q) - matrix @ q), y - STEP_SIZE * (q @ (p.T @ p) - matrix.T @ p)
        return x, y

    return run


def products_and_normals(matrix: np.ndarray) -> Callable[[int], object]:
    """Runs the two large products and the random numbers of some steps alone."""
    generator = np.random.Generator(np.random.SFC64(0))
    p, q = (generator.standard_normal((d, RANK)) for d in SHAPE)

    def run(steps: int) -> object:
        for _ in range(steps):
            generator.standard_normal(out=p)
            generator.standard_normal(out=q)
            found = matrix @ q, matrix.T @ p
        return found

    return run


def measure() -> dict[str, Any]:
    """Milliseconds a step."""
    matrix = instance()
    runs = {
        "equipoise": package(matrix),
        "NumPy": numpy_loop(matrix),
        "the products and random numbers alone, NumPy": products_and_normals(matrix),
    }
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(TURNS + 1):
        for name, run in runs.items():
            seconds = [_timed(run, steps) for steps in (SHORT, LONG)]
            if turn:  # the first compiles
                taken[name].append(1e3 * (seconds[1] - seconds[0]) / (LONG - SHORT))
    return {name: statistics.median(times) for name, times in taken.items()}


def _timed(run: Callable[[int], object], steps: int) -> float:
    begin = time.perf_counter()
    run(steps)
    return time.perf_counter() - begin


def table(found: dict[str, Any]) -> list[str]:
    """Lines of Markdown."""
    own = found["equipoise"]
    lines = ["| | ms a step | times equipoise |", "| --- | --- | --- |"]
    return lines + [f"| {name} | {time:.3g} | {time / own:.2f} |" for name, time in found.items()]
