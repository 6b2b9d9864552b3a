"""Laws of trees of JAX arrays."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import equipoise as eq

KEYS = iter(jax.random.split(jax.random.key(0), 100))


def normal(*shape):
    return jax.random.normal(next(KEYS), shape)


def attention(parameters, inputs):
    """Flax's layout: kernels (d, heads, k) and (heads, k, d)."""
    q, k, v = (
        jnp.einsum("btd,dhk->bthk", inputs, parameters[name]["kernel"]) + parameters[name]["bias"]
        for name in ("query", "key", "value")
    )
    weights = jax.nn.softmax(jnp.einsum("bthk,bshk->bhts", q, k))
    return jnp.einsum("bhts,bshk,hkd->btd", weights, v, parameters["out"]["kernel"])


def gradient_of(loss):
    data = iter(jax.random.split(jax.random.key(1), 100))
    slope = jax.jit(jax.grad(loss))
    return lambda parameters: slope(parameters, next(data))


@pytest.fixture(scope="module")
def heads():
    layer = {"kernel": normal(6, 3, 2), "bias": normal(3, 2)}
    parameters = {"query": layer, "key": layer, "value": layer, "out": {"kernel": normal(3, 2, 6)}}

    def loss(parameters, key):
        inputs = jax.random.normal(key, (4, 5, 6))
        return jnp.sum((attention(parameters, inputs) - inputs[..., ::-1]) ** 2)

    return parameters, eq.adapters.conservation_laws(parameters, gradient_of(loss))


def test_heads_in_axes_of_their_own(heads):
    """Queries with keys, and values with outputs: one law for each of 3 heads × 2 channels."""
    laws = heads[1]
    found = {frozenset(law.parameters) for law in laws.laws}
    assert found == {
        frozenset({"query/kernel", "query/bias", "key/kernel"}),
        frozenset({"value/kernel", "value/bias", "out/kernel"}),
    }
    assert [law.width for law in laws.laws] == [6, 6]
    assert not any(law.is_approximate for law in laws.laws)


def test_a_monitor_records_them(heads):
    parameters, laws = heads
    monitor = eq.adapters.PyTreeMonitor(laws, every=1)
    monitor.record(0, parameters)
    monitor.step(jax.tree.map(lambda leaf: 2 * leaf, parameters))
    dataset = monitor.dataset()
    np.testing.assert_allclose(dataset["law_values"][1], 4 * dataset["law_values"][0], rtol=1e-6)
    assert dataset.sizes["law"] == 2
    with pytest.raises(eq.InputError, match="other arrays"):
        monitor.record(2, {**parameters, "query": {"kernel": normal(6, 3, 3), "bias": normal(3, 3)}})


def test_layers_stacked_for_a_scan():
    """Each of 4 layers has its own laws: 4 × 6, not 6 convolutional channels."""
    parameters = {"first": normal(4, 3, 6), "second": normal(4, 6, 3)}

    def loss(parameters, key):
        x = jax.random.normal(key, (20, 3))

        def layer(x, weights):
            return x + 0.3 * jax.nn.relu(x @ weights["first"]) @ weights["second"], None

        return jnp.sum(jax.lax.scan(layer, x, parameters)[0] ** 2)

    laws = eq.adapters.conservation_laws(parameters, gradient_of(loss))
    assert [law.width for law in laws.laws] == [24]


def test_bad_input():
    with pytest.raises(eq.InputError, match="no arrays of real numbers"):
        eq.adapters.conservation_laws({"n": 3}, lambda tree: tree)
    with pytest.raises(eq.InputError, match="missing or of another shape"):
        eq.adapters.conservation_laws({"w": jnp.ones((2, 2))}, lambda tree: {"w": jnp.ones(3)})
    with pytest.raises(eq.InputError, match="is not finite"):
        eq.adapters.conservation_laws({"w": jnp.ones((2, 2))}, lambda tree: {"w": jnp.full((2, 2), jnp.nan)})
    with pytest.raises(eq.InputError, match="axes is 'up'"):
        eq.adapters.conservation_laws({"w": jnp.ones((2, 2))}, lambda tree: tree, axes="up")
