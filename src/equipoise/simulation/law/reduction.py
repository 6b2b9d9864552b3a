"""The reduction of Perturbed GD on a factorization to few coordinates, exactly in law.

Let M = U diag(σ) Vᵀ have rank k. Write X = UP + X⊥ and Y = VQ + Y⊥, where X⊥ = O R with orthonormal columns O and R
upper triangular. The gradients depend on P, Q and the Gram matrices alone, and the noise is isotropic. In the span of O
it is r x r independent normal numbers N. In the d1 − k − r directions beyond them it is a Gaussian matrix Z, of
which only the triangular factor T matters, with TᵀT = ZᵀZ (Bartlett 1933). With G = ỸᵀỸ the step is

    P ← P − ηc(P̃G − diag(σ)Q̃),    [R; 0] ← [R; 0] − ηc [R + sN; sT] G,

and the triangular factor of the last is the new R. A rotation of the directions beyond O changes no law. So a step
takes O((k + r) r²) operations, whatever d1 and d2, and loss, balance, singular values and Hessian are those of the pair
([P; R], [Q; R']) on the small matrix diag(σ, 0). At rank 1 without noise these are the coordinates of Du et al. (2018),
Appendix C.
"""

from typing import NamedTuple

import numpy as np

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.errors import InputError
from equipoise.core.initial import AbstractInitial
from equipoise.core.observable import Observable
from equipoise.core.problem import AbstractProblem, Signal
from equipoise.dynamics import GradientDescent, PerturbedGD
from equipoise.initial import Gaussian as GaussianStart
from equipoise.noise import Gaussian, Until
from equipoise.observables import BY_NAME
from equipoise.problems.factored import Factored
from equipoise.problems.matrices import Dense
from equipoise.problems.measurements import Full
from equipoise.problems.parametrizations import Asymmetric
from equipoise.simulation.law.chi import pieces_of
from equipoise.simulation.law.method import NO_END, Noise, ReducedDescent, Side
from equipoise.simulation.law.start import Projected, ReducedGaussian


class Reduced(NamedTuple):
    """A problem, a method and a start in the reduced coordinates."""

    problem: Factored
    dynamics: ReducedDescent
    init: AbstractInitial | None


def refusal_of(problem: AbstractProblem, dynamics: AbstractDynamics, observables: tuple[Observable, ...]) -> str:
    """Why a run cannot be reduced, as in "the law engine …"; empty if it can."""
    is_full = (
        isinstance(problem, Factored)
        and isinstance(problem.parametrization, Asymmetric)
        and isinstance(problem.measurement, Full)
    )
    if not is_full:
        return "runs factorizations XYᵀ of a whole matrix alone"
    if type(dynamics) not in (GradientDescent, PerturbedGD):
        return f"runs GradientDescent and PerturbedGD alone, not {type(dynamics).__name__}"
    if isinstance(dynamics, PerturbedGD):
        law = dynamics.noise.law if isinstance(dynamics.noise, Until) else dynamics.noise
        if type(law) is not Gaussian:
            return f"draws isotropic Gaussian noise alone, not {type(law).__name__}"
    for observable in observables:
        if observable.name not in BY_NAME:
            return f"records the package's own observables alone, and {observable.name} may ask for more than it keeps"
    return ""


def reduction(problem: AbstractProblem, dynamics: AbstractDynamics, init: AbstractInitial | None) -> Reduced:
    """The run in reduced coordinates; raises `InputError` if there are none."""
    why = refusal_of(problem, dynamics, ())
    if why:
        raise InputError(f'The law engine {why}; use engine="auto".')
    assert isinstance(problem, Factored)
    measurement = problem.measurement
    assert isinstance(measurement, Full)
    assert isinstance(dynamics, GradientDescent | PerturbedGD)
    (d1, width), (d2, _) = problem.shapes
    left, values, right = (np.asarray(part) for part in measurement.target.singular_triplets(min(d1, d2)))
    kept = values > np.finfo(problem.dtype).eps * max(d1, d2) * values[:1].sum()
    left, values, right = left[:, kept], values[kept], right[:, kept]
    sides = _side(d1, values.size, width), _side(d2, values.size, width)
    further = [
        pieces_of(d - side.on - side.off, side.beyond, problem.dtype) for d, side in zip((d1, d2), sides, strict=True)
    ]
    method = ReducedDescent(
        dynamics.step_size,
        _noise_of(dynamics),
        values.astype(problem.dtype),
        (further[0], further[1]),
        sides,
        2.0 * measurement.scale,
    )
    small = _small_problem(problem, measurement.scale, values, sides)
    return Reduced(small, method, None if init is None else _start_of(init, problem, (left, right), sides))


def _side(size: int, on: int, width: int) -> Side:
    off = min(width, size - on)
    return Side(on, off, min(width, size - on - off))


def _small_problem(problem: Factored, scale: float, values: np.ndarray, sides: tuple[Side, Side]) -> Factored:
    """½‖XYᵀ − diag(σ, 0)‖² or its multiple, which remembers the shape of the whole."""
    sizes = sides[0].on + sides[0].off, sides[1].on + sides[1].off
    matrix = np.zeros(sizes, problem.dtype)
    matrix[range(values.size), range(values.size)] = values
    parametrization = Asymmetric(sizes, problem.shapes[0][1], problem.measurement.shape)
    count = min(problem.rank, values.size)
    signal = Signal(np.eye(sizes[0], count), values[:count], np.eye(sizes[1], count))
    return Factored(Full(Dense(matrix), scale), parametrization, signal)


def _noise_of(dynamics: AbstractDynamics) -> Noise | None:
    if not isinstance(dynamics, PerturbedGD):
        return None
    noise = dynamics.noise
    law, last = (noise.law, np.asarray(noise.last)) if isinstance(noise, Until) else (noise, np.asarray(NO_END))
    assert isinstance(law, Gaussian)
    return Noise(law.std, last)


def _start_of(
    init: AbstractInitial, problem: Factored, bases: tuple[np.ndarray, np.ndarray], sides: tuple[Side, Side]
) -> AbstractInitial:
    """A Gaussian start without its rows, any other one drawn and then reduced."""
    if type(init) is GaussianStart:
        rest = [
            pieces_of(d - side.on, side.off, problem.dtype) for (d, _), side in zip(problem.shapes, sides, strict=True)
        ]
        return ReducedGaussian(init.std, (rest[0], rest[1]), sides)
    whole = problem.with_signal() if init.needs_signal else problem
    return Projected(init, whole, bases, sides)
