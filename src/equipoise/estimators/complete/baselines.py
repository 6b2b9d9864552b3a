"""The baselines as predictions: what a method must beat on the held-out entries."""

import numpy as np

from equipoise.estimators.complete.prediction import Prediction
from equipoise.estimators.complete.scores import MEAN, MEANS
from equipoise.estimators.complete.target import Target


def baselines_of(target: Target) -> dict[str, Prediction]:
    """The row and column means of the training entries, and the mean of all, by name."""
    (d1, d2), means = target.training.shape, target.means
    none = np.zeros((d1, 1)), np.zeros((d2, 1))
    return {
        name: Prediction(*none, each, centered=True, units=target.units, limits=target.limits)
        for name, each in ((MEANS, means), (MEAN, means.only_mean()))
    }
