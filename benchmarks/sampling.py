"""The cost of batches and of noise on labels beside gradient descent, on 64 data points.

    python benchmarks/sampling.py

prints a table: processor time for one step of one replicate, the least of three runs made in turns, and its ratio to
gradient descent on all points.
"""

import time

import numpy as np

import equipoise as eq
from equipoise.dynamics import GradientDescent, LabelNoise, Minibatch, PerturbedGD

POINTS, COLUMNS, STEPS, REPLICATES, ROUNDS = 64, 16, 4000, 50, 3


def methods() -> dict[str, eq.dynamics.AbstractDynamics]:
    """Each method by its name in the table, gradient descent first."""
    plain = GradientDescent(1e-3)
    batches = {
        f"batches of {size}, {sampling}": Minibatch(plain, size, sampling)
        for size in (1, 8)
        for sampling in ("without replacement", "epochs")
    }
    return {
        "gradient descent": plain,
        "Perturbed GD": PerturbedGD(1e-3, eq.noise.Gaussian(0.01)),
        "label noise": LabelNoise(plain, 0.1),
        "label noise on batches of 1": Minibatch(LabelNoise(plain, 0.1), 1),
        **batches,
    }


def main() -> None:
    """Print the table."""
    random = np.random.default_rng(0)
    problem = eq.problems.regression(random.standard_normal((POINTS, COLUMNS)), random.standard_normal(POINTS))
    record, start = eq.Record(STEPS, "loss"), eq.initial.Gaussian(0.1)
    settings = {"seed": 0, "steps": STEPS, "replicates": REPLICATES, "record": record, "progress": False}
    chosen = methods()
    seconds = dict.fromkeys(chosen, np.inf)
    for number in range(ROUNDS + 1):
        for name, method in chosen.items():
            begin = time.process_time()
            eq.simulate(problem, method, start, **settings)
            if number:  # the first round compiles
                seconds[name] = min(seconds[name], time.process_time() - begin)
    print("| method | ns for a step | over gradient descent |\n| --- | --- | --- |")
    for name, least in seconds.items():
        print(f"| {name} | {least / (STEPS * REPLICATES) * 1e9:.0f} | {least / seconds['gradient descent']:.1f} |")


if __name__ == "__main__":
    main()
