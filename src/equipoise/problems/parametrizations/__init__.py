"""Ways to write a matrix W in free parameters: the inner half of a problem; one way per file."""

from equipoise.problems.parametrizations.asymmetric import Asymmetric as Asymmetric
from equipoise.problems.parametrizations.canonical_polyadic import CanonicalPolyadic as CanonicalPolyadic
from equipoise.problems.parametrizations.deep_linear import DeepLinear as DeepLinear
from equipoise.problems.parametrizations.direct import Direct as Direct
from equipoise.problems.parametrizations.hadamard import Hadamard as Hadamard
from equipoise.problems.parametrizations.interface import AbstractParametrization as AbstractParametrization
from equipoise.problems.parametrizations.power_difference import PowerDifference as PowerDifference
from equipoise.problems.parametrizations.symmetric import Symmetric as Symmetric
