"""Any method on minibatches."""

from typing import Any

import jax
from jaxtyping import PyTree

from equipoise.core.checks import whole_number
from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.problem import AbstractProblem
from equipoise.core.sampled import AbstractSampled
from equipoise.core.types import Key, RealNumber, StepIndex, Theta
from equipoise.dynamics.wrapping import inner_key, own_key, sampled


class Minibatch(AbstractDynamics):
    """A method whose every step uses a new batch of data points, drawn uniformly and without replacement.

    - `dynamics`: the method to run on the batches.
    - `size`: the number of data points in a batch.

    The loss of a batch is scaled so that its gradient is that of the whole problem on average; step sizes keep their
    meaning. The batches of different steps are independent; there are no epochs. Raises `InputError` for a problem
    without data points, and unless the size is from 1 to their number.
    """

    dynamics: AbstractDynamics
    size: int

    def __init__(self, dynamics: AbstractDynamics, size: RealNumber) -> None:
        self.dynamics = dynamics
        self.size = whole_number("The size of a minibatch", size, 1)

    def init(self, problem: AbstractProblem, theta: Theta) -> PyTree[Any]:
        """The state of `dynamics`."""
        whole_number("The size of a minibatch", self.size, 1, sampled(self, problem).points)
        return self.dynamics.init(problem, theta)

    def step(
        self, problem: AbstractProblem, theta: Theta, state: PyTree[Any], key: Key, step: StepIndex
    ) -> tuple[Theta, PyTree[Any]]:
        """One step of `dynamics` on the batch that `key` draws."""
        whole = sampled(self, problem)
        whole_number("The size of a minibatch", self.size, 1, whole.points)
        indices = jax.random.choice(own_key(key), whole.points, (self.size,), replace=False)
        return self.dynamics.step(whole.batch(indices), theta, state, inner_key(key), step)

    def perturbation(self, problem: AbstractProblem, key: Key, step: StepIndex) -> Theta | None:
        """The perturbation of `dynamics`."""
        return self.dynamics.perturbation(problem, inner_key(key), step)

    def refusal(self, problem: AbstractProblem) -> str:
        """Empty for a problem with data points that suits `dynamics`."""
        if not isinstance(problem, AbstractSampled):
            return f"Minibatch needs a problem with data points; {type(problem).__name__} has none; in equipoise.problems.custom name them by axis= or per_point=True."
        return self.dynamics.refusal(problem)
