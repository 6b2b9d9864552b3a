"""Laws that are no quadratic forms, laws from gradients of one's own, and many unknowns."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import equipoise as eq
from equipoise.theory.conservation.elimination import null_space
from equipoise.theory.conservation.smallest import smallest_singular

find = eq.theory.conservation_laws


@pytest.fixture(scope="module")
def exponential():
    """u eᵛ: the flow keeps u²/2 − v, which is no quadratic form."""

    def loss(theta, data):
        return jnp.sum((data[:2] * theta[0] * jnp.exp(theta[1]) - data[2]) ** 2)

    return eq.problems.custom(loss, [(), ()], redraw=lambda key: jax.random.normal(key, (3,)))


def product(theta, random):
    """Gradients of (u·v − y)² in NumPy; the flow keeps uᵢ² − vᵢ² of a product of entries."""
    u, v = theta
    data = random.standard_normal(u.shape)
    rest = u * v - data
    return rest * v, rest * u


@pytest.fixture(scope="module")
def quadratic(exponential):
    return find(exponential)


@pytest.fixture(scope="module")
def cubic():
    return find(product, shapes=[(2,), (2,)], degree=3)


def test_a_law_of_mixed_degree_is_found_and_no_lower_one(exponential, quadratic):
    assert quadratic.dimension == 0
    laws = find(exponential, degree=2)
    assert (laws.dimension, laws.independent) == (1, 1)
    assert laws.is_clear
    assert laws.gap > 1e10
    assert laws.residual < 1e-13
    assert laws.describe(names=("u", "v")) == ["v − 0.5 u²"]
    at = (np.array(3.0), np.array(1.0))
    np.testing.assert_allclose(laws.values(at) / laws.coefficients[0, 1], 1.0 - 4.5)


def test_what_was_not_looked_for_is_said(exponential, quadratic):
    assert "others were not looked for; see degree" in quadratic.status
    assert quadratic.describe() == []
    assert find(exponential, degree=1).status.startswith("no polynomial laws of degree at most 1 (others were not")


def test_a_law_that_is_no_polynomial_is_none_of_any_degree():
    def loss(theta, data):  # 1/u + 1/v of each entry
        return (data @ (theta[0] ** 3 - theta[1] ** 3) - 1) ** 2

    problem = eq.problems.custom(loss, [(1,), (1,)], redraw=lambda key: jax.random.normal(key, (1,)))
    laws = find(problem, degree=3)
    assert laws.dimension == 0
    assert "degree at most 3 (others were not looked for)" in laws.status


def test_a_linear_law_its_powers_and_what_is_independent():
    def slope(theta, random):  # of a function of a − b: a + b is kept
        rest = np.cos(theta[0] - theta[1]) * random.standard_normal()
        return rest, -rest

    laws = find(slope, shapes=[(), ()], degree=3)
    assert (laws.dimension, laws.independent) == (3, 1)
    assert find(slope, shapes=[(), ()], degree=1).describe() == ["W1 + W2"]


def test_gradients_of_ones_own_give_the_laws_of_their_loss(cubic):
    quadratic = find(product, shapes=[(2,), (2,)])
    assert quadratic.dimension == cubic.dimension == cubic.independent == 2
    assert sorted(quadratic.describe(names=("u", "v"))) == ["u[0]² − v[0]²", "u[1]² − v[1]²"]
    assert sorted(cubic.describe()) == ["W1[0]² − W2[0]²", "W1[1]² − W2[1]²"]
    assert cubic.parameters == 4


def test_gradients_from_torch():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")

    def gradient(theta, random):
        first, second = (torch.tensor(w, requires_grad=True) for w in theta)
        inputs, targets = (torch.tensor(random.standard_normal((6, d))) for d in (3, 2))
        ((torch.relu(inputs @ first.T) @ second.T - targets) ** 2).mean().backward()
        return first.grad, second.grad

    laws = find(gradient, shapes=[(2, 3), (2, 2)])
    assert laws.dimension == 2
    assert laws.residual < 1e-13


def test_the_smallest_singular_values_are_those_of_the_whole_decomposition():
    random = np.random.default_rng(0)
    system = random.standard_normal((260, 200))
    null = np.linalg.qr(random.standard_normal((200, 20)))[0]
    system -= (system @ null) @ null.T
    values, found = smallest_singular(system, 1e-12)
    every, same = null_space(system, 1e-12)
    assert len(found) == len(same) == 20
    assert values[values < 1e-8].max() < 1e-14
    np.testing.assert_allclose(found @ same.T @ same, found, atol=1e-13)
    np.testing.assert_allclose(values[values > 1e-8].min(), every[every > 1e-8].min(), rtol=0.1)


def test_a_gradient_near_zero_does_not_spoil_a_law():
    """A saturated loss has gradients that are known to few digits; they weigh less."""
    calls = iter(range(10**6))

    def slope(theta, random):
        size = 1e-9 if next(calls) % 10 == 0 else 1.0
        error = 1e-16 * random.standard_normal(2)
        return (size * theta[1] + error[0], size * theta[0] + error[1])

    laws = find(slope, shapes=[(), ()])
    assert laws.dimension == 1
    assert laws.gap > 1e13


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: find(product), "give shapes"),
        (lambda: find(product, shapes=[(2,), (2,)], degree=4), "degree is 4; it must be 1, 2 or 3"),
        (lambda: find(product, shapes=[(2,), (2,)], degree=2, form="diagonal"), "form is for quadratic forms"),
        (lambda: find(product, shapes=[(40,), (40,)], degree=3), "80 parameters give 91880 terms of degree up to 3"),
        (lambda: find(lambda theta, random: (theta[0],), shapes=[(2,), (2,)]), "The gradient has shapes"),
        (lambda: find(product, shapes=[(2,), (2,)]).describe(names=["u"]), "1 names for 2 arrays"),
    ],
)
def test_what_cannot_be_done_is_said(call, words):
    with pytest.raises(eq.InputError, match=words):
        call()
