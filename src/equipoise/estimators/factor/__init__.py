"""Factorizations by a gradient method whose noise fixes the balance."""

from equipoise.estimators.factor.factor import factor as factor
from equipoise.estimators.factor.polish import Polish as Polish
from equipoise.estimators.factor.result import Factorization as Factorization
from equipoise.estimators.factor.scores import FactorizationScore as FactorizationScore
from equipoise.estimators.factor.settings import FactorizationSettings as FactorizationSettings
