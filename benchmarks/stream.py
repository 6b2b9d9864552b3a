"""The quality of the stream of random numbers: moments, distribution, and correlations of the normal numbers.

Each line is a distance from what independent N(0, 1) numbers would give, in standard errors (for Kolmogorov-Smirnov the
probability of a larger distance). The numbers are drawn by the native engine.

    python benchmarks/stream.py [--draws N] [--seed S] [--out FILE]
"""

import argparse
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path

import jax
import numpy as np
import scipy.special
import scipy.stats

from equipoise.core.precision import numerics
from equipoise.core.stream import noise_key, replicate_key, step_key
from equipoise.machine.native import compiled, in_words
from equipoise.results import machine

PART = 2**20
BINS = 2**16


def key_of(seed: int, replicate: int, step: int) -> np.ndarray:
    with numerics():
        key = step_key(noise_key(replicate_key(seed, replicate)), step)
        return np.asarray(jax.random.key_data(key), np.uint32)


def normals(key: np.ndarray, first: int, count: int) -> np.ndarray:
    found = np.empty(count)
    compiled().normals(key, first, found, 1, "")
    return found


def parts(seed: int, draws: int) -> Iterator[np.ndarray]:
    """All draws, in parts of one key each."""
    for number in range(-(-draws // PART)):
        yield normals(key_of(seed, number % 64, number // 64), 0, min(PART, draws - number * PART))


def one_sample(seed: int, draws: int) -> dict[str, float]:
    """Moments up to order 8 in standard errors, and p-values of the distribution over bins of equal probability."""
    powers, counts = np.zeros(8), np.zeros(BINS)
    for z in parts(seed, draws):
        power = np.ones_like(z)
        for order in range(8):
            power = power * z
            powers[order] += power.sum()
        counts += np.bincount((scipy.special.ndtr(z) * BINS).astype(int).clip(0, BINS - 1), minlength=BINS)
    found = {}
    for order in range(1, 9):
        expected = moment(order)
        error = math.sqrt((moment(2 * order) - expected**2) / draws)
        found[f"moment of order {order}"] = (powers[order - 1] / draws - expected) / error
    distance = np.abs(np.cumsum(counts) / draws - np.arange(1, BINS + 1) / BINS).max()
    found["Kolmogorov-Smirnov, p-value"] = float(scipy.stats.kstwobign.sf(distance * math.sqrt(draws)))
    found["χ² of the bins, p-value"] = float(
        scipy.stats.chi2.sf(((counts - draws / BINS) ** 2).sum() * BINS / draws, BINS - 1)
    )
    return found


def moment(order: int) -> float:
    """E z^order."""
    return 0.0 if order % 2 else float(scipy.special.factorial2(order - 1))


def correlations(seed: int, replicates: int, steps: int, coordinates: int) -> dict[str, float]:
    """Correlations between neighbors in each direction, of the numbers and of their squares, in standard errors."""
    z = np.array([[normals(key_of(seed, i, t), 0, coordinates) for t in range(steps)] for i in range(replicates)])
    found = {}
    for axis, name in enumerate(("replicates", "steps", "coordinates")):
        for of, values, scale in (("numbers", z, 1.0), ("squares", z**2 - 1, 2.0)):
            one = np.take(values, range(values.shape[axis] - 1), axis)
            other = np.take(values, range(1, values.shape[axis]), axis)
            found[f"neighboring {name}, {of}"] = float((one * other).sum() / scale / math.sqrt(one.size))
    return found


def measure(seed: int, draws: int, replicates: int, steps: int, coordinates: int) -> dict[str, float]:
    return one_sample(seed, draws) | correlations(seed, replicates, steps, coordinates)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=10**8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    begin = time.perf_counter()
    found = measure(arguments.seed, arguments.draws, 100, 100, 500)
    for name, value in found.items():
        print(f"{value:8.3f}  {name}")
    document = {"draws": arguments.draws, "seed": arguments.seed, "engine": in_words(), **machine(), "measured": found}
    document["seconds"] = round(time.perf_counter() - begin, 1)
    if arguments.out:
        arguments.out.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
