"""A step of gradient descent on a completion problem: with the product formed, and with entries gathered one by one.

    python benchmarks/completion.py [--shape 943 1682] [--widths 10 100 943] [--shares 0.001 0.01 0.057]

Both ways are in the package: `completion(..., forms_product=True)` and `False`. The ratio shows from which share of
observed entries on forming the product is faster; `equipoise.problems.recovery.FORMED_FROM` is set accordingly.
"""

import argparse
import os
import time

import numpy as np

import equipoise as eq

STEPS = 4


def seconds_per_step(shape: tuple[int, int], width: int, count: int, formed: bool) -> float:
    """The best of two runs after one that compiles."""
    rows, columns = eq.problems.random_entries(shape, count, seed=0)
    values = np.random.default_rng(0).standard_normal(count)
    problem = eq.problems.completion((rows, columns, values), shape=shape, width=width, forms_product=formed)
    start, method = eq.initial.Gaussian(1e-3), eq.dynamics.GradientDescent(1e-6)
    record = eq.Record(every=STEPS, observables=("loss",))
    taken = []
    for _ in range(3):
        begin = time.perf_counter()
        eq.simulate(problem, method, start, seed=0, steps=STEPS, record=record, progress=False)
        taken.append(time.perf_counter() - begin)
    return min(taken[1:]) / (STEPS + 2)  # two looks at the loss cost about a step each


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", nargs=2, type=int, default=[943, 1682])
    parser.add_argument("--widths", nargs="+", type=int, default=[10, 100, 943])
    parser.add_argument("--shares", nargs="+", type=float, default=[0.001, 0.01, 0.057])
    given = parser.parse_args()
    shape = (given.shape[0], given.shape[1])
    print(f"{eq.results.processor()}, {os.cpu_count()} cores, {shape[0]} x {shape[1]}, float64; milliseconds a step")
    print(f"{'width':>6} {'share':>7} {'formed':>9} {'gathered':>9} {'ratio':>7}")
    for width in given.widths:
        for share in given.shares:
            count = round(share * shape[0] * shape[1])
            formed, gathered = (1e3 * seconds_per_step(shape, width, count, which) for which in (True, False))
            print(f"{width:>6} {share:>7.3f} {formed:>9.1f} {gathered:>9.1f} {gathered / formed:>7.2f}", flush=True)


if __name__ == "__main__":
    main()
