"""The estimators: factor or complete a matrix of your own, and learn which solution you got.

`equipoise.estimators.scikit_learn` needs scikit-learn, and is imported on first use; its names are here, too.
"""

import importlib
from typing import Any

from equipoise.estimators.complete import Completion as Completion
from equipoise.estimators.complete import CompletionScore as CompletionScore
from equipoise.estimators.complete import CompletionSettings as CompletionSettings
from equipoise.estimators.complete import ErrorByCount as ErrorByCount
from equipoise.estimators.complete import Fit as Fit
from equipoise.estimators.complete import Means as Means
from equipoise.estimators.complete import Prediction as Prediction
from equipoise.estimators.complete import Units as Units
from equipoise.estimators.complete import complete as complete
from equipoise.estimators.factor import Factorization as Factorization
from equipoise.estimators.factor import FactorizationScore as FactorizationScore
from equipoise.estimators.factor import FactorizationSettings as FactorizationSettings
from equipoise.estimators.factor import Polish as Polish
from equipoise.estimators.factor import factor as factor
from equipoise.estimators.model import CompletionModel as CompletionModel
from equipoise.estimators.model import Origin as Origin
from equipoise.estimators.model import Predicted as Predicted
from equipoise.estimators.model import Recommended as Recommended
from equipoise.estimators.model import Ridge as Ridge
from equipoise.estimators.model import load_model as load_model
from equipoise.estimators.predict import PredictedLimit as PredictedLimit
from equipoise.estimators.predict import predict as predict

_FOR_SCIKIT_LEARN = (
    *("LowRankFactorization", "LowRankImputer", "RatingsFactorization"),
    *("EntryKFold", "EntryScorer", "entry_train_test_split"),
)


def __getattr__(name: str) -> Any:
    if name == "scikit_learn" or name in _FOR_SCIKIT_LEARN:
        module = importlib.import_module("equipoise.estimators.scikit_learn")
        return module if name == "scikit_learn" else getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
