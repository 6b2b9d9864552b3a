"""A step of gradient descent on a completion problem: on XLA with the product formed or entries gathered, and native.

    python benchmarks/completion.py [--shape 943 1682] [--widths 10 100 943] [--shares 0.001 0.01 0.057 0.5]
        [--replicates 1]

Both ways on XLA are in the package: `completion(..., forms_product=True)` and `False`. The ratio shows from which share
of observed entries on forming the product is faster; `equipoise.problems.recovery.FORMED_FROM` is set accordingly. The
last column, the faster of them over the native engine, shows where `engine="auto"` should take which.
"""

import argparse
import os
import time

import numpy as np

import equipoise as eq


def seconds_per_step(
    shape: tuple[int, int], width: int, count: int, *, engine: str, formed: bool = False, replicates: int = 1
) -> float:
    """Processor time: the best of two differences between a long run and a short one, after runs that compile."""
    rows, columns = eq.problems.random_entries(shape, count, seed=0)
    values = np.random.default_rng(0).standard_normal(count)
    problem = eq.problems.completion((rows, columns, values), shape=shape, width=width, forms_product=formed)
    start, method = eq.initial.Gaussian(1e-3), eq.dynamics.GradientDescent(1e-6)

    def taken(steps: int) -> float:
        begin = time.process_time()
        record = eq.Record(every=steps, observables=("balance",))
        options = {"seed": 0, "replicates": replicates, "record": record, "progress": False, "engine": engine}
        eq.simulate(problem, method, start, steps=steps, **options)
        return time.process_time() - begin

    many = 2
    taken(many)
    while taken(many) < 0.5:  # until starting and looking no longer counts
        many *= 4
    few = many // 4
    return max(1e-9, min(taken(many) - taken(few) for _ in range(2)) / (many - few))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", nargs=2, type=int, default=[943, 1682])
    parser.add_argument("--widths", nargs="+", type=int, default=[10, 100, 943])
    parser.add_argument("--shares", nargs="+", type=float, default=[0.001, 0.01, 0.057, 0.5])
    parser.add_argument("--replicates", type=int, default=1)
    given = parser.parse_args()
    shape = (given.shape[0], given.shape[1])
    of = f"{shape[0]} x {shape[1]}, {given.replicates} replicates, float64; processor milliseconds a step"
    print(f"{eq.results.processor()}, {os.cpu_count()} cores, {of}")
    print(f"{'width':>6} {'share':>7} {'formed':>9} {'gathered':>9} {'ratio':>7} {'native':>9} {'xla/native':>11}")
    for width in given.widths:
        for share in given.shares:
            case, together = (shape, width, round(share * shape[0] * shape[1])), {"replicates": given.replicates}
            formed, gathered = (
                1e3 * seconds_per_step(*case, engine="xla", formed=way, **together) for way in (True, False)
            )
            native = 1e3 * seconds_per_step(*case, engine="native", **together)
            cells = f"{formed:>9.3f} {gathered:>9.3f} {gathered / formed:>7.2f} {native:>9.3f}"
            print(f"{width:>6} {share:>7.3f} {cells} {min(formed, gathered) / native:>11.2f}", flush=True)


if __name__ == "__main__":
    main()
