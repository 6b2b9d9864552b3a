"""Conserved functions as the null space of a linear system sampled at random points and data."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, overload

import numpy as np
from jaxtyping import Float

from equipoise.core.checks import positive_number, whole_number
from equipoise.core.errors import InputError
from equipoise.core.precision import numerics
from equipoise.core.problem import AbstractProblem
from equipoise.core.types import RealNumber, Shapes
from equipoise.theory.conservation.elimination import null_space
from equipoise.theory.conservation.forms import Form, derivatives, pairs, rates
from equipoise.theory.conservation.laws import ConservationLaws
from equipoise.theory.conservation.polynomial_laws import PolynomialLaws
from equipoise.theory.conservation.polynomials import Terms, monomial_rates, monomials
from equipoise.theory.conservation.sampling import Batches, equations, of_function, of_problem
from equipoise.theory.conservation.smallest import smallest_singular

MOST_TERMS = 10_000
"""The largest number of unknowns; they take a few minutes on two cores, and half of them a quarter of one."""
_SPARE, _FRESH, _POINTS, _MANY, _HIGHEST = 1.25, 64, 3, 400, 3

Gradient = Callable[[tuple[np.ndarray, ...], np.random.Generator], Any]
"""θ and a random generator → the gradients on fresh data, one array for each of θ."""


@overload
def conservation_laws(
    problem: AbstractProblem | Gradient,
    *,
    degree: None = None,
    form: str = "full",
    shapes: Sequence[Sequence[int]] | None = None,
    seed: int = 0,
    std: RealNumber = 1.0,
    tolerance: RealNumber | None = None,
) -> ConservationLaws: ...


@overload
def conservation_laws(
    problem: AbstractProblem | Gradient,
    *,
    degree: int,
    form: Literal["full"] = "full",
    shapes: Sequence[Sequence[int]] | None = None,
    seed: int = 0,
    std: RealNumber = 1.0,
    tolerance: RealNumber | None = None,
) -> PolynomialLaws: ...


def conservation_laws(
    problem: AbstractProblem | Gradient,
    *,
    degree: int | None = None,
    form: str = "full",
    shapes: Sequence[Sequence[int]] | None = None,
    seed: int = 0,
    std: RealNumber = 1.0,
    tolerance: RealNumber | None = None,
) -> ConservationLaws | PolynomialLaws:
    """Every quadratic form θᵀQθ, or polynomial, that gradient flow on `problem` conserves for all data.

    They are counted in two ways: `dimension` is the number of linearly independent laws, `independent` that of
    functionally independent ones. Of the entries of WᵀW, say, with W one row, all are known once the diagonal is.

    Along the flow d(θᵀQθ)/dt = −2 θᵀQ∇loss(θ), so Q is conserved if and only if it solves a linear equation at every θ
    and for all data, and so it is with the coefficients of a polynomial. The equations are sampled, a quarter more than
    there are unknowns, and the laws are their null space. Each equation has a random θ with independent N(0, std²)
    entries and, if the problem is an `AbstractRedrawable`, new random data; any other problem keeps its data.

    - `problem`: the problem. Parameters that its loss does not depend on count as conserved. A function
      (θ, generator) → gradients, in NumPy arrays, may take its place, as of a loss in PyTorch; it draws its own data
      by the generator. Then give `shapes`.
    - `degree`: None, the default, for quadratic forms; 1, 2 or 3 for all polynomials without constant term of at most
      this degree. Laws that are no polynomials, such as 1/u + 1/v, are not looked for.
    - `form`: "full", the default, or "diagonal" for sums of squares Σ q_i θ_i² alone, which allows much larger
      problems.
    - `shapes`: the shapes of the arrays of θ, with a function of gradients alone.
    - `seed`: the seed of the samples; 0 by default.
    - `std`: the standard deviation of the entries of θ; 1 by default.
    - `tolerance`: the relative singular value up to which one counts as zero; by default 100 √terms times the rounding
      of the problem's precision. `ConservationLaws.gap` tells whether it matters.

    Raises `InputError` for more than 10 000 unknowns, such as the forms of 141 parameters, and for gradients that are
    not finite or are zero almost everywhere. Source: Du et al. (2018), Theorems 2.1 to 2.3, give laws of this kind; S.
    Marcotte, R. Gribonval and G. Peyré, Abide by the law and follow the flow (2023), count all laws.
    """
    sizes = _shapes(problem, shapes)
    parameters = sum(int(np.prod(shape)) for shape in sizes)
    first, spread = whole_number("seed", seed, 0), positive_number("std", std)
    given = None if tolerance is None else positive_number("tolerance", tolerance)
    rounding = float(np.finfo(problem.dtype).eps) if isinstance(problem, AbstractProblem) else np.finfo(float).eps

    def limit(terms: int) -> float:
        # the smallest singular value of generic equations is about 0.01
        return 100 * float(np.sqrt(terms)) * float(rounding) if given is None else given

    with numerics():
        if isinstance(problem, AbstractProblem):
            batches = of_problem(problem, first, spread)
        else:
            batches = of_function(problem, sizes, first, spread)
        if degree is None:
            return _forms(batches, sizes, _checked(form, parameters), first, limit)
        if form != "full":
            raise InputError("form is for quadratic forms alone; leave degree or form out.")
        return _polynomials(batches, sizes, _terms(degree, parameters), first, limit)


def _forms(batches: Batches, shapes: Shapes, form: Form, seed: int, limit: Callable[[int], float]) -> ConservationLaws:
    """The conserved quadratic forms."""
    parameters = sum(int(np.prod(shape)) for shape in shapes)
    rows, columns = pairs(parameters, form)
    wanted = int(_SPARE * rows.size) + _FRESH
    system = equations(batches, lambda theta, slope: rates(theta, slope, rows, columns), wanted + _FRESH)
    tolerance = limit(rows.size)
    values, null = _null(system[:wanted], tolerance)
    residual = float(np.max(np.abs(null @ system[wanted:].T), initial=0.0))
    points = np.random.default_rng(seed).standard_normal((_POINTS, parameters))
    independent = _rank([derivatives(null, point, form) for point in points], 100 * tolerance)
    return ConservationLaws(
        coefficients=null,
        form=form,
        singular_values=values,
        tolerance=tolerance,
        residual=residual,
        independent=independent,
        shapes=shapes,
    )


def _polynomials(
    batches: Batches, shapes: Shapes, terms: Terms, seed: int, limit: Callable[[int], float]
) -> PolynomialLaws:
    """The conserved polynomials; each term is measured in its own root mean square."""
    parameters = sum(int(np.prod(shape)) for shape in shapes)
    count = sum(len(places) for places in terms)
    wanted = int(_SPARE * count) + _FRESH
    system = equations(batches, lambda theta, slope: monomial_rates(theta, slope, terms), wanted + _FRESH)
    scale = np.sqrt(np.mean(system**2, axis=0))
    scale = np.where(scale > 0, scale, scale.max(initial=0.0))
    tolerance = limit(count)
    values, null = _null(system[:wanted] / scale, tolerance)
    null = null / scale
    null = null / np.linalg.norm(null, axis=1, keepdims=True)
    residual = float(np.max(np.abs(null @ system[wanted:].T), initial=0.0))
    random = np.random.default_rng(seed)
    unit = np.eye(parameters)
    slopes = [
        null @ monomial_rates(np.tile(point, (parameters, 1)), unit, terms).T
        for point in random.standard_normal((_POINTS, parameters))
    ]
    independent = _rank(slopes, 100 * tolerance)
    return PolynomialLaws(
        coefficients=null,
        terms=terms,
        degree=len(terms),
        singular_values=values,
        tolerance=tolerance,
        residual=residual,
        independent=independent,
        shapes=shapes,
    )


def _null(
    system: Float[np.ndarray, "equations terms"], tolerance: float
) -> tuple[Float[np.ndarray, " values"], Float[np.ndarray, "laws terms"]]:
    """The singular values, all or the smallest, and an orthonormal basis of those of at most `tolerance`."""
    return (smallest_singular if system.shape[1] > _MANY else null_space)(system, tolerance)


def _rank(slopes: Sequence[Float[np.ndarray, "laws parameters"]], tolerance: float) -> int:
    """The largest rank of the derivatives of the laws at a few random points."""
    return max(int(np.linalg.matrix_rank(slope, rtol=tolerance)) for slope in slopes)


def _shapes(problem: AbstractProblem | Gradient, shapes: Sequence[Sequence[int]] | None) -> Shapes:
    """The shapes of the arrays of θ."""
    if isinstance(problem, AbstractProblem):
        if shapes is not None:
            raise InputError("The problem has shapes of its own; leave shapes out.")
        return problem.shapes
    if not callable(problem):
        raise InputError(f"problem is of type {type(problem).__name__}; give a problem, or a function of gradients.")
    if shapes is None:
        raise InputError("A function of gradients does not tell its shapes; give shapes, such as [(3, 2), (2,)].")
    return tuple(tuple(whole_number("an entry of shapes", n, 1) for n in shape) for shape in shapes)


def _terms(degree: int, parameters: int) -> Terms:
    """The monomials, if they are not too many."""
    highest = whole_number("degree", degree, 1)
    if highest > _HIGHEST:
        raise InputError(f"degree is {highest}; it must be 1, 2 or 3.")
    count = sum(int(np.prod([(parameters + j) / (j + 1) for j in range(k)]) + 0.5) for k in range(1, highest + 1))
    if count > MOST_TERMS:
        raise InputError(
            f"{parameters} parameters give {count} terms of degree up to {highest}, but at most {MOST_TERMS} can be "
            "solved for; use a lower degree, or a smaller problem."
        )
    return monomials(parameters, highest)


def _checked(form: str, parameters: int) -> Form:
    """`form`, if it does not give too many unknowns."""
    if form != "full" and form != "diagonal":
        raise InputError(f"form is {form!r}; it must be 'full' or 'diagonal'.")
    terms = parameters if form == "diagonal" else parameters * (parameters + 1) // 2
    if terms > MOST_TERMS:
        way_out = (
            "a smaller problem of the same form" if form == "diagonal" else "form='diagonal', or a smaller problem"
        )
        raise InputError(
            f"{parameters} parameters give {terms} quadratic terms, but at most {MOST_TERMS} can be solved for; "
            f"use {way_out}."
        )
    return "full" if form == "full" else "diagonal"
