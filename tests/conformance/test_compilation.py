"""A number that changes is an argument of the compiled program, not part of it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import equipoise as eq

TARGET = np.random.default_rng(3).standard_normal((4, 3))
SEEN = np.random.default_rng(4).standard_normal((12, 3, 3))


@pytest.fixture
def traced():
    """An observable, and the list that grows by one whenever it is traced."""
    seen = []

    def count(problem, theta):
        seen.append(1)
        return jnp.asarray(0.0)

    return count, seen


def _factorization(target):
    return eq.problems.factorization(target, rank=2)


def _of_the_matrix(target):
    return eq.problems.sensing(SEEN, target.ravel(), parametrization="direct")


def _run(dynamics, function, *, target=TARGET, make=_factorization, seed=0, steps=4, first_step=0, std=0.1):
    record = eq.Record(every=2, observables=(function, "loss"))
    problem = make(target)
    start = eq.initial.Gaussian(std=std)
    return eq.simulate(problem, dynamics, start, seed=seed, steps=steps, first_step=first_step, record=record)


def test_numbers_are_arguments_of_the_compiled_program(method):
    """A program is compiled for the structure of what it gets, with shapes and types; numbers are none of these."""
    if method.name == "Optax":
        pytest.skip("whose numbers are part of the compiled program, as its docstring says")
    shapes = (_of_the_matrix if method.moves_the_matrix else _factorization)(TARGET).shapes
    one, other = (method.make(shapes, number) for number in (0.01, 0.03))
    assert jax.tree.structure(one) == jax.tree.structure(other)
    numbers = [[np.asarray(leaf) for leaf in jax.tree.leaves(made)] for made in (one, other)]
    assert [(n.shape, n.dtype) for n in numbers[0]] == [(n.shape, n.dtype) for n in numbers[1]]
    assert any(not np.array_equal(a, b) for a, b in zip(*numbers, strict=True))


@pytest.mark.parametrize("method", ["GradientDescent", "PerturbedGD-Gaussian", "ProjectedGradient"], indirect=True)
def test_numbers_do_not_compile_again(method, traced):
    function, seen = traced
    make = _of_the_matrix if method.moves_the_matrix else _factorization
    shapes = make(TARGET).shapes
    first = _run(method.make(shapes, 0.01), function, make=make)
    count = len(seen)
    assert count > 0
    second = _run(method.make(shapes, 0.03), function, make=make)
    _run(method.make(shapes, 0.01), function, make=make, seed=5, std=0.2)
    _run(method.make(shapes, 0.01), function, make=make, target=2 * TARGET)
    _run(method.make(shapes, 0.01), function, make=make, steps=8, first_step=3)
    assert len(seen) == count
    assert not np.array_equal(first.theta[0], second.theta[0])


def test_balanced_noise_of_a_schedule_does_not_compile_again(traced):
    """Made anew by each call from the same schedule, with another ratio."""
    function, seen = traced
    schedule = eq.noise.Annealed(0.1, 5.0, 100.0)

    def run(gamma):
        noise = eq.noise.balanced(gamma, schedule, (4, 3))
        _run(eq.dynamics.PerturbedGD(0.01, noise), function)
        return len(seen)

    assert run(1.0) == run(1.0) == run(2.0)


class Counted(eq.initial.AbstractInitial):
    """A start that lists its traces."""

    seen: tuple = ()

    def sample(self, key, replicate, problem):
        TRACES.append(1)
        return eq.initial.Gaussian(0.1).sample(key, replicate, problem)


TRACES: list[int] = []


def test_the_seed_does_not_compile_the_start_again(problem, descent):
    TRACES.clear()
    runs = [eq.simulate(problem, descent, Counted(), seed=seed, steps=0) for seed in (0, 1, 2**40)]
    assert len(TRACES) == 1
    assert len({run.theta[0].tobytes() for run in runs}) == 3


def test_the_unbalance_does_not_compile_the_start_again(problem, descent):
    TRACES.clear()
    starts = [eq.initial.Unbalanced(Counted(), factor) for factor in (2.0, 50.0)]
    runs = [eq.simulate(problem, descent, start, seed=0, steps=0) for start in starts]
    assert len(TRACES) == 1
    np.testing.assert_allclose(runs[1].theta[0], 5 * runs[0].theta[0], rtol=1e-12)


@pytest.mark.parametrize("factory", ["distance", "sharpness", "matrix_gap", "hessian_trace", "condition_number"])
def test_equal_observables_are_one(factory):
    make = getattr(eq.observables, factory)
    assert make() is make()
