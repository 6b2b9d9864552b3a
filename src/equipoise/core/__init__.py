"""The shared vocabulary: base classes of problems, methods, noise laws and starts, statuses, types, the one error.

It imports no other subpackage.
"""

from equipoise.core.dynamics import AbstractDynamics as AbstractDynamics
from equipoise.core.errors import InputError as InputError
from equipoise.core.initial import AbstractInitial as AbstractInitial
from equipoise.core.noise import AbstractNoise as AbstractNoise
from equipoise.core.precision import float64 as float64
from equipoise.core.precision import numerics as numerics
from equipoise.core.problem import AbstractFactorization as AbstractFactorization
from equipoise.core.problem import AbstractProblem as AbstractProblem
from equipoise.core.problem import Curvature as Curvature
from equipoise.core.problem import Signal as Signal
from equipoise.core.problem import signal_of as signal_of
from equipoise.core.schedules import PerFactor as PerFactor
from equipoise.core.schedules import PerFactorLike as PerFactorLike
from equipoise.core.status import Status as Status
from equipoise.core.types import Scalar as Scalar
from equipoise.core.types import Theta as Theta
