"""Regression with β = uᴰ − vᴰ: an instance, the limits of gradient descent, and the extremes of both regimes."""

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
import scipy.optimize

import equipoise as eq
from equipoise.core.seeds import generator
from equipoise.papers.woodworth2020.shared.seeds import Stream

POINTS, SIZE, LEAST_SLACK = 6, 15, 0.1


class Regression(NamedTuple):
    """X (points x coordinates) and y, fewer points than coordinates."""

    inputs: np.ndarray
    targets: np.ndarray

    @property
    def least_squares(self) -> np.ndarray:
        """The β of least Euclidean norm with Xβ = y."""
        return np.linalg.pinv(self.inputs) @ self.targets

    @property
    def least_sum(self) -> np.ndarray:
        """The β of least ‖β‖₁ with Xβ = y, by linear programming."""
        pair = np.hstack([self.inputs, -self.inputs])
        found = scipy.optimize.linprog(np.ones(pair.shape[1]), A_eq=pair, b_eq=self.targets, method="highs-ds")
        positive, negative = np.split(found.x, 2)
        return positive - negative

    @property
    def slacks(self) -> np.ndarray:
        """1 − |xᵢᵀν| with the ν of xᵢᵀν = sign(βᵢ) on the support of the least sum; 0 there."""
        beta = self.least_sum
        on = np.abs(beta) > 1e-9
        dual = np.linalg.lstsq(self.inputs[:, on].T, np.sign(beta[on]), rcond=None)[0]
        return np.where(on, 0.0, 1 - np.abs(self.inputs.T @ dual))

    def excess(self, beta: np.ndarray) -> np.ndarray | np.floating:
        """‖β‖₁/min − 1 of every β with Xβ = y that has the signs of the dual: Σ slackᵢ |βᵢ| over the minimum."""
        return np.abs(beta) @ self.slacks / np.abs(self.least_sum).sum()


def regression(seed: int) -> Regression:
    """Normal inputs over the root of the number of points, targets of size 1, and every slack off the support ≥ 0.1."""
    random = generator(seed, Stream.REGRESSION)
    while True:
        inputs = random.standard_normal((POINTS, SIZE)) / POINTS**0.5
        targets = random.standard_normal(POINTS)
        made = Regression(inputs, targets / np.linalg.norm(targets))
        if np.partition(made.slacks, POINTS)[POINTS] >= LEAST_SLACK:
            return made


def _loss(depth: int) -> Any:
    def loss(theta: Any, data: Any) -> Any:
        u, v = theta
        inputs, targets = data
        return 0.5 * jnp.sum((inputs @ (u**depth - v**depth) - targets) ** 2)

    return loss


LOSSES = {depth: _loss(depth) for depth in (2, 3, 4)}
"""½‖X(uᴰ − vᴰ) − y‖² by D; one object each, so that each is compiled once."""


def descended(instance: Regression, depth: int, alpha: float, steps: int) -> tuple[np.ndarray, float]:
    """(β, loss) at the end of gradient descent from u = v = α, with steps short enough for a flow."""
    problem = eq.problems.custom(LOSSES[depth], [(SIZE,), (SIZE,)], data=tuple(map(jnp.asarray, instance)))
    largest = max(alpha, np.abs(instance.least_squares).max() ** (1 / depth), 1.0)
    curvature = 2 * (depth * largest ** (depth - 1) * np.linalg.norm(instance.inputs, 2)) ** 2
    start = np.full(SIZE, alpha)
    ran = eq.simulate(
        problem,
        eq.dynamics.GradientDescent(float(0.1 / curvature)),
        eq.initial.Given((start, start)),
        seed=0,
        steps=steps,
        record=eq.Record(steps, ("loss",)),
        progress=False,
    )
    u, v = (np.asarray(part[0]) for part in ran.theta)
    return u**depth - v**depth, float(ran.dataset["loss"][0, -1])
