"""Gradient methods, one per file: `init` and `step` are pure."""

from equipoise.core.dynamics import AbstractDynamics as AbstractDynamics
from equipoise.dynamics.adaptive_sharpness_aware import AdaptiveSharpnessAware as AdaptiveSharpnessAware
from equipoise.dynamics.balancedness_aware import BalancednessAware as BalancednessAware
from equipoise.dynamics.gradient_descent import GradientDescent as GradientDescent
from equipoise.dynamics.gradient_flow import GradientFlow as GradientFlow
from equipoise.dynamics.gradient_noise import GradientNoise as GradientNoise
from equipoise.dynamics.label_noise import LabelNoise as LabelNoise
from equipoise.dynamics.langevin import Langevin as Langevin
from equipoise.dynamics.line_search import LineSearch as LineSearch
from equipoise.dynamics.matrix_flow import MatrixFlow as MatrixFlow
from equipoise.dynamics.minibatch import Minibatch as Minibatch
from equipoise.dynamics.mirror_descent import MirrorDescent as MirrorDescent
from equipoise.dynamics.optax_method import Optax as Optax
from equipoise.dynamics.perturbed import PerturbedGD as PerturbedGD
from equipoise.dynamics.potentials import AbstractPotential as AbstractPotential
from equipoise.dynamics.potentials import Entropy as Entropy
from equipoise.dynamics.potentials import Hypentropy as Hypentropy
from equipoise.dynamics.potentials import PowerPotential as PowerPotential
from equipoise.dynamics.projected import ProjectedGradient as ProjectedGradient
from equipoise.dynamics.regularized import RegularizedGD as RegularizedGD
from equipoise.dynamics.scaled import ScaledGD as ScaledGD
from equipoise.dynamics.schedules import PowerDecay as PowerDecay
from equipoise.dynamics.sharpness_aware import SharpnessAware as SharpnessAware
from equipoise.dynamics.time_ordered_exponential import TimeOrderedExponential as TimeOrderedExponential
from equipoise.dynamics.two_sided import TwoSidedPerturbedGD as TwoSidedPerturbedGD
