"""Any method on minibatches."""

from typing import Any, NamedTuple

import equinox as eqx
import jax
from jaxtyping import Array, Int, PyTree

from equipoise.core.checks import whole_number
from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.errors import InputError
from equipoise.core.problem import AbstractProblem
from equipoise.core.sampled import AbstractSampled
from equipoise.core.schedules import Clock
from equipoise.core.types import Key, RealNumber, StepIndex, Theta
from equipoise.dynamics.sampling import SAMPLINGS, distinct, independent, of_epoch
from equipoise.dynamics.wrapping import inner_key, own_key, sampled


class Shuffling(NamedTuple):
    """The state of minibatches by epochs: the key of the shuffles, one for each replicate, and the method's state."""

    key: Key
    inner: PyTree[Any]


class Minibatch(AbstractDynamics):
    """A method whose every step uses a new batch of data points.

    - `dynamics`: the method to run on the batches.
    - `size`: the number of data points in a batch.
    - `sampling`: "without replacement" (the default) draws different points, anew at each step; "with replacement"
      draws each point by itself; "epochs" goes through all points in random order, shuffles them, and begins again. A
      batch at the end of an epoch is filled up from the next.

    The loss of a batch is scaled so that its gradient is that of the whole problem on average; step sizes keep their
    meaning. Raises `InputError` for another sampling, for a problem without data points, and unless the size is from 1
    to their number.
    """

    dynamics: AbstractDynamics
    size: int
    sampling: str = eqx.field(static=True)

    def __init__(self, dynamics: AbstractDynamics, size: RealNumber, sampling: str = SAMPLINGS[0]) -> None:
        self.dynamics = dynamics
        self.size = whole_number("The size of a minibatch", size, 1)
        if sampling not in SAMPLINGS:
            raise InputError(f"sampling is {sampling!r}; it must be one of {', '.join(map(repr, SAMPLINGS))}.")
        self.sampling = sampling

    def clock(self) -> Clock:
        """That of `dynamics`."""
        return self.dynamics.clock()

    def init(self, problem: AbstractProblem, theta: Theta) -> PyTree[Any]:
        """The state of `dynamics`, with the key of the shuffles for epochs."""
        whole_number("The size of a minibatch", self.size, 1, sampled(self, problem).points)
        inner = self.dynamics.init(problem, theta)
        # a run gives each replicate its own key in place of this one
        return Shuffling(jax.random.key(0, impl="threefry2x32"), inner) if self._is_by_epochs else inner

    def step(
        self, problem: AbstractProblem, theta: Theta, state: PyTree[Any], key: Key, step: StepIndex
    ) -> tuple[Theta, PyTree[Any]]:
        """One step of `dynamics` on the batch that `key` draws, or on the next points of the epoch."""
        whole = sampled(self, problem)
        whole_number("The size of a minibatch", self.size, 1, whole.points)
        inner = state.inner if self._is_by_epochs else state
        batch = whole.batch(self._indices(whole, state, key, step))
        theta, inner = self.dynamics.step(batch, theta, inner, inner_key(key), step)
        return theta, state._replace(inner=inner) if self._is_by_epochs else inner

    def perturbation(self, problem: AbstractProblem, key: Key, step: StepIndex) -> Theta | None:
        """The perturbation of `dynamics`."""
        return self.dynamics.perturbation(problem, inner_key(key), step)

    def refusal(self, problem: AbstractProblem) -> str:
        """Empty for a problem with data points that suits `dynamics`."""
        if not isinstance(problem, AbstractSampled):
            return (
                f"Minibatch needs a problem with data points; {type(problem).__name__} has none; in "
                "equipoise.problems.custom name them by axis= or per_point=True."
            )
        return self.dynamics.refusal(problem)

    @property
    def _is_by_epochs(self) -> bool:
        return self.sampling == "epochs"

    def _indices(self, whole: AbstractSampled, state: PyTree[Any], key: Key, step: StepIndex) -> Int[Array, " size"]:
        if self._is_by_epochs:
            return of_epoch(state.key, whole.points, self.size, step)
        draw = independent if self.sampling == "with replacement" else distinct
        return draw(own_key(key), whole.points, self.size, step)
