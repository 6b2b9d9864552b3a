"""The curve on which gradient flow moves the parameters of each entry, and the mirror map that it gives.

Let every entry W = f(θ) have parameters of its own. Gradient flow on any loss of W is θ̇ = −G ∇f(θ), with G the
gradient with respect to that entry. In the time ξ = −∫G dt it is θ' = ∇f(θ), which no longer depends on the loss. So θ
moves on one curve, and W and ξ determine each other: ξ is the mirror image of W. For diagonal networks W = Pᴸ − Qᴸ with

    L = 2:  P = P₀ e^{κξ/2}, Q = Q₀ e^{−κξ/2};    L > 2:  P^{2−L} = P₀^{2−L} − κξ, Q^{2−L} = Q₀^{2−L} + κξ.

Source: B. Woodworth et al., Kernel and rich regimes in overparametrized models (2020), Sections 4 and 5; for any start
derived in the same way.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from equipoise.core.errors import InputError
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import Theta
from equipoise.problems.factored import Factored
from equipoise.problems.parametrizations import Hadamard, PowerDifference

Entries = Float[np.ndarray, "d1 d2"]
_HALVINGS, _EQUAL = 200, 1e-9


class Orbits(NamedTuple):
    """The curves of all entries.

    - `up`, `down`: P₀ and Q₀, each 0 or greater, and not both 0.
    - `depth`, `rate`: L and κ.
    """

    up: Entries
    down: Entries
    depth: int
    rate: float

    def sizes(self, dual: Entries) -> tuple[Entries, Entries]:
        """(P, Q) at ξ; infinite or NaN where ξ lies beyond the end of its curve."""
        with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
            if self.depth == 2:
                return self.up * np.exp(self.rate / 2 * dual), self.down * np.exp(-self.rate / 2 * dual)
            power = 2 - self.depth
            ups, downs = self.up**power - self.rate * dual, self.down**power + self.rate * dual
            found = (np.where(side > 0, side, np.nan) ** (1 / power) for side in (ups, downs))
            up, down = found
            return np.where(self.up > 0, up, 0.0), np.where(self.down > 0, down, 0.0)

    def matrix(self, dual: Entries) -> Entries:
        """W at ξ."""
        up, down = self.sizes(dual)
        with np.errstate(over="ignore", invalid="ignore"):
            return up**self.depth - down**self.depth

    def slope(self, dual: Entries) -> Entries:
        """dW/dξ = ‖∇f‖² at ξ."""
        up, down = self.sizes(dual)
        factor = self.rate if self.depth == 2 else self.rate * self.depth / (self.depth - 2)
        with np.errstate(over="ignore", invalid="ignore"):
            return factor * (up ** (2 * self.depth - 2) + down ** (2 * self.depth - 2))

    def conjugate(self, dual: Entries) -> float:
        """Σ ∫₀^ξ W dξ over the entries, the convex conjugate of the entropy: a multiple of ‖(P, Q)‖² − ‖(P₀, Q₀)‖²."""
        up, down = self.sizes(dual)
        factor = 1 / self.rate if self.depth == 2 else (self.depth - 2) / (2 * self.rate)
        with np.errstate(over="ignore", invalid="ignore"):
            return float(factor * np.sum(up**2 - self.up**2 + (down**2 - self.down**2)))

    def dual(self, matrix: Entries) -> Entries:
        """ξ at W; raises `InputError` for an entry that its curve does not reach."""
        one_sided = (self.up == 0) | (self.down == 0)
        lost = np.argwhere(one_sided & (np.where(self.up > 0, matrix, -matrix) <= 0))
        if lost.size:
            i, j = (int(k) for k in lost[0])
            raise InputError(
                f"Entry ({i}, {j}) is {matrix[i, j]:g}, but from this start gradient flow keeps the sign of its start; "
                "give a matrix with the same signs."
            )
        return self._dual_of_squares(matrix) if self.depth == 2 else self._dual_of_powers(matrix)

    def _dual_of_squares(self, matrix: Entries) -> Entries:
        with np.errstate(divide="ignore", invalid="ignore"):
            both = np.arcsinh(matrix / (2 * self.up * self.down)) - np.log(self.up / self.down)
            alone = np.where(self.up > 0, np.log(matrix / self.up**2), -np.log(-matrix / self.down**2))
        return np.where((self.up > 0) & (self.down > 0), both, alone) / self.rate

    def _dual_of_powers(self, matrix: Entries) -> Entries:
        """From the larger of P and Q, which is found by bisection: P^{2−L} + Q^{2−L} is kept."""
        depth, power, size = self.depth, 2 - self.depth, np.abs(matrix)
        with np.errstate(divide="ignore", invalid="ignore"):
            starts = self.up**power, self.down**power
            kept = starts[0] + starts[1]  # infinite on curves of one side
            equal = np.where(np.isfinite(kept), (kept / 2) ** (1 / power), 0.0)
            low, high = np.maximum(equal, size ** (1 / depth)), (size + equal**depth) ** (1 / depth)
            for _ in range(_HALVINGS):
                middle = np.sqrt(low) * np.sqrt(high)
                other = np.where(np.isfinite(kept), (kept - middle**power) ** (depth / power), 0.0)
                above = middle**depth - other > size
                low, high = np.where(above, low, middle), np.where(above, middle, high)
            larger = high**power
            is_up = np.where(self.down == 0, True, (matrix >= 0) & (self.up > 0))
            return np.where(is_up, starts[0] - larger, larger - starts[1]) / self.rate


def orbits_of(problem: AbstractProblem, start: Theta) -> Orbits:
    """The curves of a diagonal network from a start; raises `InputError` for other problems and for those without."""
    parametrization = problem.parametrization if isinstance(problem, Factored) else None
    if not isinstance(parametrization, Hadamard | PowerDifference):
        raise InputError(
            f"Only diagonal networks have a hyperbolic entropy, not {type(parametrization or problem).__name__}; use "
            "problems.Hadamard or problems.PowerDifference."
        )
    arrays = tuple(np.asarray(w, float) for w in start)
    if tuple(w.shape for w in arrays) != parametrization.shapes:
        raise InputError(
            f"The start has shapes {tuple(w.shape for w in arrays)}, but the problem's are {parametrization.shapes}."
        )
    if isinstance(parametrization, PowerDifference):
        found = _of_powers(arrays, parametrization.depth)
    else:
        found = _of_pair(arrays) if parametrization.depth == 2 else _of_products(arrays)
    stuck = np.argwhere((found.up == 0) & (found.down == 0))
    if stuck.size:
        raise InputError(
            f"The parameters of entry {tuple(int(k) for k in stuck[0])} are 0 at the start, where gradient flow never "
            "moves them; start them elsewhere."
        )
    return found


def theta_at(problem: Factored, start: Theta, dual: Entries) -> tuple[np.ndarray, ...]:
    """θ at ξ on the curves from a start."""
    up, down = orbits_of(problem, start).sizes(dual)
    arrays = tuple(np.asarray(w, float) for w in start)
    if isinstance(problem.parametrization, PowerDifference):
        return np.copysign(up, arrays[0]), np.copysign(down, arrays[1])
    if len(arrays) == 2:
        mean, half = np.copysign(up, arrays[0] + arrays[1]), np.copysign(down, arrays[0] - arrays[1])
        return mean + half, mean - half
    return tuple(np.copysign(up + down, w) for w in arrays)


def _of_powers(arrays: tuple[np.ndarray, ...], depth: int) -> Orbits:
    """Uᴸ − Vᴸ, where only an odd power sees the signs of U and V."""
    if depth % 2 and min(w.min() for w in arrays) < 0:
        raise InputError(f"A parameter is negative at the start; at the odd depth {depth} give 0 or greater.")
    return Orbits(np.abs(arrays[0]), np.abs(arrays[1]), depth, 4.0 if depth == 2 else depth * (depth - 2.0))


def _of_pair(arrays: tuple[np.ndarray, ...]) -> Orbits:
    """U ∘ V = P² − Q² with P = |U + V|/2 and Q = |U − V|/2."""
    return Orbits(np.abs(arrays[0] + arrays[1]) / 2, np.abs(arrays[0] - arrays[1]) / 2, 2, 2.0)


def _of_products(arrays: tuple[np.ndarray, ...]) -> Orbits:
    """W_1 ∘ … ∘ W_N of equal sizes |W_i|, which flow keeps equal."""
    sizes, depth = np.abs(np.stack(arrays)), len(arrays)
    if np.any(np.ptp(sizes, axis=0) > _EQUAL * sizes.max(axis=0)):
        raise InputError(
            f"A product of {depth} arrays has a closed form only from a balanced start; give all of them the same "
            "absolute values, or simulate it with dynamics.GradientFlow."
        )
    positive = np.prod(np.sign(np.stack(arrays)), axis=0) > 0
    return Orbits(np.where(positive, sizes[0], 0.0), np.where(positive, 0.0, sizes[0]), depth, depth - 2.0)
