"""The engine that is exact in law beside the direct one, and against the size of the matrix.

    python -m benchmarks law

Times are of a step of all 100 replicates, from the difference of a long and a short run, so that starts and looks do
not count. The contenders take turns; each ratio is the median of those within a turn.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import equipoise as eq
from equipoise.simulation.engines import Law

REPLICATES, STEP_SIZE, START, TURNS = 100, 1e-2, 1e-2, 7
NATIVE, FAST, SLOW = "law, native", "d = 100", "d = 1 000 000"


def simulation(shape: tuple[int, int], rank: int, engine: Any) -> Callable[[int], object]:
    """Runs the ensemble for some steps; the norm of the noise does not grow with the matrix."""
    problem = eq.problems.planted(shape, rank)
    std = 0.05 * (30 / max(shape)) ** 0.5
    method = eq.dynamics.PerturbedGD(STEP_SIZE, eq.noise.balanced(1.0, std, shape))

    def run(steps: int) -> object:
        record = eq.Record(every=steps, observables=("loss", "balance"))
        return eq.simulate(
            problem, method, eq.initial.Gaussian(START / max(shape) ** 0.5), seed=0, replicates=REPLICATES,
            steps=steps, record=record, engine=engine, progress=False,
        )  # fmt: skip

    return run


def in_turns(contenders: dict[str, tuple[Callable[[int], object], int]]) -> dict[str, list[float]]:
    """Microseconds a step in each turn, of runs of the given length and of five times as many steps."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for turn in range(TURNS + 1):
        for name, (run, steps) in contenders.items():
            short, long = (_timed(run, times * steps) for times in (1, 5))
            if turn:  # the first compiles
                taken[name].append(1e6 * (long - short) / (4 * steps))
    return taken


def _timed(run: Callable[[int], object], steps: int) -> float:
    begin = time.perf_counter()
    run(steps)
    return time.perf_counter() - begin


def measure() -> dict[str, Any]:
    """Microseconds a step, ratios, and the seconds of 20 000 steps at rank 10 on a large matrix."""
    taken = in_turns(
        {
            "direct, native": (simulation((20, 30), 1, "native"), 5_000),
            NATIVE: (simulation((20, 30), 1, "law"), 50_000),
            "law, xla": (simulation((20, 30), 1, Law()), 1_000),
            FAST: (simulation((100, 100), 1, "law"), 50_000),
            SLOW: (simulation((10**6, 10**6), 1, "law"), 50_000),
        }
    )
    large = simulation((10**5, 10**5), 10, "law")
    large(100)
    return {
        "µs a step": {name: statistics.median(times) for name, times in taken.items()},
        "times the law engine": {name: _ratio(taken[name], taken[NATIVE]) for name in ("direct, native", "law, xla")},
        "d = 1 000 000 over d = 100": _ratio(taken[SLOW], taken[FAST]),
        "rank 10, d = 100 000, 20 000 steps: s": _timed(large, 20_000),
    }


def _ratio(some: list[float], others: list[float]) -> float:
    return statistics.median(one / other for one, other in zip(some, others, strict=True))


def table(found: dict[str, Any]) -> list[str]:
    """Lines of Markdown."""
    times, ratios = found["µs a step"], {NATIVE: 1.0, **found["times the law engine"]}
    lines = ["| | µs a step | times the law engine |", "| --- | --- | --- |"]
    lines += [f"| 20 × 30, rank 1: {name} | {times[name]:.3g} | {ratios[name]:.1f} |" for name in ratios]
    over = found["d = 1 000 000 over d = 100"]
    lines += [f"| {name}, rank 1: law, native | {times[name]:.3g} | |" for name in (FAST, SLOW)]
    seconds = found["rank 10, d = 100 000, 20 000 steps: s"]
    return [
        *lines,
        "",
        f"A step at d = 1 000 000 costs {over:.2f} times one at d = 100. 20 000 steps at rank 10 and d = 100 000, on "
        f"XLA, took {seconds:.0f} s.",
    ]
