"""Usual tasks, each timed alone in this process: a first call that may compile, then the least of three more.

    python benchmarks/tasks.py

prints one JSON document. It uses only what the package has had for long, so that an older version can run it, too;
`benchmarks/against.py` compares two versions.
"""

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import scipy.sparse

import equipoise as eq


def simulated(dynamics: object, replicates: int = 20, **problem: int) -> Callable[[], object]:
    """A run of 2000 steps of an ensemble on a planted 20 x 30 matrix."""
    planted = eq.problems.planted((20, 30), **{"rank": 2, **problem})
    record = eq.Record(every=100, observables=("loss", "balance", "sharpness"))
    start = eq.initial.Gaussian(1e-2)
    return lambda: eq.simulate(planted, dynamics, start, seed=0, replicates=replicates, steps=2000, record=record)


def network() -> Callable[[], object]:
    """Gradient descent on a ReLU network of three layers."""
    problem = eq.problems.planted_network((10, 20, 20, 5), points=100, seed=0)
    method, record = eq.dynamics.GradientDescent(1e-3), eq.Record(every=100, observables=("loss", "squared_norms"))
    return lambda: eq.simulate(
        problem, method, eq.initial.Gaussian(0.1), seed=0, replicates=5, steps=500, record=record
    )


def sensing() -> Callable[[], object]:
    """Gradient descent on a completion of 300 of 30 x 30 entries at full width."""
    generator = np.random.default_rng(0)
    target = generator.standard_normal((30, 2)) @ generator.standard_normal((2, 30))
    rows, columns = eq.problems.random_entries((30, 30), 300, seed=0)
    problem = eq.problems.completion((rows, columns, target[rows, columns]), shape=(30, 30))
    method, record = eq.dynamics.GradientDescent(1e-2), eq.Record(every=200, observables=("loss", "nuclear_norm"))
    return lambda: eq.simulate(
        problem, method, eq.initial.Gaussian(1e-3), seed=0, replicates=4, steps=1000, record=record
    )


def certified() -> Callable[[], object]:
    """The minimum nuclear norm of a matrix that fits 120 of 20 x 20 entries."""
    generator = np.random.default_rng(0)
    target = generator.standard_normal((20, 2)) @ generator.standard_normal((2, 20))
    rows, columns = eq.problems.random_entries((20, 20), 120, seed=0)
    return lambda: eq.certified.minimum_nuclear_norm((rows, columns, (20, 20)), target[rows, columns], psd=False)


def written() -> Callable[[], object]:
    """A run written to a file and read back."""
    run = simulated(eq.dynamics.GradientDescent(1e-2))()
    folder = Path(tempfile.mkdtemp())

    def write_and_read() -> object:
        return eq.load(run.save(folder / "run.nc"))

    return write_and_read


def tasks() -> dict[str, Callable[[], object]]:
    """All tasks by name."""
    noise = eq.noise.balanced(gamma=1.0, std_y=0.05, shape=(20, 30))
    generator = np.random.default_rng(0)
    tall = generator.standard_normal((400, 30)) @ np.diag(0.8 ** np.arange(30)) @ generator.standard_normal((30, 300))
    sparse = scipy.sparse.random_array((2000, 500), density=0.01, rng=np.random.default_rng(0))
    return {
        "simulate, GD": simulated(eq.dynamics.GradientDescent(1e-2)),
        "simulate, Perturbed GD": simulated(eq.dynamics.PerturbedGD(1e-2, noise)),
        "simulate, Perturbed GD, 100 replicates": simulated(eq.dynamics.PerturbedGD(1e-2, noise), 100),
        "simulate, label noise": simulated(eq.dynamics.LabelNoise(eq.dynamics.GradientDescent(1e-2), 0.1)),
        "simulate, a network": network(),
        "simulate, completion": sensing(),
        "factor, dense": lambda: eq.estimators.factor(tall, 5),
        "factor, sparse": lambda: eq.estimators.factor(sparse, 5),
        "minimum nuclear norm": certified(),
        "conservation laws": lambda: eq.theory.conservation_laws(
            eq.problems.planted_network((3, 4, 2), points=10, seed=0)
        ),
        "write and read": written(),
    }


def timed(task: Callable[[], object]) -> dict[str, float]:
    """Seconds of the first call, and the least of three more."""
    seconds = []
    for _ in range(4):
        begin = time.perf_counter()
        task()
        seconds.append(time.perf_counter() - begin)
    return {"first": seconds[0], "best": min(seconds[1:])}


if __name__ == "__main__":
    print(json.dumps({name: timed(task) for name, task in tasks().items()}))
