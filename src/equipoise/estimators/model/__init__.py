"""Saved models: a completion that is kept in a folder, read again, asked by ids, and given new rows."""

from equipoise.estimators.model.answers import Predicted as Predicted
from equipoise.estimators.model.answers import Recommended as Recommended
from equipoise.estimators.model.loading import load_model as load_model
from equipoise.estimators.model.model import CompletionModel as CompletionModel
from equipoise.estimators.model.origin import Origin as Origin
from equipoise.estimators.model.ridge import Ridge as Ridge
