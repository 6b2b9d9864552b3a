"""Completion of ratings, compared with alternating least squares (cmfrec), tuned on the test part over a grid.

    pip install cmfrec pandas; python -m benchmarks completion large

The package gets no tuning: a tenth of its training entries, held out, chooses the step. cmfrec gets all training
entries, and is judged by the best of the grid on the test part itself. Both use all cores and single precision.
"""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

import equipoise as eq
from benchmarks.completion_memory import peak_of
from equipoise.datasets import Triplets, hold_out_fraction

RANKS, PENALTIES = (10, 20, 40), (5.0, 10.0, 15.0, 25.0, 35.0)
LARGE_GRID = (10, 20), (15.0, 35.0)


def synthetic(shape: tuple[int, int], count: int, seed: int = 0) -> Triplets:
    """Ratings with skewed counts: means, a signal of rank 12 with a falling spectrum, and noise."""
    generator = np.random.default_rng(seed)
    weights = [generator.lognormal(0, spread, size) for size, spread in zip(shape, (1.0, 1.4), strict=True)]
    places = np.empty(0, np.int64)
    while places.size < count:
        rows, columns = (generator.choice(w.size, count, p=w / w.sum()) for w in weights)
        places = np.unique(np.concatenate([places, rows * shape[1] + columns]))
    places = generator.permutation(places)[:count]
    rows, columns = places // shape[1], places % shape[1]
    root = np.arange(1, 13) ** -0.35
    left, right = (generator.standard_normal((size, 12)) * root for size in shape)
    signal = np.einsum("ij,ij->i", left[rows], right[columns])
    effects = 0.35 * generator.standard_normal(shape[0])[rows] + 0.45 * generator.standard_normal(shape[1])[columns]
    values = 3.6 + effects + 0.45 * signal / signal.std() + 0.85 * generator.standard_normal(count)
    return Triplets(rows, columns, values, np.arange(shape[0]), np.arange(shape[1]))


def package(training: Triplets, test: Triplets) -> dict[str, Any]:
    """The test error and the time of everything, from the training entries to the final fit."""
    begin, busy = time.perf_counter(), time.process_time()
    fitted, held_out = hold_out_fraction(training, 0.1, seed=0)
    found = eq.estimators.complete(fitted, held_out, by="penalized", center=True, progress=False)
    seconds, busy = time.perf_counter() - begin, time.process_time() - busy
    error = found.at(test.rows, test.columns) - test.values
    return {"error": float(np.sqrt(np.mean(error**2))), "seconds": seconds, "processor seconds": busy}


def alternating(
    training: Triplets, test: Triplets, ranks: Sequence[int], penalties: Sequence[float]
) -> dict[str, float]:
    """The least test error over the grid, and the time of that one fit."""
    import cmfrec
    import pandas as pd

    frame = pd.DataFrame({"UserId": training.rows, "ItemId": training.columns, "Rating": training.values})
    best: dict[str, float] = {"error": np.inf}
    for rank in ranks:
        for penalty in penalties:
            model = cmfrec.CMF(k=rank, lambda_=penalty, method="als", use_float=True, verbose=False)
            begin, busy = time.perf_counter(), time.process_time()
            model.fit(frame)
            seconds, busy = time.perf_counter() - begin, time.process_time() - busy
            predicted = np.asarray(model.predict(test.rows, test.columns), float)
            predicted = np.where(np.isfinite(predicted), predicted, training.values.mean())
            error = float(np.sqrt(np.mean((predicted - test.values) ** 2)))
            if error < best["error"]:
                best = {"error": error, "seconds": seconds, "rank": rank, "penalty": penalty, "processor seconds": busy}
            print(f"cmfrec, rank {rank}, λ = {penalty:g}: error {error:.4f}, {seconds:.1f} s", flush=True)
    return best


def measure() -> dict[str, Any]:
    """Both on MovieLens 100K and on a table of the size of MovieLens 1M, over the whole grid."""
    tables = {"MovieLens 100K": eq.datasets.movielens_100k()}
    tables["synthetic, 6040 x 3706, 1 000 000 entries"] = synthetic((6040, 3706), 10**6)
    return {name: _both(entries, RANKS, PENALTIES) for name, entries in tables.items()}


def measure_large() -> dict[str, Any]:
    """Both on a table of the size of MovieLens 10M, over a smaller grid, and the memory that the package needs.

    The package is timed before and after the grid, since other programs on the machine come and go.
    """
    package(*hold_out_fraction(synthetic((600, 300), 20_000), 0.1, seed=1))
    training, test = hold_out_fraction(synthetic((70_000, 10_700), 10**7), 0.1, seed=1)
    before, peer = package(training, test), alternating(training, test, *LARGE_GRID)
    after = package(training, test)
    ours = before | {
        "seconds": (before["seconds"] + after["seconds"]) / 2,
        "each": [before["seconds"], after["seconds"]],
    }
    found = {"equipoise": ours, "cmfrec": peer, "GiB": peak_of(training)}
    return {"synthetic, 70 000 x 10 700, 10 000 000 entries": found}


def _both(entries: Triplets, ranks: Sequence[int], penalties: Sequence[float]) -> dict[str, Any]:
    training, test = hold_out_fraction(entries, 0.1, seed=1)
    package(training, test)
    return {"equipoise": package(training, test), "cmfrec": alternating(training, test, ranks, penalties)}


def table(cases: dict[str, Any]) -> list[str]:
    """Lines of Markdown."""
    titles = ["", "equipoise: test error", "seconds", "cmfrec, tuned: test error", "seconds of one fit", "at"]
    if any("GiB" in case for case in cases.values()):
        titles.append("equipoise: GiB")
    lines = [f"| {' | '.join(titles)} |", f"| {' | '.join(['---'] * len(titles))} |"]
    for name, case in cases.items():
        ours, peer = case["equipoise"], case["cmfrec"]
        at = f"rank {peer['rank']}, λ = {peer['penalty']:g}"
        cells = (f"{ours['error']:.4f}", f"{ours['seconds']:.2f}", f"{peer['error']:.4f}", f"{peer['seconds']:.2f}", at)
        memory = (f"{case['GiB']:.2f}",) if "GiB" in case else ()
        lines.append(f"| {name} | {' | '.join((*cells, *memory))} |")
    return lines
