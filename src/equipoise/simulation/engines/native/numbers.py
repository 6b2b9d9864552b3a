"""The step sizes and the deviations of the noise as the compiled code reads them: by step, case and factor."""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.noise import AbstractNoise
from equipoise.core.precision import numerics
from equipoise.core.schedules import PerFactor
from equipoise.dynamics import GradientDescent, PerturbedGD
from equipoise.noise import Gaussian, Until
from equipoise.simulation.batch import Batch, Experiment
from equipoise.simulation.law import NO_END, ReducedDescent


class Numbers(NamedTuple):
    """The numbers of a method for some steps; replicates with the same numbers are one case.

    - `sizes`: the step sizes, (step, case, factor); one row if they are constant.
    - `deviations`: the standard deviations of the noise, likewise; no row without noise.
    - `of_case`: the case of each replicate.
    """

    sizes: Float[np.ndarray, "steps cases 2"]
    deviations: Float[np.ndarray, "steps cases 2"]
    of_case: Int[np.ndarray, " replicates"]


def law_of(method: PerturbedGD) -> AbstractNoise:
    """The noise law, which may end at some step."""
    return method.noise.law if isinstance(method.noise, Until) else method.noise


def numbers_of(experiment: Experiment, batch: Batch, first: int, count: int) -> Numbers:
    """The numbers of `count` steps of gradient descent, perturbed or not, the first of them number `first`."""
    dtype = experiment.problem.dtype
    own = None if batch.own is None else batch.own.dynamics
    method, of_case, cases = _by_case(experiment.dynamics, own, batch.status.shape[0])
    step_size, std, last = _parts_of(method)
    sizes = _rows(step_size, cases, first, count, dtype)
    if std is None:
        return Numbers(sizes, np.empty((0, cases, 2), dtype), of_case)
    deviations = _rows(std, cases, first, count, dtype)
    if last is not None:
        lasts = np.arange(first, first + count)[:, None] < np.asarray(last)
        deviations = np.ascontiguousarray(np.where(lasts[..., None], deviations, dtype.type(0)))
    return Numbers(sizes, deviations, of_case)


def _parts_of(method: AbstractDynamics) -> tuple[PerFactor, PerFactor | None, Any]:
    """The step sizes, the standard deviations of the noise if there is any, and its last step if it ends."""
    if isinstance(method, ReducedDescent):
        noise = method.noise
        if noise is None:
            return method.step_size, None, None
        return method.step_size, noise.std, None if np.all(np.asarray(noise.last) == NO_END) else noise.last
    assert isinstance(method, GradientDescent | PerturbedGD)
    if not isinstance(method, PerturbedGD):
        return method.step_size, None, None
    law = law_of(method)
    assert isinstance(law, Gaussian)
    return method.step_size, law.std, method.noise.last if isinstance(method.noise, Until) else None


def _by_case(shared: AbstractDynamics, own: Any, replicates: int) -> tuple[AbstractDynamics, np.ndarray, int]:
    """The method with an axis of cases in front of its arrays, the case of each replicate, and the number of cases."""
    mine = [np.asarray(leaf) for leaf in jax.tree.leaves(own)]
    if mine:
        table = np.concatenate([leaf.reshape(replicates, -1).astype(float) for leaf in mine], axis=1)
        _, examples, of_case = np.unique(table, axis=0, return_index=True, return_inverse=True)
        of_case = of_case.reshape(-1)
        own = jax.tree.map(lambda leaf: np.asarray(leaf)[examples], own)
    else:
        examples, of_case = np.zeros(1, int), np.zeros(replicates, np.int64)
        own = jax.tree.map(lambda leaf: None, shared)
    cases = examples.size

    def with_axis(leaf: Any) -> Any:
        return np.broadcast_to(leaf, (cases, *np.shape(leaf))) if eqx.is_array_like(leaf) else leaf

    method = eqx.combine(own, jax.tree.map(with_axis, shared))
    return method, np.ascontiguousarray(of_case, np.int64), cases


def _rows(values: PerFactor, cases: int, first: int, count: int, dtype: np.dtype) -> np.ndarray:
    """The values of both factors at each of the steps, or in one row if they are constant."""
    values.check(2)
    if values.is_constant:
        columns = [np.broadcast_to(np.asarray(value, dtype), cases) for value in values.values]
        return np.ascontiguousarray(np.stack(columns * (2 // len(columns)), axis=-1)[None])
    room = max(1024, 1 << (count - 1).bit_length())  # few sizes, because each is compiled
    with numerics():
        rows = np.asarray(_at_steps(values, cases, np.dtype(dtype).name, jnp.asarray(first), room))
    return np.ascontiguousarray(rows[:count])


@eqx.filter_jit
def _at_steps(values: PerFactor, cases: int, dtype: str, first: Array, count: int) -> Array:
    """The values of both factors of each of `cases` at `count` steps, (step, case, factor)."""

    def at(step: Array) -> Array:
        return eqx.filter_vmap(lambda case: jnp.stack(case.at(step, 2, dtype)), axis_size=cases)(values)

    return jax.vmap(at)(first + jnp.arange(count))
