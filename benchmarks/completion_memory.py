"""How much memory the penalized fit needs, each time in a process of its own.

    python -m benchmarks memory

The peak is the largest memory that the process held, less what it held with the table read and the package loaded. The
width of the factors is the package's own, 40.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import equipoise as eq
from equipoise.datasets import Triplets, hold_out_fraction

SHAPE = (10_000, 5_000)
COUNTS = (100_000, 300_000, 1_000_000, 3_000_000, 10_000_000)
SIDES, COUNT = (15_000, 50_000, 150_000, 500_000), 1_000_000
STEPS = 6


def measure() -> dict[str, Any]:
    """The peaks over numbers of entries in one matrix, and over sizes of matrices with 10⁶ entries."""
    by_entries = {str(count): peak_of(_random(SHAPE, count)) for count in COUNTS}
    by_sides = {str(side): peak_of(_random((2 * side // 3, side // 3), COUNT)) for side in SIDES}
    return {"entries": by_entries, "d1 + d2": by_sides}


def peak_of(training: Triplets, *, steps: int | None = STEPS) -> float:
    """The peak of a fit to this table, in GiB, from its training entries to the final fit."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.npz"
        shape = np.array(training.shape)
        np.savez(path, rows=training.rows, columns=training.columns, values=training.values, shape=shape)
        command = [sys.executable, "-m", "benchmarks.completion_memory", str(path), json.dumps(steps)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout.splitlines()[-1])


def fit(path: Path, steps: int | None) -> None:
    """What the process does: print the peak."""
    with np.load(path) as table:
        ids = (np.arange(size) for size in table["shape"])
        training = Triplets(table["rows"], table["columns"], table["values"], *ids)
    _complete(_random((40, 30), 600), 4)  # loads all that the fit needs of the package
    _forget()
    before = _held("VmRSS")
    _complete(training, steps)
    print(_held("VmHWM") - before)


def _complete(training: Triplets, steps: int | None) -> None:
    fitted, held_out = hold_out_fraction(training, 0.1, seed=0)
    eq.estimators.complete(fitted, held_out, by="penalized", center=True, steps=steps, progress=False)


def _forget() -> None:
    """Let the peak begin from here: what reading the table took does not count."""
    Path("/proc/self/clear_refs").write_text("5")


def _held(name: str) -> float:
    """A line of /proc/self/status in GiB; `resource` would also count the process that started this one."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return float(next(line for line in lines if line.startswith(name)).split()[1]) / 2**20


def _random(shape: tuple[int, int], count: int) -> Triplets:
    """Entries at random places, of a matrix of rank 2 with noise."""
    generator = np.random.default_rng(0)
    places = np.empty(0, np.int64)
    while places.size < count:
        places = np.unique(np.concatenate([places, generator.integers(shape[0] * shape[1], size=count)]))
    rows, columns = np.divmod(generator.permutation(places)[:count], shape[1])
    left, right = (generator.standard_normal((size, 2)) for size in shape)
    values = np.einsum("ij,ij->i", left[rows], right[columns]) + generator.standard_normal(count)
    return Triplets(rows, columns, values, *map(np.arange, shape))


def table(found: dict[str, Any]) -> list[str]:
    """Lines of Markdown: the peaks, and the exponent at the end of each line."""
    lines = []
    for name, peaks in found.items():
        sizes, values = np.array([float(size) for size in peaks]), np.array(list(peaks.values()))
        exponent = np.polyfit(np.log(sizes[-2:]), np.log(values[-2:]), 1)[0]
        lines += ["", f"| {name} | {' | '.join(f'{int(size):,}'.replace(',', ' ') for size in sizes)} | exponent |"]
        lines += [f"| --- |{' --- |' * (sizes.size + 1)}"]
        lines += [f"| GiB | {' | '.join(f'{value:.2f}' for value in values)} | {exponent:.2f} |"]
    return lines[1:]


if __name__ == "__main__":
    fit(Path(sys.argv[1]), json.loads(sys.argv[2]))
