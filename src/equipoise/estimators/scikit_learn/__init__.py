"""scikit-learn estimators of low rank, for pipelines, grid searches and data frames."""

try:
    import sklearn as sklearn
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "The scikit-learn estimators need scikit-learn, which is not installed; "
        'run pip install "equipoise[scikit-learn]".',
        name="sklearn",
    ) from error

from equipoise.estimators.scikit_learn.factorization import LowRankFactorization as LowRankFactorization
from equipoise.estimators.scikit_learn.folds import EntryKFold as EntryKFold
from equipoise.estimators.scikit_learn.imputer import LowRankImputer as LowRankImputer
from equipoise.estimators.scikit_learn.ratings import RatingsFactorization as RatingsFactorization
from equipoise.estimators.scikit_learn.scoring import EntryScorer as EntryScorer
from equipoise.estimators.scikit_learn.splitting import entry_train_test_split as entry_train_test_split
