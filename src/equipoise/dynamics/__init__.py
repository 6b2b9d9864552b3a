"""Gradient methods, one a file: `init` and `step`, pure."""

from equipoise.core.dynamics import AbstractDynamics as AbstractDynamics
from equipoise.dynamics.gradient_descent import GradientDescent as GradientDescent
from equipoise.dynamics.perturbed import PerturbedGD as PerturbedGD
