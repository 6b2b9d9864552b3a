"""A start with its balance changed."""

import jax.numpy as jnp
from jaxtyping import Array, Int

from equipoise.core.checks import as_array, positive_number
from equipoise.core.errors import InputError
from equipoise.core.initial import AbstractInitial
from equipoise.core.layered import AbstractLayered
from equipoise.core.problem import AbstractFactorization, AbstractProblem
from equipoise.core.types import AnyArray, Key, RealNumber, StepIndex


class Unbalanced(AbstractInitial):
    """Another start with X multiplied and Y divided by √factor, which multiplies the balance ‖X‖/‖Y‖ by `factor`.

    Of N layers without biases, layer i of N is multiplied by factor^(½ − (i − 1)/(N − 1)): each layer compared with the
    next gains the same, and the first compared with the last gains `factor`.

    - `start`: the other start.
    - `factor`: the factor for the balance.

    The product XYᵀ, and the function of a network with activations of degree 1, stay the same. Raises `InputError`
    unless `factor` is finite and greater than 0, and for a θ that is not two factors or such layers.
    """

    start: AbstractInitial
    factor: AnyArray

    def __init__(self, start: AbstractInitial, factor: RealNumber) -> None:
        self.start = start
        self.factor = as_array(positive_number("factor", factor))

    @property
    def needs_signal(self) -> bool:
        """Whether the other start needs the known optimum."""
        return self.start.needs_signal

    def replicates(self, problem: AbstractProblem) -> int | None:
        """The number of replicates for which the other start has one."""
        return self.start.replicates(problem)

    @property
    def is_conditional(self) -> bool:
        """Whether draws of the other start are rejected."""
        return self.start.is_conditional

    def rejected(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> Int[AnyArray, ""]:
        """How many draws of the other start are rejected."""
        return self.start.rejected(key, replicate, problem)

    def sample(self, key: Key, replicate: StepIndex, problem: AbstractProblem) -> tuple[Array, ...]:
        """The scaled start."""
        drawn = self.start.sample(key, replicate, problem)
        count = len(drawn)
        is_pair = count == 2 and not (isinstance(problem, AbstractFactorization) and problem.is_entrywise)
        if not (is_pair or (count > 2 and _is_homogeneous(problem))):
            raise InputError(
                f"Unbalanced changes the balance of two arrays or of layers without biases, but "
                f"{type(problem).__name__} has arrays of shapes {problem.shapes}; use a factorization XYᵀ or "
                "DeepLinear."
            )
        if count == 2:
            root = jnp.sqrt(jnp.asarray(self.factor, problem.dtype))
            return drawn[0] * root, drawn[1] * (1 / root)
        factor = jnp.asarray(self.factor, problem.dtype)
        return tuple(w * factor ** (0.5 - i / (count - 1)) for i, w in enumerate(drawn))


def _is_homogeneous(problem: AbstractProblem) -> bool:
    """Whether θ is the weights of layers, one array for each, whose map is of degree 1 in every one of them."""
    if not isinstance(problem, AbstractLayered):
        return False
    theta = tuple(jnp.zeros(shape, problem.dtype) for shape in problem.shapes)
    try:
        chain = problem.chain(theta)
    except InputError:
        return False
    whole = len(chain.layers) == len(theta) and all(b.degree == 1 and not b.obstacle for b in chain.between)
    return whole and not any(layer.obstacle for layer in chain.layers)
