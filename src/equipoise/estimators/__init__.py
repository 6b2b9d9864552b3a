"""The workbench: a matrix of a user's own, factored or filled in, with a word on which solution that is."""

from equipoise.estimators.completion import Completion as Completion
from equipoise.estimators.completion import CompletionSettings as CompletionSettings
from equipoise.estimators.completion import Fit as Fit
from equipoise.estimators.completion import Means as Means
from equipoise.estimators.completion import Score as Score
from equipoise.estimators.completion import complete as complete
from equipoise.estimators.factor import factor as factor
from equipoise.estimators.factorization import Factorization as Factorization
from equipoise.estimators.rows import Row as Row
from equipoise.estimators.settings import Settings as Settings
