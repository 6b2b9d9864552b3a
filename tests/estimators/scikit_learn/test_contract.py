"""The two estimators of matrices keep scikit-learn's contract, by scikit-learn's own tests."""

import pickle
import subprocess
import sys

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

import equipoise as eq

ESTIMATORS = [
    eq.estimators.LowRankFactorization(1, steps=300),
    eq.estimators.LowRankImputer("penalized", center=True, scale=False, steps=60),
]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.SkipTestWarning")
@parametrize_with_checks(ESTIMATORS)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def test_without_scikit_learn_the_remedy_is_told():
    code = (
        "from importlib.machinery import PathFinder\n"
        "found = PathFinder.find_spec\n"
        "PathFinder.find_spec = lambda name, *rest: None if name == 'sklearn' else found(name, *rest)\n"
        "import equipoise as eq\n"
        "eq.estimators.complete, eq.estimators.LowRankImputer\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1] == (
        "ModuleNotFoundError: The scikit-learn estimators need scikit-learn, which is not installed; "
        'run pip install "equipoise[scikit-learn]".'
    )


def test_other_names_are_refused_as_usual():
    with pytest.raises(AttributeError, match="has no attribute 'Imputer'"):
        eq.estimators.Imputer  # noqa: B018


def test_fitted_ratings_can_be_pickled(rated, table):
    again = pickle.loads(pickle.dumps(rated))
    pairs = table.triplets(known=False)
    assert (again.predict(pairs) == rated.predict(pairs)).all()
