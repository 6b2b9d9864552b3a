"""Base classes of problems with data points, which can be given other data or restricted to some of their points."""

import abc

from jaxtyping import Array, Int

from equipoise.core.problem import AbstractProblem
from equipoise.core.types import Key, RealNumber, Scalar


class AbstractRedrawable(AbstractProblem):
    """A problem whose form does not depend on its data, such as a network, so that it can be given other data.

    Properties that hold for all data, such as conservation laws, are searched for over such draws.
    """

    @abc.abstractmethod
    def redrawn(self, key: Key) -> "AbstractRedrawable":
        """The same problem with random data of the same shapes, in general position."""


class AbstractSampled(AbstractRedrawable):
    """A problem whose loss is a mean or a sum over data points, so that it can be restricted to some of them."""

    @property
    @abc.abstractmethod
    def points(self) -> int:
        """The number of data points."""

    @abc.abstractmethod
    def batch(self, indices: Int[Array, " batch"]) -> AbstractProblem:
        """The problem on these points alone, scaled so that its mean over random batches is the whole problem."""

    @abc.abstractmethod
    def with_label_noise(self, key: Key, std: Scalar | RealNumber) -> AbstractProblem:
        """The problem with independent N(0, std²) noise added to every label; `std` has the unit of the labels."""
