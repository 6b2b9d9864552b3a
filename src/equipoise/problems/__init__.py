"""Objectives: measurement ∘ parametrization, and front doors by everyday names."""

from equipoise.core.problem import AbstractFactorization as AbstractFactorization
from equipoise.core.problem import AbstractProblem as AbstractProblem
from equipoise.core.problem import Curvature as Curvature
from equipoise.core.problem import Signal as Signal
from equipoise.core.problem import signal_of as signal_of
from equipoise.problems.constructors import factorization as factorization
from equipoise.problems.constructors import planted as planted
from equipoise.problems.constructors import valley as valley
from equipoise.problems.factored import Factored as Factored
from equipoise.problems.matrices import AbstractMatrix as AbstractMatrix
from equipoise.problems.matrices import AbstractTarget as AbstractTarget
from equipoise.problems.matrices import Dense as Dense
from equipoise.problems.matrices import LowRank as LowRank
from equipoise.problems.matrices import Sparse as Sparse
from equipoise.problems.measurements import AbstractMeasurement as AbstractMeasurement
from equipoise.problems.measurements import Full as Full
from equipoise.problems.parametrizations import AbstractParametrization as AbstractParametrization
from equipoise.problems.parametrizations import Asymmetric as Asymmetric
from equipoise.problems.penalized import Penalized as Penalized
