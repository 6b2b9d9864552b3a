"""Gradient methods, one per file: `init` and `step` are pure."""

from equipoise.core.dynamics import AbstractDynamics as AbstractDynamics
from equipoise.dynamics.gradient_descent import GradientDescent as GradientDescent
from equipoise.dynamics.gradient_flow import GradientFlow as GradientFlow
from equipoise.dynamics.label_noise import LabelNoise as LabelNoise
from equipoise.dynamics.line_search import LineSearch as LineSearch
from equipoise.dynamics.matrix_flow import MatrixFlow as MatrixFlow
from equipoise.dynamics.minibatch import Minibatch as Minibatch
from equipoise.dynamics.optax_method import Optax as Optax
from equipoise.dynamics.perturbed import PerturbedGD as PerturbedGD
from equipoise.dynamics.projected import ProjectedGradient as ProjectedGradient
from equipoise.dynamics.regularized import RegularizedGD as RegularizedGD
from equipoise.dynamics.schedules import PowerDecay as PowerDecay
from equipoise.dynamics.sharpness_aware import SharpnessAware as SharpnessAware
from equipoise.dynamics.time_ordered_exponential import TimeOrderedExponential as TimeOrderedExponential
