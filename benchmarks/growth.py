"""How the cost of a step grows with the size, the rank and the number of replicates, on both engines.

python -m benchmarks.growth
"""

import statistics
import time
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import NullFormatter

import equipoise as eq

ENGINES = "native", "xla"
USUAL = {"size": 50, "rank": 2, "replicates": 64}
AXES = {
    "size": (25, 50, 100, 200, 400, 800),
    "rank": (1, 2, 4, 8, 16, 32),
    "replicates": (16, 32, 64, 128, 256, 512),
    "looks": (100, 200, 400, 800, 1600, 3200),
}
SAID = {"size": "d1 + d2", "rank": "rank", "replicates": "replicates", "looks": "recordings of 3200 steps"}
STEPS_OF_LOOKS = 3200
LEAST_SECONDS = 0.2


def per_step(engine: str, size: int, rank: int, replicates: int) -> float:
    """The seconds of a step of the whole ensemble: the median of three runs of equal length."""
    problem = eq.problems.planted((2 * size // 5, size - 2 * size // 5), min(rank, 2 * size // 5))
    method = eq.dynamics.PerturbedGD(1e-3, eq.noise.Gaussian(0.05))

    def run(steps: int) -> float:
        record = eq.Record(every=steps, observables=("loss",))
        begin = time.perf_counter()
        eq.simulate(
            problem, method, eq.initial.Gaussian(0.1), seed=0, replicates=replicates, steps=steps, record=record,
            engine=engine, progress=False,
        )  # fmt: skip
        return time.perf_counter() - begin

    run(20)
    empty, steps = min(run(1) for _ in range(3)), 100
    while run(steps) - empty < LEAST_SECONDS:
        steps *= 3
    return (statistics.median(run(steps) for _ in range(3)) - empty) / steps


def of_looks(engine: str, looks: int) -> float:
    """The seconds a step if 3200 steps are looked at so often: the median of three runs after one that compiles."""
    problem = eq.problems.planted((20, 30), USUAL["rank"])
    method = eq.dynamics.PerturbedGD(1e-3, eq.noise.Gaussian(0.05))
    record = eq.Record(every=STEPS_OF_LOOKS // looks, observables=("loss", "balance"))
    taken = []
    for _ in range(4):
        begin = time.perf_counter()
        eq.simulate(
            problem, method, eq.initial.Gaussian(0.1), seed=0, replicates=USUAL["replicates"], steps=STEPS_OF_LOOKS,
            record=record, engine=engine, progress=False,
        )  # fmt: skip
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken[1:]) / STEPS_OF_LOOKS


def measure() -> dict[str, Any]:
    """Microseconds a step along each axis, the others at their usual values."""

    def seconds(engine: str, axis: str, value: int) -> float:
        return of_looks(engine, value) if axis == "looks" else per_step(engine, **{**USUAL, axis: value})

    return {
        axis: {engine: [1e6 * seconds(engine, axis, value) for value in values] for engine in ENGINES}
        for axis, values in AXES.items()
    }


def exponents(cases: dict[str, Any]) -> dict[str, dict[str, float]]:
    """The slope in logarithms over the upper half of each axis."""
    return {
        axis: {
            engine: float(np.polyfit(np.log(AXES[axis][-4:]), np.log(times[-4:]), 1)[0]) for engine, times in of.items()
        }
        for axis, of in cases.items()
    }


def table(cases: dict[str, Any]) -> list[str]:
    """Lines of Markdown."""
    found, engines = exponents(cases), list(ENGINES)
    lines = [f"| cost ∝ power of | {' | '.join(engines)} |", f"| --- |{' --- |' * len(engines)}"]
    for axis, of in found.items():
        lines.append(f"| {SAID[axis]} | {' | '.join(f'{of[engine]:.2f}' for engine in engines)} |")
    return lines


def draw(cases: dict[str, Any], path: Path) -> None:
    """A panel for each axis."""
    figure, panels = plt.subplots(1, len(cases), figsize=(12, 3.2), sharey=True, layout="constrained")
    for panel, (axis, of) in zip(panels, cases.items(), strict=True):
        for engine, times in of.items():
            panel.loglog(AXES[axis], times, "o-", label=engine)
        panel.set_xlabel(SAID[axis])
        panel.set_xticks(AXES[axis], [str(value) for value in AXES[axis]])
        panel.xaxis.set_minor_formatter(NullFormatter())
        panel.grid(True, which="both", alpha=0.3)
    panels[0].set_ylabel("µs a step of the ensemble")
    eq.plots.add_legend(panels[0])
    figure.savefig(path, dpi=150, metadata={"Software": None})
    plt.close(figure)
