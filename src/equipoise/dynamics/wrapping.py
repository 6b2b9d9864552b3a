"""What methods that wrap another share: a random key for each of the two, and problems with data points."""

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.problem import AbstractProblem
from equipoise.core.sampled import AbstractSampled
from equipoise.core.threefry import folded
from equipoise.core.types import Key

_OWN, _INNER = 0, 1


def own_key(key: Key) -> Key:
    """The key for the draws of the wrapping method."""
    return folded(key, _OWN)


def inner_key(key: Key) -> Key:
    """The key for the wrapped method."""
    return folded(key, _INNER)


def sampled(method: AbstractDynamics, problem: AbstractProblem) -> AbstractSampled:
    """The problem, known to have data points; raises `InputError` with the method's refusal if it has none."""
    method.check(problem)
    assert isinstance(problem, AbstractSampled)
    return problem
