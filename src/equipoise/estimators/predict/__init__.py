"""Where Perturbed GD ends on a matrix, without running it."""

from equipoise.estimators.predict.limit import PredictedLimit as PredictedLimit
from equipoise.estimators.predict.predict import predict as predict
