"""The stationary law of Perturbed GD near the smoothed minimum, without running it."""

from equipoise.theory.stationary.law import StationaryLaw as StationaryLaw
from equipoise.theory.stationary.law import stationary_law as stationary_law
