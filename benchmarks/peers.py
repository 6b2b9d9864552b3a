"""The estimators beside those that people use for the same: a matrix, a matrix with holes, ratings.

    pip install scikit-learn cmfrec pandas; python -m benchmarks peers

Every table is real and comes with a package: scikit-learn's, and MovieLens 100K (`equipoise.datasets`). All contenders
have their defaults, but for cmfrec, whose rank and penalty are tuned on the test part itself. Errors are root mean
squares: of a matrix over its entries, relative to theirs; of holes in standard deviations of their column, as the known
entries give it; of ratings on a tenth of them.
"""

import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import sklearn.datasets
from sklearn.decomposition import NMF, TruncatedSVD
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer, KNNImputer, SimpleImputer

import equipoise as eq
from benchmarks.completion_peers import PENALTIES, RANKS, alternating
from equipoise.datasets import Triplets, hold_out_fraction
from equipoise.estimators.scikit_learn import LowRankFactorization, LowRankImputer, RatingsFactorization

RANK, MISSING, SEEDS = 10, 0.2, (0, 1, 2)
HOLES = ("wine", "breast_cancer", "diabetes", "digits")

Contenders = dict[str, Callable[[], Any]]
Result = dict[str, float]


def timed(run: Callable[[], Any]) -> tuple[Any, float]:
    """What it returns, and the seconds of the faster of two runs: JAX compiles at the first."""
    taken = []
    for _ in range(2):
        begin = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = run()
        taken.append(time.perf_counter() - begin)
    return found, min(taken)


def matrix() -> dict[str, Result]:
    """Rank 10 of the digits: how close each product is, and how balanced its two factors are."""
    digits = sklearn.datasets.load_digits().data
    models: Contenders = {
        "equipoise, LowRankFactorization": lambda: LowRankFactorization(RANK),
        "scikit-learn, TruncatedSVD": lambda: TruncatedSVD(RANK, random_state=0),
        "scikit-learn, NMF": lambda: NMF(RANK, random_state=0, max_iter=1000),
    }
    found = {}
    for name, make in models.items():

        def fit(make: Callable[[], Any] = make) -> tuple[np.ndarray, np.ndarray]:
            model = make()
            return model.fit_transform(digits), model.components_

        (left, right), seconds = timed(fit)
        error = float(np.linalg.norm(left @ right - digits) / np.linalg.norm(digits))
        balance = float(np.linalg.norm(left) / np.linalg.norm(right))
        found[name] = {"error": error, "seconds": seconds, "balance": balance}
    return found


def holes(name: str) -> dict[str, Result]:
    """A fifth of the entries of a table is hidden, at random; the means over three draws."""
    table = getattr(sklearn.datasets, f"load_{name}")().data
    models: Contenders = {
        "equipoise, LowRankImputer": LowRankImputer,
        "scikit-learn, IterativeImputer": lambda: IterativeImputer(random_state=0),
        "scikit-learn, KNNImputer": KNNImputer,
        "the column means": SimpleImputer,
    }
    found: dict[str, list[tuple[float, float]]] = {model: [] for model in models}
    for seed in SEEDS:
        hidden = np.random.default_rng(seed).random(table.shape) < MISSING
        holed = np.where(hidden, np.nan, table)
        scale = np.nanstd(holed, axis=0)
        used = scale > 0
        for model, make in models.items():
            filled, seconds = timed(lambda make=make, holed=holed: make().set_params(keep_empty_features=True).fit_transform(holed))
            error = ((filled - table)[:, used] / scale[used])[hidden[:, used]]
            found[model].append((float(np.sqrt(np.mean(error**2))), seconds))
    return {
        model: dict(zip(("error", "seconds"), np.mean(each, axis=0).tolist(), strict=True))
        for model, each in found.items()
    }


def ratings() -> dict[str, Result]:
    """MovieLens 100K, a tenth of it for the test."""
    training, test = hold_out_fraction(eq.datasets.movielens_100k(), 0.1, seed=1)

    def ours() -> np.ndarray:
        model = RatingsFactorization()
        model.fit((training.rows, training.columns, training.values))
        return np.asarray(model.predict((test.rows, test.columns)))

    def filled(make: Callable[[], Any]) -> np.ndarray:
        """A model of whole matrices on one in which what is missing is the mean."""
        mean = training.values.mean()
        whole = np.full(training.shape, mean)
        whole[training.rows, training.columns] = training.values
        model = make()
        return np.asarray(model.inverse_transform(model.fit_transform(whole)))[test.rows, test.columns]

    models: Contenders = {
        "equipoise, RatingsFactorization": ours,
        "scikit-learn, TruncatedSVD, missing = mean": lambda: filled(lambda: TruncatedSVD(RANK, random_state=0)),
        "scikit-learn, NMF, missing = mean": lambda: filled(lambda: NMF(RANK, random_state=0, max_iter=500)),
        "the mean": lambda: np.full(test.values.size, training.values.mean()),
    }
    found = {}
    for name, run in models.items():
        predicted, seconds = timed(run)
        found[name] = {"error": _error(predicted, test), "seconds": seconds}
    peer = alternating(training, test, RANKS, PENALTIES)
    name = f"cmfrec, tuned on the test part: rank {peer['rank']}, λ = {peer['penalty']:g}"
    found[name] = {"error": peer["error"], "seconds": peer["seconds"]}
    return found


def _error(predicted: np.ndarray, test: Triplets) -> float:
    return float(np.sqrt(np.mean((predicted - test.values) ** 2)))


def measure() -> dict[str, dict[str, Result]]:
    """All tables."""
    found = {f"digits, 1797 x 64, rank {RANK}": matrix()}
    for name in HOLES:
        shape = " x ".join(map(str, getattr(sklearn.datasets, f"load_{name}")().data.shape))
        found[f"{name.replace('_', ' ')}, {shape}, a fifth missing"] = holes(name)
    return found | {"MovieLens 100K, a tenth for the test": ratings()}


def table(found: dict[str, dict[str, Result]]) -> list[str]:
    """Lines of Markdown."""
    return ["| table | contender | error | seconds |", "| --- | --- | --- | --- |", *_rows(found)]


def _rows(found: dict[str, dict[str, Result]]) -> Iterator[str]:
    for title, contenders in found.items():
        for place, (name, result) in enumerate(contenders.items()):
            numbers = f"{result['error']:.4f} | {result['seconds']:.2g}"
            yield f"| {'' if place else title} | {name} | {numbers} |"
