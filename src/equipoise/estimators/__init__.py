"""The workbench: a matrix of a user's own, factored, with a word on which solution that is."""

from equipoise.estimators.factor import factor as factor
from equipoise.estimators.factorization import Factorization as Factorization
from equipoise.estimators.rows import Row as Row
from equipoise.estimators.settings import Settings as Settings
