"""A large matrix in the span of its leading singular vectors, where a step costs next to nothing.

With M ≈ U diag(σ) Vᵀ, the K leading triplets, K ≥ R, the method runs on diag(σ) with K x R factors, and its result is
(UX, VY). Balance, nuclear norm and loss are the same there, up to the constant ½ Σ σ² of the triplets left out, which
is added to the recorded loss. What changes is where the noise acts: in the span alone, with √(d/K) times the standard
deviation, so that the penalty √(ab) is the same.
"""

import dataclasses
import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from equipoise.core.problem import Signal
from equipoise.core.types import AnyArray, Scalar
from equipoise.estimators.factor.settings import FactorizationSettings, Wishes
from equipoise.estimators.factor.target import Target
from equipoise.problems import AbstractProduct, Dense, Factored, Full
from equipoise.problems.parametrizations import Asymmetric
from equipoise.results import Run

Pair = tuple[Float[np.ndarray, "... _ R"], Float[np.ndarray, "... _ R"]]
"""(X, Y)."""


class Truncated(Dense):
    """diag(σ) of the kept triplets; distances count the squares of those left out, `rest`."""

    rest: Float[AnyArray, ""]

    def squared_norm(self) -> Scalar:
        """‖M‖²_F."""
        return super().squared_norm() + self.rest

    def squared_distance(self, product: AbstractProduct) -> Scalar:
        """‖UPVᵀ − M‖²_F."""
        return super().squared_distance(product) + self.rest


class Core(NamedTuple):
    """Where the method runs.

    - `target`: the matrix itself, or diag(σ).
    - `left` (d1 x K), `right` (d2 x K): the singular vectors; None for the matrix itself.
    """

    target: Target
    left: Float[np.ndarray, "d1 K"] | None = None
    right: Float[np.ndarray, "d2 K"] | None = None

    def wishes(self, wishes: Wishes) -> Wishes:
        """The user's wishes, for the core: noise acts on fewer entries, and is larger."""
        if self.right is None or wishes.noise is None:
            return wishes
        return wishes._replace(noise=float(wishes.noise) * math.sqrt(self.right.shape[0] / self.right.shape[1]))

    def reported(self, settings: FactorizationSettings) -> FactorizationSettings:
        """The settings with the noise of the same strength on all entries of X and Y."""
        if self.left is None or self.right is None:
            return settings
        shares = [math.sqrt(basis.shape[1] / basis.shape[0]) for basis in (self.left, self.right)]
        return settings._replace(noise=(settings.noise[0] * shares[0], settings.noise[1] * shares[1]))

    def lifted(self, theta: Pair) -> Pair:
        """Factors of the matrix itself from those in its span."""
        if self.left is None or self.right is None:
            return theta
        return self.left @ theta[0], self.right @ theta[1]

    def lifted_run(self, run: Run) -> Run:
        """The run with the factors of the matrix itself."""
        x, y = run.theta
        return dataclasses.replace(run, theta=self.lifted((x, y)))


def core_of(target: Target) -> Core:
    """The core of a large matrix, or the matrix itself."""
    if not target.is_large:
        return Core(target)
    rank = target.problem.rank
    left, values, right = (np.asarray(part) for part in target.leading)
    measurement = Full(Truncated(np.diag(values), np.asarray(target.rest)))
    identity: AnyArray = np.eye(values.size)
    signal = Signal(identity[:, :rank], values[:rank], identity[:, :rank])
    problem = Factored(measurement, Asymmetric((values.size, values.size), rank), signal)
    small = target._replace(problem=problem, signal=signal)
    return Core(small, left, right)
