"""What monitors of real trainings met: decorated forwards, sharded weights, wrapped optimizers, restarts."""

import copy
import functools
import io
import pickle

import numpy as np
import pytest

import equipoise as eq

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
nn = torch.nn
BalanceMonitor = eq.adapters.torch.BalanceMonitor


def perceptron():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 2)).double()


def loss(model):
    return (model(torch.linspace(-1, 1, 60).reshape(12, 5).double()) - 1).square().mean()


def train(model, steps, *optimizers):
    for _ in range(steps):
        model.zero_grad()
        loss(model).backward()
        for optimizer in optimizers:
            optimizer.step()


def descent(model):
    return torch.optim.SGD(model.parameters(), lr=0.05)


def decorated(function):
    @functools.wraps(function)
    def wrapper(self, *args, **kwargs):
        return function(self, *args, **kwargs)

    return wrapper


class Decorated(nn.Module):
    """Its forward stands under a decorator, and has defaults and further arguments by name."""

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(5, 8), nn.Linear(8, 3)

    @decorated
    def forward(self, x, residual=None, **others):
        h = torch.relu(self.a(x))
        return self.b(h if residual is None else h + residual)


class Starred(Decorated):
    """All arguments are starred."""

    def forward(self, *inputs, **others):
        return self.b(torch.relu(self.a(inputs[0])))


@pytest.mark.parametrize("kind", [Decorated, Starred])
def test_a_decorated_forward_is_read(kind):
    assert [pair.name for pair in BalanceMonitor(kind()).pairs] == ["a → b"]


def test_an_argument_with_a_default_that_is_given_breaks_the_pair():
    model = Decorated()
    monitor = BalanceMonitor(model, every=1)
    monitor.record(0)
    model(torch.randn(9, 5), torch.randn(9, 8)).square().sum().backward()
    with pytest.warns(UserWarning, match="a → b is no pair"):
        monitor.step()


