"""Any method with noise on the labels."""

from typing import Any

from jaxtyping import PyTree

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.problem import AbstractProblem
from equipoise.core.sampled import AbstractSampled
from equipoise.core.schedules import PerFactor, Value, per_factor
from equipoise.core.types import Key, StepIndex, Theta
from equipoise.dynamics.wrapping import inner_key, own_key, sampled


class LabelNoise(AbstractDynamics):
    """A method with independent N(0, std²) noise on the labels, drawn anew at each step.

    - `dynamics`: the method to run on the noisy labels.
    - `std`: a number or a schedule, in the unit of the labels: entries of M, measurements, or targets of a network.

    Inside `Minibatch` the noise is drawn for the labels of the batch alone:
    `Minibatch(LabelNoise(GradientDescent(0.1), std=0.5), 10)`. Raises `InputError` for a negative `std` and for a
    problem without labels.
    Source: A. Damian, T. Ma and J. D. Lee, Label noise SGD provably prefers flat global minimizers (2021).
    """

    dynamics: AbstractDynamics
    std: PerFactor

    def __init__(self, dynamics: AbstractDynamics, std: Value) -> None:
        self.dynamics = dynamics
        self.std = per_factor("std", std, positive=False)

    def init(self, problem: AbstractProblem, theta: Theta) -> PyTree[Any]:
        """The state of `dynamics`."""
        self.check(problem)
        return self.dynamics.init(problem, theta)

    def step(
        self, problem: AbstractProblem, theta: Theta, state: PyTree[Any], key: Key, step: StepIndex
    ) -> tuple[Theta, PyTree[Any]]:
        """One step of `dynamics` on labels with the noise that `key` draws."""
        (std,) = self.std.at(step, 1, problem.dtype)
        noisy = sampled(self, problem).with_label_noise(own_key(key), std)
        return self.dynamics.step(noisy, theta, state, inner_key(key), step)

    def perturbation(self, problem: AbstractProblem, key: Key, step: StepIndex) -> Theta | None:
        """The perturbation of `dynamics`."""
        return self.dynamics.perturbation(problem, inner_key(key), step)

    def refusal(self, problem: AbstractProblem) -> str:
        """Empty for a problem with labels that suits `dynamics`."""
        if not isinstance(problem, AbstractSampled):
            return f"LabelNoise needs a problem with labels; {type(problem).__name__} has none."
        return self.dynamics.refusal(problem)
