"""Problems with data points: they can be had with other data, or seen through some of their points."""

import abc

from jaxtyping import Array, Int

from equipoise.core.problem import AbstractProblem
from equipoise.core.types import Key, RealNumber, Scalar


class AbstractRedrawable(AbstractProblem):
    """A problem that has a form apart from its data, such as a network: it can be had with other data.

    What holds for all data, such as a conservation law, is looked for over such draws.
    """

    @abc.abstractmethod
    def redrawn(self, key: Key) -> "AbstractRedrawable":
        """The same problem on random data in general position, of the same shapes."""


class AbstractSampled(AbstractRedrawable):
    """A problem whose loss is a mean, or a sum, over data points: it can be seen through some of them."""

    @property
    @abc.abstractmethod
    def points(self) -> int:
        """How many data points there are."""

    @abc.abstractmethod
    def batch(self, indices: Int[Array, " batch"]) -> AbstractProblem:
        """The problem on these points alone, scaled so that it is the whole problem on average over random ones."""

    @abc.abstractmethod
    def with_label_noise(self, key: Key, std: Scalar | RealNumber) -> AbstractProblem:
        """The problem with independent N(0, std²) added to every number that is to be matched, in their unit."""
