"""Trees of JAX arrays: the same numbers as of a PyTorch model, in every convention of axes."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import equipoise as eq

PyTreeMonitor, Pair = eq.adapters.PyTreeMonitor, eq.adapters.Pair
EXACT = 1e-12


def draw(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).standard_normal(shape)


def dense(inputs, outputs, bias=True):
    layer = {"kernel": jnp.asarray(draw(inputs, outputs))}
    return layer | ({"bias": jnp.asarray(draw(outputs))} if bias else {})


@pytest.fixture
def flax_like(double):
    """3 x 3 convolution of 2 channels, ReLU, flatten, two dense layers: channels last."""
    return {"conv": {"kernel": jnp.asarray(draw(3, 3, 2, 4)), "bias": jnp.asarray(draw(4))}} | {
        "a": dense(4 * 36, 5),
        "b": dense(5, 3, bias=False),
    }


PAIRS = [("conv/kernel", "a/kernel"), Pair("a/kernel", "b/kernel", linear=True)]


def flax_loss(tree):
    x = jnp.asarray(draw(2, 8, 8, 2))
    x = jax.lax.conv_general_dilated(
        x, tree["conv"]["kernel"], (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )
    x = jax.nn.relu(x + tree["conv"]["bias"]).reshape(2, -1)
    x = x @ tree["a"]["kernel"] + tree["a"]["bias"]
    return jnp.sum((x @ tree["b"]["kernel"]) ** 3)


def test_pairs_with_inputs_before_outputs_obey_the_law(flax_like):
    monitor = PyTreeMonitor(PAIRS)
    found = monitor.gradient_mismatch(flax_like, jax.grad(flax_loss)(flax_like))
    assert list(found) == ["conv/kernel → a/kernel", "a/kernel → b/kernel"]
    assert max(found.values()) < EXACT


def test_a_wrong_order_of_columns_is_told_by_the_gradients(flax_like):
    monitor = PyTreeMonitor([Pair("conv/kernel", "a/kernel", interleaved=False)])
    assert monitor.gradient_mismatch(flax_like, jax.grad(flax_loss)(flax_like))["conv/kernel → a/kernel"] > 1e-2


def test_a_forgotten_bias_is_told_by_the_gradients(flax_like):
    monitor = PyTreeMonitor(PAIRS, bias="offset")
    assert min(monitor.gradient_mismatch(flax_like, jax.grad(flax_loss)(flax_like)).values()) > 1e-3


class Model(eqx.Module):
    """An Equinox model: outputs before inputs, channels before positions."""

    layers: list
    unused: str = "text"

    def __init__(self):
        keys = jax.random.split(jax.random.key(0), 3)
        self.layers = [
            eqx.nn.Conv2d(2, 4, 3, key=keys[0]),
            eqx.nn.Linear(4 * 36, 5, key=keys[1]),
            eqx.nn.Linear(5, 3, key=keys[2]),
        ]

    def __call__(self, x):
        x = jax.nn.relu(self.layers[0](x)).ravel()
        return self.layers[2](jax.nn.leaky_relu(self.layers[1](x)))


def test_pairs_with_outputs_before_inputs_obey_the_law(double):
    model = Model()
    slopes = eqx.filter_grad(lambda m: jnp.sum(jax.vmap(m)(jnp.asarray(draw(2, 2, 8, 8))) ** 3))(model)
    pairs = [("layers/0/weight", "layers/1/weight"), ("layers/1/weight", "layers/2/weight")]
    monitor = PyTreeMonitor(pairs, axes="out-in")
    assert max(monitor.gradient_mismatch(model, slopes).values()) < EXACT
    monitor.record(0, model)
    invariant = (model.layers[0].weight ** 2).sum((1, 2, 3)) + model.layers[0].bias.ravel() ** 2
    invariant -= (model.layers[1].weight.reshape(5, 4, 36) ** 2).sum((0, 2))
    np.testing.assert_allclose(monitor.dataset()["neuron_differences"][0, :4], invariant, rtol=1e-12)


def test_numbers_are_those_of_the_same_pytorch_model(flax_like):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    convolution, a, b = torch.nn.Conv2d(2, 4, 3), torch.nn.Linear(144, 5), torch.nn.Linear(5, 3, bias=False)
    model = torch.nn.Sequential(convolution, torch.nn.ReLU(), torch.nn.Flatten(), a, b).double()
    columns = np.asarray(flax_like["a"]["kernel"]).reshape(36, 4, 5).transpose(2, 1, 0).reshape(5, 144)
    with torch.no_grad():
        for parameter, value in (
            (convolution.weight, np.asarray(flax_like["conv"]["kernel"]).transpose(3, 2, 0, 1)),
            (convolution.bias, flax_like["conv"]["bias"]),
            (a.weight, columns),
            (a.bias, flax_like["a"]["bias"]),
            (b.weight, flax_like["b"]["kernel"].T),
        ):
            parameter.copy_(torch.tensor(np.asarray(value)))
    beside = eq.adapters.torch.BalanceMonitor(model)
    monitor = PyTreeMonitor(PAIRS)
    moved = jax.tree.map(lambda w: 1.5 * w, flax_like)
    monitor.record(0, flax_like)
    monitor.record(7, moved)
    beside.record(0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(1.5)
    beside.record(7)
    here, there = monitor.dataset(), beside.dataset()
    assert set(here.data_vars) == set(there.data_vars)
    for name in here.data_vars:
        np.testing.assert_allclose(here[name], there[name], rtol=1e-12, err_msg=name)


def test_single_precision_is_summed_in_double_without_a_global_setting():
    tree = {"a": {"kernel": jnp.full((1000, 1), 0.1)}, "b": {"kernel": jnp.ones((1, 1))}}
    assert tree["a"]["kernel"].dtype == jnp.float32
    monitor = PyTreeMonitor([("a/kernel", "b/kernel")])
    monitor.record(0, tree)
    exact = 1000 * float(np.float32(0.1)) ** 2
    np.testing.assert_allclose(monitor.dataset()["squared_norms"][0, 0], exact, rtol=1e-14)
    assert jnp.ones(1).dtype == jnp.float32


def test_steps_are_counted(flax_like):
    monitor = PyTreeMonitor(PAIRS, every=3)
    with pytest.raises(eq.InputError, match="The start is not recorded"):
        monitor.step(flax_like)
    monitor.record(0, flax_like)
    for _ in range(7):
        monitor.step(flax_like)
    assert monitor.dataset()["step"].values.tolist() == [0, 3, 6]


def test_numpy_trees_can_be_watched_too(flax_like):
    monitor, beside = PyTreeMonitor(PAIRS), PyTreeMonitor(PAIRS)
    monitor.record(0, jax.tree.map(np.asarray, flax_like))
    beside.record(0, flax_like)
    assert monitor.dataset()["norm_differences"].equals(beside.dataset()["norm_differences"])


def bad(tree, change):
    """The tree with one array replaced."""
    return tree | {"a": tree["a"] | change}


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda t: PyTreeMonitor([]), "There are no pairs to watch"),
        (lambda t: PyTreeMonitor("a/kernel"), "it must be a list of pairs"),
        (lambda t: PyTreeMonitor(["ab"]), "'ab' is not a pair"),
        (lambda t: PyTreeMonitor([("a", "b", "c")]), r"\('a', 'b', 'c'\) is not a pair"),
        (lambda t: PyTreeMonitor([("a", "a")]), "names one layer twice"),
        (lambda t: PyTreeMonitor([("a", "b"), ("a", "b")]), "The pair a → b is given twice"),
        (lambda t: PyTreeMonitor(PAIRS, every=0), "every is 0"),
        (lambda t: PyTreeMonitor(PAIRS, axes="in"), "axes is 'in'; it must be 'in-out', as in Flax, or 'out-in'"),
        (lambda t: PyTreeMonitor(PAIRS).dataset(), "Nothing is recorded yet"),
        (
            lambda t: PyTreeMonitor([("a/kernel", "c/kernel")]).record(0, t),
            "no array c/kernel in the tree; it has a/bias",
        ),
        (
            lambda t: PyTreeMonitor([("a/bias", "b/kernel")]).record(0, t),
            "name a weight, which is real and has two axes",
        ),
        (
            lambda t: PyTreeMonitor([("b/kernel", "a/kernel")]).record(0, {"a": t["b"], "b": dense(7, 4)}),
            "not a multiple",
        ),
        (lambda t: PyTreeMonitor([("a/kernel", "a/bias2")]).record(0, t), "There is no array a/bias2"),
        (lambda t: PyTreeMonitor(PAIRS).record(-1, t), "step is -1"),
        (lambda t: PyTreeMonitor(PAIRS).record(0, {}), "it has none"),
        (lambda t: PyTreeMonitor(PAIRS).record(0, bad(t, {"bias": jnp.ones(6)})), "but its layer has 5 outputs"),
        (lambda t: jax.jit(lambda u: PyTreeMonitor(PAIRS).record(0, u))(t), "inside a compiled or differentiated"),
    ],
)
def test_wrong_input_is_told_in_one_sentence(call, sentence, flax_like):
    with pytest.raises(eq.InputError, match=sentence):
        call(flax_like)


def test_later_records_fit_the_first(flax_like):
    monitor = PyTreeMonitor(PAIRS)
    monitor.record(5, flax_like)
    with pytest.raises(eq.InputError, match="Step 5 comes after step 5; record steps in increasing order"):
        monitor.record(5, flax_like)
    with pytest.raises(eq.InputError, match="a/kernel now has the shape"):
        monitor.record(6, bad(flax_like, {"kernel": jnp.ones((144, 6))}))
    assert monitor.dataset()["step"].values.tolist() == [5]
