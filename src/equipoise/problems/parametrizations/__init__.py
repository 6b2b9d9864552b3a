"""How a matrix W is written in free parameters, one way a file: the inner half of a problem."""

from equipoise.problems.parametrizations.asymmetric import Asymmetric as Asymmetric
from equipoise.problems.parametrizations.deep_linear import DeepLinear as DeepLinear
from equipoise.problems.parametrizations.direct import Direct as Direct
from equipoise.problems.parametrizations.interface import AbstractParametrization as AbstractParametrization
from equipoise.problems.parametrizations.symmetric import Symmetric as Symmetric
