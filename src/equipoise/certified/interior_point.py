"""A primal-dual interior-point method: few, costly steps for small problems."""

from typing import NamedTuple

import numpy as np
import scipy.linalg
from jaxtyping import Float

from equipoise.certified.measurements import Measurements
from equipoise.certified.method import AbstractMethod, Point, StalledError
from equipoise.certified.types import Matrix, Vector

Square = Float[np.ndarray, "n n"]

# The method has stalled if steps get shorter than this, or if X is this many times as large as the least-norm solution.
_SHORTEST, _LARGEST = 1e-8, 1e12


class State(NamedTuple):
    """X ≻ 0 and ν, with S = I − A*(ν) ≻ 0 throughout; A(X) = y holds only in the limit."""

    matrix: Square
    dual: Vector


class Scaling(NamedTuple):
    """G and d > 0 with GᵀSG = G⁻¹XG⁻ᵀ = diag(d): the scaling of Nesterov and Todd."""

    root: Square
    values: Float[np.ndarray, " n"]


class InteriorPoint(AbstractMethod):
    """min tr X subject to A(X) = y, X ⪰ 0, by Mehrotra's predictor and corrector along the Nesterov-Todd direction.

    With W = GGᵀ the step solves A(W A*(Δν) W) = y − A(X) − A(G K Gᵀ), and ΔX = G K Gᵀ + W A*(Δν) W, where K is the
    scaled complementarity residual. One step costs O(m n² (n + m) + m³) for matrices, O(m³ + n³) for entries. Source:
    Todd, Toh and Tütüncü, SIAM Journal on Optimization 8 (1998).
    """

    interval = 1

    def __init__(self, measurements: Measurements, data: Vector) -> None:
        """Take symmetric measurements, and data that are not all 0."""
        self._measurements = measurements
        self._scale = float(np.linalg.norm(measurements.adjoint(measurements.solve(data))))
        self._data = data / self._scale

    def start(self) -> State:
        """X = √n I, in units of the size of the least-norm solution, and ν = 0."""
        n = self._measurements.shape[0]
        return State(np.sqrt(n) * np.eye(n), np.zeros(self._measurements.count))

    def point(self, state: State) -> Point:
        """X and ν in the user's units."""
        return Point(self._scale * state.matrix, state.dual)

    def step(self, state: State) -> State:
        """One predictor step and one corrector step."""
        scaling = self._scaling(state)
        solve = _Solver(self._measurements.congruence_gram(scaling.root))
        missing = self._data - self._measurements.apply(state.matrix)
        d = scaling.values
        mean = float(d @ d) / d.size
        # the predictor aims at complementarity 0, K = −D; the further it gets, the less is centered (Mehrotra)
        primal, slack, _ = self._direction(scaling, solve, missing, -np.diag(d))
        reach = min(1.0, _longest(d, primal)), min(1.0, _longest(d, slack))
        after = np.sum((np.diag(d) + reach[0] * primal) * (np.diag(d) + reach[1] * slack)) / d.size
        centering = min(1.0, max(after / mean, 0.0)) ** (1.0 if min(reach) < 0.5 else 3 * min(reach) ** 2)
        cross = primal @ slack
        wanted = centering * mean * np.eye(d.size) - np.diag(d * d) - (cross + cross.T) / 2
        primal, slack, dual = self._direction(scaling, solve, missing, 2 * wanted / (d[:, None] + d[None, :]))
        damping = 0.9 + 0.09 * min(reach)
        forward = min(1.0, damping * _longest(d, primal)), min(1.0, damping * _longest(d, slack))
        if max(forward) < _SHORTEST:
            raise StalledError
        change = scaling.root @ primal @ scaling.root.T
        matrix = state.matrix + forward[0] * (change + change.T) / 2
        return State(matrix, state.dual + forward[1] * dual)

    def _scaling(self, state: State) -> Scaling:
        if not np.abs(state.matrix).max() < _LARGEST:
            raise StalledError
        slack = np.eye(state.matrix.shape[0]) - self._measurements.adjoint(state.dual)
        try:
            of_matrix = np.linalg.cholesky(state.matrix)
            of_slack = np.linalg.cholesky((slack + slack.T) / 2)
        except np.linalg.LinAlgError as problem:
            raise StalledError from problem
        _, values, right = np.linalg.svd(of_slack.T @ of_matrix)
        return Scaling(of_matrix @ (right.T / np.sqrt(values)), values)

    def _direction(
        self, scaling: Scaling, solve: "_Solver", missing: Vector, target: Square
    ) -> tuple[Square, Square, Vector]:
        """Scaled ΔX and ΔS with ΔX + ΔS = `target`, A(ΔX) = `missing`, ΔS = −A*(Δν); and Δν."""
        root = scaling.root
        dual = solve(missing - self._measurements.apply(root @ target @ root.T))
        slack = -root.T @ self._measurements.adjoint(dual) @ root
        return target - slack, slack, dual


class _Solver:
    """M⁻¹ by Cholesky, with diagonal scaled to 1 and iterative refinement: M is ill-conditioned near the optimum."""

    def __init__(self, gram: Matrix) -> None:
        self._sizes = np.sqrt(np.diag(gram))
        if not np.all(self._sizes > 0):
            raise StalledError
        self._gram = gram / self._sizes[:, None] / self._sizes[None, :]
        ridge = 0.0
        for ridge in (0.0, 1e-15, 1e-13, 1e-11):
            try:
                self._factor = scipy.linalg.cho_factor(
                    self._gram + ridge * np.eye(self._sizes.size), check_finite=False
                )
                return
            except scipy.linalg.LinAlgError:
                continue
        raise StalledError

    def __call__(self, values: Vector) -> Vector:
        scaled = values / self._sizes
        solution = scipy.linalg.cho_solve(self._factor, scaled, check_finite=False)
        for _ in range(2):
            error = scaled - self._gram @ solution
            solution = solution + scipy.linalg.cho_solve(self._factor, error, check_finite=False)
        return solution / self._sizes


def _longest(values: Float[np.ndarray, " n"], change: Square) -> float:
    """The largest α with diag(d) + α Δ ⪰ 0."""
    root = np.sqrt(values)
    scaled = change / root[:, None] / root[None, :]
    least = float(np.linalg.eigvalsh((scaled + scaled.T) / 2)[0])
    return -1 / least if least < 0 else np.inf
