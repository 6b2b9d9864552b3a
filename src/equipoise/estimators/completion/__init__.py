"""A matrix filled in from some of its entries, by several methods side by side."""

from equipoise.estimators.completion.baseline import Means as Means
from equipoise.estimators.completion.complete import complete as complete
from equipoise.estimators.completion.methods import Fit as Fit
from equipoise.estimators.completion.result import Completion as Completion
from equipoise.estimators.completion.rows import Score as Score
from equipoise.estimators.completion.settings import CompletionSettings as CompletionSettings
