"""Completion: a matrix filled in from some of its entries, by several methods for comparison."""

from equipoise.estimators.complete.complete import complete as complete
from equipoise.estimators.complete.confidence import ErrorByCount as ErrorByCount
from equipoise.estimators.complete.fit import Fit as Fit
from equipoise.estimators.complete.means import Means as Means
from equipoise.estimators.complete.prediction import Prediction as Prediction
from equipoise.estimators.complete.result import Completion as Completion
from equipoise.estimators.complete.scores import CompletionScore as CompletionScore
from equipoise.estimators.complete.settings import CompletionSettings as CompletionSettings
from equipoise.estimators.complete.units import Units as Units