class Auxiliary(nn.Module):
    """A second head in training alone."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.aux = nn.Linear(5, 7), nn.Linear(7, 3), nn.Linear(7, 3)

    def forward(self, x):
        h = torch.relu(self.a(x))
        return (self.b(h), self.aux(h)) if self.training else self.b(h)


def test_pairs_are_those_of_training_whatever_the_mode():
    model = Auxiliary().eval()
    with pytest.raises(eq.InputError, match="a goes 2 ways"):
        BalanceMonitor(model)
    assert not any(part.training for part in model.modules())


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda: [nn.ConvTranspose2d(4, 6, 3), nn.ReLU(), nn.ConvTranspose2d(6, 4, 3)], (2, 4, 4, 4)),
        (lambda: [nn.ConvTranspose1d(4, 6, 3, groups=2), nn.ReLU(), nn.ConvTranspose1d(6, 4, 3, groups=2)], (2, 4, 5)),
        (lambda: [nn.ConvTranspose1d(4, 4, 3, groups=4), nn.ReLU(), nn.Conv1d(4, 4, 3, groups=4)], (2, 4, 5)),
        (lambda: [nn.Conv1d(4, 6, 3), nn.ReLU(), nn.ConvTranspose1d(6, 2, 3, groups=2)], (2, 4, 5)),
    ],
)
def test_transposed_convolutions_are_pairs(make, shape):
    torch.manual_seed(0)
    model = nn.Sequential(*make()).double()
    monitor = BalanceMonitor(model, every=1)
    monitor.record(0)
    (model(torch.randn(shape).double()) - 1).square().sum().backward()
    assert monitor.gradient_mismatch()["0 → 2"] < 1e-12
    monitor.step()
    assert monitor.dropped == {}


def test_layers_of_transformers_with_inputs_first():
    pytorch_utils = pytest.importorskip("transformers.pytorch_utils", reason="transformers is not installed")
    model = nn.Sequential(pytorch_utils.Conv1D(8, 5), nn.ReLU(), pytorch_utils.Conv1D(2, 8)).double()
    monitor = BalanceMonitor(model, pairs=[("0", "2")], every=1)
    monitor.record(0)
    loss(model).backward()
    monitor.step()
    assert monitor.dropped == {}
    assert monitor.gradient_mismatch()["0 → 2"] < 1e-12


class GroupedQueries(nn.Module):
    """Two heads of keys and values, each read by two of queries."""

    def __init__(self):
        super().__init__()
        self.q, self.k, self.v, self.o = nn.Linear(8, 16), nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(16, 8)

    def forward(self, x):
        q, k, v = (layer(x).unflatten(2, (-1, 4)).transpose(1, 2) for layer in (self.q, self.k, self.v))
        k, v = k.repeat_interleave(2, 1), v.repeat_interleave(2, 1)
        return self.o(nn.functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))


def test_values_read_by_groups_of_heads_are_no_plain_pair():
    torch.manual_seed(0)
    model = GroupedQueries()
    monitor = BalanceMonitor(model, pairs=[("v", "o")], every=1)
    monitor.record(0)
    (model(torch.randn(2, 5, 8)) - 1).square().sum().backward()
    with pytest.warns(UserWarning, match="laws='gradients' finds the laws"):
        monitor.step()


def test_the_optimizer_of_accelerate_is_unwrapped():
    accelerate = pytest.importorskip("accelerate", reason="accelerate is not installed")
    model = perceptron()
    model, optimizer = accelerate.Accelerator(cpu=True).prepare(model, descent(model))
    monitor = BalanceMonitor(model, every=2).attach(optimizer)
    train(model, 4, optimizer)
    assert monitor.dataset()["step"].values.tolist() == [0, 2, 4]


def test_several_optimizers_make_one_step():
    model = perceptron()
    both = [torch.optim.SGD(part.parameters(), lr=0.05) for part in (model[0], model[2])]
    monitor = BalanceMonitor(model, every=2).attach(*both)
    train(model, 3, *both)
    train(model, 1, *reversed(both))
    monitor.detach()
    train(model, 2, *both)
    assert monitor.dataset()["step"].values.tolist() == [0, 2, 4]
    with pytest.raises(eq.InputError, match="The optimizer does not have the weight of 2"):
        BalanceMonitor(model).attach(both[0])
    with pytest.raises(eq.InputError, match=r"of type int; it must be a torch\.optim\.Optimizer"):
        monitor.attach(3)
    with pytest.raises(eq.InputError, match="no optimizer to attach to"):
        monitor.attach()


def test_a_bias_outside_the_optimizer_leaves_its_pair_out():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 7), nn.ReLU(), nn.Linear(7, 2)).double()
    trained = [p for name, p in model.named_parameters() if name != "0.bias"]
    optimizer = torch.optim.SGD(trained, lr=0.05)
    with pytest.warns(UserWarning, match=r"^0 → 2 \(by the bias of 0\): left out"):
        monitor = BalanceMonitor(model).attach(optimizer)
    train(model, 2, optimizer)
    assert monitor.dataset()["pair"].values.tolist() == ["2 → 4"]
    assert not any("0 to 2" in name for name in monitor.latest())
    laws = eq.adapters.torch.conservation_laws(model, lambda: loss_of_noise(model))
    monitor = BalanceMonitor(model, laws=laws, verify=None)
    with pytest.warns(UserWarning, match="no optimizer has 0.bias"):
        monitor.attach(optimizer)
    assert [law.parameters for law in monitor.laws.laws] == [("2.weight", "2.bias", "4.weight")]


def loss_of_noise(model):
    (model(torch.randn(30, 5, dtype=torch.float64)) - 1).square().mean().backward()


def test_different_step_sizes_in_a_pair_are_told():
    model = perceptron()
    groups = [{"params": model[0].parameters(), "lr": 0.1}, {"params": model[2].parameters(), "lr": 0.2}]
    with pytest.warns(UserWarning, match="0 → 2: with different step sizes in one pair"):
        BalanceMonitor(model).attach(torch.optim.SGD(groups))


def test_parameters_that_are_freed_later_are_told():
    model = perceptron()
    monitor = BalanceMonitor(model, every=1)
    model[2].bias.requires_grad_(False)
    monitor.record(0)
    loss(model).backward()
    monitor.step()
    model[2].bias.requires_grad_(True)
    with pytest.warns(UserWarning, match=r"has frozen or freed 2\.bias, which changes its laws"):
        monitor.step()
    monitor.step()
    assert monitor.dropped == {}


def test_a_frozen_weight_leaves_its_pair_out():
    model = perceptron()
    monitor = BalanceMonitor(model, every=1)
    model[2].weight.requires_grad_(False)
    monitor.record(0)
    loss(model).backward()
    with pytest.warns(UserWarning, match="left out, since one of its weights is frozen"):
        monitor.step()
    assert monitor.dataset().sizes["pair"] == 0


@pytest.mark.parametrize("laws", ["graph", "gradients"])
@pytest.mark.parametrize("at", [2, 12])
def test_a_restart_continues_the_records(laws, at):
    """As one run, also where the laws are not found yet; through a checkpoint that torch loads without pickles."""
    whole, parts = perceptron(), perceptron()
    monitor = BalanceMonitor(whole, laws=laws, every=2)
    optimizer = descent(whole)
    with monitor.attach(optimizer):
        train(whole, 20, optimizer)
    expected = monitor.dataset()
    monitor, optimizer = BalanceMonitor(parts, laws=laws, every=2), descent(parts)
    with monitor.attach(optimizer):
        train(parts, at, optimizer)
    file = io.BytesIO()
    torch.save({"model": parts.state_dict(), "monitor": monitor.state_dict()}, file)
    state = torch.load(io.BytesIO(file.getvalue()), weights_only=True)
    again = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 2)).double()
    again.load_state_dict(state["model"])
    monitor, optimizer = BalanceMonitor(again, laws=laws, every=2), descent(again)
    monitor.load_state_dict(state["monitor"])
    with monitor.attach(optimizer):
        train(again, 20 - at, optimizer)
    found = monitor.dataset()
    assert found["step"].values.tolist() == list(range(0, 21, 2))
    for name in ("squared_norms", "neuron_drift" if laws == "graph" else "law_drift"):
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-9, atol=1e-12)
    assert float(found[name][-1].max()) > 1e-6


def test_a_state_of_another_monitor_is_refused():
    state = BalanceMonitor(perceptron()).state_dict()
    with pytest.raises(eq.InputError, match="of a monitor with other limits"):
        BalanceMonitor(perceptron(), neurons=3).load_state_dict(state)
    with pytest.raises(eq.InputError, match="of a monitor with other shapes"):
        BalanceMonitor(perceptron(), laws="gradients").load_state_dict(state)
    for broken in ({}, {**state, "arrays": 3}, {**state, "described": "{"}):
        with pytest.raises(eq.InputError, match="This is no state of a monitor"):
            BalanceMonitor(perceptron()).load_state_dict(broken)


@pytest.mark.parametrize("laws", ["graph", "gradients"])
def test_monitors_are_pickled_and_copied(laws):
    model = perceptron()
    monitor = BalanceMonitor(model, laws=laws, every=1)
    monitor.record(0)
    train(model, 3, descent(model))
    torch.save({"monitor": monitor}, io.BytesIO())
    for other in (pickle.loads(pickle.dumps(monitor)), copy.deepcopy(monitor)):
        assert other.pairs == monitor.pairs
        assert str(other) == str(monitor)
        other.record(5)
        assert other.dataset()["step"].values.tolist() == [0, 5]


def test_latest_are_flat_numbers():
    model = perceptron()
    monitor = BalanceMonitor(model, every=1)
    assert monitor.latest() == {}
    monitor.record(0)
    train(model, 1, descent(model))
    monitor.step()
    latest, dataset = monitor.latest(), monitor.dataset().isel(step=-1)
    assert latest["balance/step"] == 1
    assert latest["balance/neuron_drift/0 to 2"] == latest["balance/largest_drift"] == float(dataset["neuron_drift"][0])
    assert latest["balance/squared_norms/0"] == float(dataset["squared_norms"][0])
    assert all(type(value) is float for value in latest.values())
    assert all(name.replace("/", "").replace("_", "").replace(" ", "").isalnum() for name in latest)


def test_records_wait_within_bounds_while_laws_are_unknown():
    """Half of them are dropped whenever they are too many, never the first nor the last."""
    monitor = BalanceMonitor(perceptron(), laws="gradients", every=1)
    monitor._watch.history.records._most_records = 8
    for step in range(100):
        monitor.record(step)
        assert len(monitor._steps) <= 8
    steps = monitor.dataset()["step"].values
    assert steps[0] == 0
    assert steps[-1] == 99
    assert monitor.dataset().sizes["law"] == 0


def test_a_dataset_before_the_laws_are_known_changes_nothing():
    model = perceptron()
    monitor = BalanceMonitor(model, laws="gradients", every=1)
    monitor.record(0)
    assert monitor.dataset().sizes["law"] == 0
    train(model, 1, descent(model))
    for _ in range(9):
        train(model, 1)
        monitor.step()
    assert monitor.dataset().sizes == {**monitor.dataset().sizes, "step": 10, "law": 1}


def test_matrices_of_matrix_laws_are_recorded():
    """D = W₁W₁ᵀ + b₁b₁ᵀ − W₂ᵀW₂ of a linear pair, given with its law."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 4), nn.Linear(4, 3)).double()
    noise = torch.Generator().manual_seed(1)

    def backward():
        inputs = torch.randn(20, 6, generator=noise, dtype=torch.float64)
        (model(inputs) - 1).square().mean().backward()

    laws = eq.adapters.torch.conservation_laws(model, backward)
    assert [law.matrix for law in laws.laws] == [4]
    by_laws, by_pairs = BalanceMonitor(model, laws=laws), BalanceMonitor(model)
    for step in range(2):
        for monitor in (by_laws, by_pairs):
            monitor.record(step)
        model.zero_grad()
        backward()
        torch.optim.SGD(model.parameters(), lr=0.1).step()
    assert "balance/matrix_drift/0 0.weight to 1.weight" in (by_laws.dataset(), by_laws.latest())[1]
    for name in ("matrix_differences", "matrix_drift"):
        np.testing.assert_allclose(by_laws.dataset()[name], by_pairs.dataset()[name], rtol=1e-10, atol=1e-14)
