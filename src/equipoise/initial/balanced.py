"""A balanced random start."""

import jax
import jax.numpy as jnp
from jaxtyping import Array

from equipoise.core.checks import as_array, non_negative_number
from equipoise.core.draws import standard_normal
from equipoise.core.errors import InputError
from equipoise.core.initial import AbstractInitial
from equipoise.core.precision import numerics
from equipoise.core.problem import AbstractFactorization, AbstractProblem
from equipoise.core.types import AnyArray, Key, RealNumber, StepIndex


class Balanced(AbstractInitial):
    """A random matrix in balanced factors: W₀ with independent N(0, std²) entries, decomposed.

    - `std`: the standard deviation of the entries of W₀, in [M]; for another size use `EndToEnd`.

    With W₀ ≈ A diag(s) Bᵀ, cut to the rank that the factors can have, XYᵀ gets X = A√s and Y = B√s, and W_N … W_1 gets
    A S, S, …, S Bᵀ with S = diag(s)^{1/N}, so that W_{i+1}ᵀW_{i+1} = W_iW_iᵀ. UUᵀ gets the positive part of (W₀ +
    W₀ᵀ)/2, and an entry-by-entry product gets |W₀|^{1/N} in each factor, with the signs in one. Gradient flow keeps
    them balanced. Raises `InputError` for a negative `std`, and for a problem without a balanced form of a matrix.
    Source: S. Arora, N. Cohen, N. Golowich and W. Hu, A convergence analysis of gradient descent for deep linear neural
    networks (2019), Procedure 1.
    """

    std: AnyArray

    def __init__(self, std: RealNumber) -> None:
        self.std = as_array(non_negative_number("std", std))

    def sample(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> tuple[Array, ...]:
        """A start of the problem's shapes."""
        if not isinstance(problem, AbstractFactorization):
            raise InputError(
                f"A balanced start needs a problem with a matrix in factors, but {type(problem).__name__} has none; "
                "start at random, by initial.Gaussian."
            )
        shape = _shape_of(problem)
        matrix = jnp.asarray(self.std, problem.dtype) * standard_normal(key, (shape,), problem.dtype)[0]
        try:
            theta = problem.balanced(matrix)
        except jax.errors.TracerArrayConversionError as error:
            raise InputError(
                "The parametrization writes its `point` in NumPy, but a balanced start needs it in jax.numpy; "
                "write np.linalg as jnp.linalg there."
            ) from error
        return tuple(jnp.asarray(w, problem.dtype) for w in theta)


def _shape_of(problem: AbstractFactorization) -> tuple[int, int]:
    """The shape of the matrix."""
    with numerics():
        theta = tuple(jax.ShapeDtypeStruct(shape, problem.dtype) for shape in problem.shapes)
        # not the method itself: JAX would compare it with those it knows, and so the traced numbers of their problems
        left, right = jax.eval_shape(lambda at: problem.product_factors(at), theta)
    return left.shape[0], right.shape[0]
