"""Any method with noise on the labels."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, PyTree

from equipoise.core.checks import whole_number
from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.held import held
from equipoise.core.problem import AbstractProblem
from equipoise.core.sampled import AbstractSampled
from equipoise.core.schedules import Clock, PerFactor, Value, per_factor
from equipoise.core.types import Key, RealNumber, StepIndex, Theta
from equipoise.dynamics.wrapping import inner_key, own_key, sampled


class LabelNoise(AbstractDynamics):
    """A method with independent N(0, std²) noise on the labels, drawn anew at each step or once an epoch.

    - `dynamics`: the method to run on the noisy labels.
    - `std`: a number or a schedule, in the unit of the labels: entries of M, measurements, or targets of a network.
    - `epoch`: how many steps the same noise stays; 1 by default. Steps 0, epoch, 2 epoch, … draw it anew.

    Inside `Minibatch` the noise is drawn for the labels of the batch alone:
    `Minibatch(LabelNoise(GradientDescent(0.1), std=0.5), 10)`. Around it, each label keeps its noise for an epoch:
    `LabelNoise(Minibatch(GradientDescent(0.1), 10), std=0.5, epoch=100)`. Raises `InputError` for a negative `std`, an
    epoch that is not a whole number of steps, and a problem without labels.
    Source: A. Damian, T. Ma and J. D. Lee, Label noise SGD provably prefers flat global minimizers (2021).
    """

    dynamics: AbstractDynamics
    std: PerFactor
    epoch: int

    def __init__(self, dynamics: AbstractDynamics, std: Value, epoch: RealNumber = 1) -> None:
        self.dynamics = dynamics
        self.std = per_factor("std", std, positive=False)
        self.epoch = whole_number("epoch", epoch, 1)

    def clock(self) -> Clock:
        """That of `dynamics`."""
        return self.dynamics.clock()

    def init(self, problem: AbstractProblem, theta: Theta) -> PyTree[Any]:
        """The state of `dynamics`; for longer epochs also the number of the epoch and its key, as numbers."""
        self.check(problem)
        inner = self.dynamics.init(problem, theta)
        if self.epoch == 1:
            return inner
        return {"inner": inner, "epoch": jnp.asarray(-1), "key": jnp.zeros(2, jnp.uint32)}

    def step(
        self, problem: AbstractProblem, theta: Theta, state: PyTree[Any], key: Key, step: StepIndex
    ) -> tuple[Theta, PyTree[Any]]:
        """One step of `dynamics` on labels with the noise of the epoch, which `key` draws at the epoch's first step."""
        (std,) = self.std.at(step, 1, problem.dtype)
        if self.epoch == 1:
            noisy = _held_if_new(sampled(self, problem).with_label_noise(own_key(key), std), problem, step)
            return self.dynamics.step(noisy, theta, state, inner_key(key), step)
        number, drawn = self._drawn(state, key, step)
        noise = jax.random.wrap_key_data(drawn, impl="threefry2x32")
        noisy = _held_if_new(sampled(self, problem).with_label_noise(noise, std), problem, step)
        moved, inner = self.dynamics.step(noisy, theta, state["inner"], inner_key(key), step)
        return moved, {"inner": inner, "epoch": number, "key": drawn}

    def _drawn(self, state: PyTree[Any], key: Key, step: StepIndex) -> tuple[Array, Array]:
        """The number of the epoch and the key of its noise: that of the state while the epoch lasts."""
        number = (jnp.asarray(step) // self.epoch).astype(state["epoch"].dtype)
        fresh = jax.random.key_data(own_key(key))
        return number, jnp.where(number == state["epoch"], state["key"], fresh)

    def perturbation(self, problem: AbstractProblem, key: Key, step: StepIndex) -> Theta | None:
        """The perturbation of `dynamics`."""
        return self.dynamics.perturbation(problem, inner_key(key), step)

    def refusal(self, problem: AbstractProblem) -> str:
        """Empty for a problem with labels that suits `dynamics`."""
        if not isinstance(problem, AbstractSampled):
            return (
                f"LabelNoise needs a problem with labels; {type(problem).__name__} has none; in "
                "equipoise.problems.custom name them by labels=, with axis= or per_point=True."
            )
        return self.dynamics.refusal(problem)


def _held_if_new(noisy: AbstractProblem, problem: AbstractProblem, step: StepIndex) -> AbstractProblem:
    """The noisy problem with the arrays that are not those of `problem` computed once."""
    known = {id(leaf) for leaf in jax.tree.leaves(problem)}
    new, rest = eqx.partition(noisy, lambda leaf: isinstance(leaf, jax.Array) and id(leaf) not in known)
    return eqx.combine(held(new, step), rest)
