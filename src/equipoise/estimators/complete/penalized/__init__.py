"""The penalized fit: the nuclear-norm penalty by few passes over the entries, with the means fitted along."""

from equipoise.estimators.complete.penalized.fit import penalized as penalized
from equipoise.estimators.complete.penalized.settings import choose_penalized as choose_penalized
