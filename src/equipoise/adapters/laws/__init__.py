"""Conservation laws found from gradients, without a graph of the model."""

from equipoise.adapters.laws.law import GradientLaws as GradientLaws
from equipoise.adapters.laws.law import Law as Law
