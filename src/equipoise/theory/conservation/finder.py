"""Conserved quadratic forms as the null space of a linear system sampled at random points and data."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float

from equipoise.core.checks import positive_number, whole_number
from equipoise.core.errors import InputError
from equipoise.core.precision import numerics
from equipoise.core.problem import AbstractProblem
from equipoise.core.sampled import AbstractRedrawable
from equipoise.core.types import Key, RealNumber, Theta
from equipoise.theory.conservation.elimination import null_space
from equipoise.theory.conservation.forms import Form, derivatives, pairs, rates
from equipoise.theory.conservation.laws import ConservationLaws

MOST_TERMS = 6000
"""The largest number of unknowns; they take about a minute on two cores."""
_SPARE, _FRESH, _BATCH, _RAREST, _POINTS = 1.25, 64, 512, 50, 3

Sample = Callable[[Key], tuple[Float[Array, " parameters"], Float[Array, " parameters"]]]
"""A function from a key to a random θ and the gradient there, both flat and of norm 1."""


def conservation_laws(
    problem: AbstractProblem,
    *,
    form: str = "full",
    seed: int = 0,
    std: RealNumber = 1.0,
    tolerance: RealNumber | None = None,
) -> ConservationLaws:
    """Every quadratic form θᵀQθ that gradient flow on `problem` conserves for all data.

    They are counted in two ways: `dimension` is the number of linearly independent forms, `independent` that of
    functionally independent ones. Of the entries of WᵀW, say, with W one row, all are known once the diagonal is.

    Along the flow d(θᵀQθ)/dt = −2 θᵀQ∇loss(θ), so Q is conserved if and only if it solves a linear equation at every θ
    and for all data. The equations are sampled, a quarter more than there are unknowns, and the laws are their null
    space. Each equation has a random θ with independent N(0, std²) entries and, if the problem is an
    `AbstractRedrawable`, new random data; any other problem keeps its data.

    - `problem`: the problem. Parameters that its loss does not depend on count as conserved.
    - `form`: "full", the default, or "diagonal" for sums of squares Σ q_i θ_i² alone, which allows much larger
      problems.
    - `seed`: the seed of the samples; 0 by default.
    - `std`: the standard deviation of the entries of θ; 1 by default.
    - `tolerance`: the relative singular value up to which one counts as zero; by default 100 √terms times the rounding
      of the problem's precision. `ConservationLaws.gap` tells whether it matters.

    Raises `InputError` for more than 6000 unknowns, and for gradients that are not finite or are zero almost
    everywhere. Source: Du et al. (2018), Theorems 2.1 to 2.3, give laws of this kind; S. Marcotte, R. Gribonval and G.
    Peyré, Abide by the law and follow the flow (2023), count all laws.
    """
    parameters = sum(int(np.prod(shape)) for shape in problem.shapes)
    kind = _checked(form, parameters)
    rows, columns = pairs(parameters, kind)
    limit = _tolerance(problem, rows.size) if tolerance is None else positive_number("tolerance", tolerance)
    first = whole_number("seed", seed, 0)
    with numerics():
        sample = _sampler(problem, positive_number("std", std))
        equations = int(_SPARE * rows.size) + _FRESH

        def equation(key: Key) -> Array:
            return rates(*sample(key), jnp.asarray(rows), jnp.asarray(columns))

        # this generator compiles faster than that of runs, which must draw the same numbers on every device
        system = _sampled(jax.jit(jax.vmap(equation)), jax.random.key(first, impl="rbg"), equations + _FRESH)
    values, null = null_space(system[:equations], limit)
    residual = float(np.max(np.abs(null @ system[equations:].T), initial=0.0))
    independent = _rank(null, parameters, kind, first, 100 * limit)
    return ConservationLaws(null, kind, values, limit, residual, independent, problem.shapes)


def _rank(laws: Float[np.ndarray, "laws terms"], parameters: int, form: Form, seed: int, tolerance: float) -> int:
    """The largest rank of the derivatives of the forms at a few random points."""
    points = np.random.default_rng(seed).standard_normal((_POINTS, parameters))
    return max(int(np.linalg.matrix_rank(derivatives(laws, point, form), rtol=tolerance)) for point in points)


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


def _tolerance(problem: AbstractProblem, terms: int) -> float:
    """A hundred times the rounding error of a zero; the smallest singular value of generic equations is about 0.01."""
    return 100 * float(np.sqrt(terms)) * float(np.finfo(problem.dtype).eps)


def _sampler(problem: AbstractProblem, std: float) -> Sample:
    """A sampler of random points on random data."""
    sizes = [int(np.prod(shape)) for shape in problem.shapes]

    def sample(key: Key) -> tuple[Array, Array]:
        here, elsewhere = jax.random.split(key)
        flat = std * jax.random.normal(here, (sum(sizes),), problem.dtype)
        arrays = jnp.split(flat, np.cumsum(sizes)[:-1])
        theta: Theta = tuple(w.reshape(shape) for w, shape in zip(arrays, problem.shapes, strict=True))
        drawn = problem.redrawn(elsewhere) if isinstance(problem, AbstractRedrawable) else problem
        return _unit(flat), _unit(ravel_pytree(drawn.gradient(theta))[0])

    return sample


def _unit(vector: Array) -> Array:
    """The vector divided by its norm; zero stays zero."""
    norm = jnp.linalg.norm(vector)
    return vector / jnp.where(norm == 0, 1, norm)


def _sampled(equations: Callable[[Key], Array], key: Key, wanted: int) -> Float[np.ndarray, "equations terms"]:
    """The wanted number of equations, made in batches to save memory.

    Points where the gradient is zero are skipped, because they give no equation; a narrow ReLU network has many.
    """
    found: list[np.ndarray] = []
    have, first = 0, 0
    while have < wanted:
        keys = jax.random.split(jax.random.fold_in(key, first), _BATCH)
        batch = np.asarray(equations(keys), dtype=float)
        if not np.all(np.isfinite(batch)):
            raise InputError("Gradients at random points are not finite; choose another std.")
        batch = batch[np.any(batch != 0, axis=1)]
        found.append(batch)
        have, first = have + len(batch), first + _BATCH
        if have < first / _RAREST:
            raise InputError(
                f"The gradient is zero at all but {have} of {first} random points, which are too few to find laws; "
                "choose another std, or wider layers."
            )
    return np.concatenate(found)[:wanted]
