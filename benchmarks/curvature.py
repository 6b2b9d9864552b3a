"""Gradient descent on factors of a million rows, with the sharpness and the nuclear norm recorded.

    python -m benchmarks curvature

The package and a loop of NumPy and SciPy take turns. Both take the same steps from the same start and look three times.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.linalg import qr
from scipy.sparse.linalg import LinearOperator, eigsh

import equipoise as eq

ROWS, RANK, STEPS, EVERY, TURNS = 10**6, 10, 20, 10, 3
STEP_SIZE, STD, PRODUCTS = 0.2, 1e-4, 24


def package(problem: Any) -> np.ndarray:
    """Sharpness and nuclear norm at the looks, by one call."""
    record = eq.Record(every=EVERY, observables=("sharpness", "nuclear_norm"))
    start = eq.initial.Gaussian(STD)
    method = eq.dynamics.GradientDescent(STEP_SIZE)
    found = eq.simulate(problem, method, start, seed=0, steps=STEPS, record=record, progress=False).dataset
    return np.stack([found.sharpness.values[0], found.nuclear_norm.values[0]])


def numpy_loop(problem: Any) -> np.ndarray:
    """The same in NumPy with SciPy's `eigsh`, for M = ABᵀ and as many products with the Hessian at most."""
    a, b = problem.signal.factors()
    x, y = (STD * np.random.default_rng(seed).standard_normal((ROWS, RANK)) for seed in (0, 1))
    looks = []
    for step in range(STEPS + 1):
        if step % EVERY == 0:
            nuclear = np.linalg.svd(_triangle(x) @ _triangle(y).T, compute_uv=False).sum()
            looks.append((_sharpness(a, b, x, y), nuclear))
        x, y = (
            x - STEP_SIZE * (x @ (y.T @ y) - a @ (b.T @ y)),
            y - STEP_SIZE * (y @ (x.T @ x) - b @ (a.T @ x)),
        )
    return np.array(looks).T


def _triangle(factor: np.ndarray) -> np.ndarray:
    return qr(factor, mode="r")[0][:RANK]


def _sharpness(a: np.ndarray, b: np.ndarray, x: np.ndarray, y: np.ndarray) -> float:
    def product(v: np.ndarray) -> np.ndarray:
        p, q = np.split(v.reshape(2 * ROWS, RANK), 2)
        first = p @ (y.T @ y) + x @ (q.T @ y + y.T @ q) - a @ (b.T @ q)
        second = q @ (x.T @ x) + y @ (p.T @ x + x.T @ p) - b @ (a.T @ p)
        return np.concatenate([first, second]).ravel()

    hessian = LinearOperator((2 * ROWS * RANK,) * 2, matvec=product, dtype=float)
    return float(eigsh(hessian, k=1, which="LA", ncv=PRODUCTS, tol=1e-3, return_eigenvectors=False)[0])


RUNS: dict[str, Callable[[Any], np.ndarray]] = {"equipoise": package, "NumPy and SciPy": numpy_loop}


def measure() -> dict[str, Any]:
    """Seconds of the whole run, the first of each left out, and what it recorded."""
    problem = eq.problems.planted((ROWS, ROWS), RANK)
    taken: dict[str, list[float]] = {name: [] for name in RUNS}
    recorded = {}
    for _ in range(TURNS):
        for name, run in RUNS.items():
            begin = time.perf_counter()
            recorded[name] = run(problem).tolist()
            taken[name].append(time.perf_counter() - begin)
    return {
        "seconds": {name: statistics.median(times) for name, times in taken.items()},
        "first": {name: times[0] for name, times in taken.items()},
        "recorded": recorded,
    }


def table(found: dict[str, Any]) -> list[str]:
    """The rows of the page."""
    ours = found["seconds"]["equipoise"]
    rows = [
        "| | whole run, s | with compiling, s | times equipoise | λmax at the end | nuclear norm at the end |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, seconds in found["seconds"].items():
        sharpness, nuclear = (values[-1] for values in found["recorded"][name])
        times = f"{seconds:.1f} | {found['first'][name]:.1f} | {seconds / ours:.2f}"
        rows.append(f"| {name} | {times} | {sharpness:.4f} | {nuclear:.4f} |")
    return rows
