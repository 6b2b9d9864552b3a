"""What a monitor records: the right numbers, at the right steps, without a trace in the training."""

import json

import numpy as np
import pytest

import equipoise as eq

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
nn, F = torch.nn, torch.nn.functional
BalanceMonitor = eq.adapters.torch.BalanceMonitor

INPUTS = np.random.default_rng(0).standard_normal((12, 6))
TARGETS = np.random.default_rng(1).standard_normal((12, 2))


def perceptron(dtype=torch.float64):
    """6 inputs, ReLU, 5 neurons, nothing, 4 neurons, 2 outputs."""
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Linear(5, 4), nn.Linear(4, 2)).to(dtype)


def loss_of(model):
    return F.mse_loss(model(torch.from_numpy(INPUTS)), torch.from_numpy(TARGETS))


def train(model, steps, rate=0.05, after=lambda: None):
    """Full-batch gradient descent."""
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        loss_of(model).backward()
        optimizer.step()
        after()
    return optimizer


def watched(steps=30, every=10, rate=0.05, **options):
    model = perceptron()
    with BalanceMonitor(model, every=every, **options) as monitor:
        train(model, steps, rate, monitor.step)
    return model, monitor.dataset()


def test_numbers_are_those_of_the_observables():
    """The package's own network with the same parameters gives the same variables."""
    model, dataset = watched()
    dense = eq.problems.networks.Dense
    problem = eq.problems.network(
        layers=[dense(5), dense(4), dense(2)],
        inputs=INPUTS,
        targets=TARGETS,
        activation=["relu", "linear"],
        bias=True,
    )
    theta = tuple(p.detach().numpy() for p in model.parameters())
    names = ("squared_norms", "norm_ratios", "norm_differences", "neuron_differences", "matrix_differences")
    for name, value in eq.evaluate(problem, theta, names).items():
        np.testing.assert_allclose(dataset[name].values[-1], value, rtol=1e-13, err_msg=name)


def test_drifts_are_counted_from_the_start():
    _, dataset = watched()
    kept = dataset["neuron_differences"]
    for pair in dataset["pair"].values:
        drift = abs(kept - kept[0])[:, dataset["pair_of_neuron"].values == pair]
        assert drift.shape[1] == dataset["neurons"].sel(pair=pair)
        np.testing.assert_allclose(dataset["neuron_drift"].sel(pair=pair), drift.max("neuron"), atol=1e-15)
        levels = drift.quantile(dataset["quantile"].values, "neuron").transpose("step", "quantile")
        np.testing.assert_allclose(dataset["neuron_drift_quantiles"].sel(pair=pair), levels, atol=1e-15)
    assert dataset["neuron_drift"][0].values.tolist() == [0, 0]
    assert dataset["matrix_drift"][0].values.tolist() == [0]


def test_a_step_of_gradient_descent_moves_a_difference_by_its_square():
    """c⁺ − c = η²(‖∂W‖² + ‖∂b‖² − ‖∂V‖²), exactly, since the law makes the term in η vanish."""
    model, rate = perceptron(), 0.1
    monitor = BalanceMonitor(model, every=1)
    monitor.record()
    train(model, 1, rate, monitor.step)
    slopes = [float((p.grad**2).sum()) for p in model.parameters()]
    expected = [rate**2 * (slopes[0] + slopes[1] - slopes[2]), rate**2 * (slopes[2] + slopes[3] - slopes[4])]
    moved = monitor.dataset()["norm_differences"].diff("step")[0]
    np.testing.assert_allclose(moved, expected, atol=1e-14)
    assert min(abs(np.array(expected))) > 1e-5


def test_drift_over_a_fixed_time_falls_linearly_with_the_step_size():
    coarse, fine = (watched(round(2 / rate), round(2 / rate), rate)[1] for rate in (0.01, 0.005))
    for name in ("neuron_drift", "matrix_drift"):
        ratio = coarse[name][-1] / fine[name][-1]
        assert (abs(ratio - 2) < 0.1).all()


def test_steps_are_counted_and_the_last_is_recorded():
    _, dataset = watched(steps=25, every=10)
    assert dataset["step"].values.tolist() == [0, 10, 20, 25]
    assert watched(steps=20, every=10)[1]["step"].values.tolist() == [0, 10, 20]


def test_an_optimizer_counts_by_itself():
    model = perceptron()
    optimizer = torch.optim.Adam(model.parameters())
    monitor = BalanceMonitor(model, every=2).attach(optimizer)
    for _ in range(4):
        loss_of(model).backward()
        optimizer.step()
    with pytest.raises(eq.InputError, match="attached to an optimizer already"):
        monitor.attach(optimizer)
    monitor.detach()
    optimizer.step()
    assert monitor.dataset()["step"].values.tolist() == [0, 2, 4]
    with monitor.attach(optimizer):
        optimizer.step()
    optimizer.step()
    assert monitor.dataset()["step"].values.tolist() == [0, 2, 4, 5]


def test_the_dataset_ends_with_the_present():
    model = perceptron()
    monitor = BalanceMonitor(model)
    monitor.record()
    train(model, 3, after=monitor.step)
    dataset = monitor.dataset()
    assert dataset["step"].values.tolist() == [0, 3]
    np.testing.assert_allclose(
        dataset["squared_norms"][-1, 0], float((model[0].weight.detach() ** 2).sum()), rtol=1e-14
    )
    assert monitor.dataset().sizes["step"] == 2
    monitor.step()
    model[0] = nn.Identity()
    assert monitor.dataset().sizes["step"] == 2


def test_any_steps_can_be_recorded_by_hand():
    monitor = BalanceMonitor(perceptron())
    for step in (3, 10, 11):
        monitor.record(step)
    assert monitor.dataset()["step"].values.tolist() == [3, 10, 11]


def test_training_is_the_same_with_a_monitor():
    torch.manual_seed(5)
    alone, state = perceptron(), torch.random.get_rng_state()
    train(alone, 20)
    beside, _ = watched(20, 1)
    for one, other in zip(alone.parameters(), beside.parameters(), strict=True):
        assert torch.equal(one, other)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_what_was_recorded_before_an_error_is_kept():
    model = perceptron()
    monitor = BalanceMonitor(model, every=2)

    def interrupted():
        with monitor:
            train(model, 5, after=monitor.step)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert monitor.dataset()["step"].values.tolist() == [0, 2, 4, 5]


def test_a_dataset_is_labelled_saved_and_drawn(tmp_path):
    _, dataset = watched()
    for variable in dataset.data_vars.values():
        assert set(variable.attrs) == {"long_name", "formula", "units"}
    settings, versions = (json.loads(dataset.attrs[name]) for name in ("settings", "versions"))
    assert settings["pairs"] == ["0 → 2", "2 → 3"]
    assert settings["unpaired"] == {"3": "gives the output of the model"}
    assert settings["every"] == 10
    assert versions["torch"] == torch.__version__
    path = eq.results.save_dataset(dataset, tmp_path / "balance.nc")
    assert eq.results.load_dataset(path).identical(dataset)
    _, axes = eq.plots.new_figure()
    groups = {pair: dataset["norm_differences"].sel(pair=pair) for pair in dataset["pair"].values}
    eq.plots.draw_paths(axes[0, 0], groups)
    assert axes[0, 0].get_ylabel().startswith("difference of squared norms, ‖W_h‖²")


def test_wide_layers_are_summarized_only():
    _, dataset = watched(neurons=4, matrix_width=3)
    assert set(dataset["pair_of_neuron"].values) == {"2 → 3"}
    assert "matrix_drift" not in dataset
    assert "neuron_differences" not in watched(neurons=0)[1]
    assert dataset["neuron_drift"].equals(watched()[1]["neuron_drift"])


@pytest.mark.parametrize(("dtype", "digits"), [(torch.float16, 2), (torch.bfloat16, 1), (torch.float32, 6)])
def test_short_floats_are_summed_in_double_precision(dtype, digits):
    """Squares beyond the range of float16, and below it."""
    model = perceptron(dtype)
    with torch.no_grad():
        model[0].weight.fill_(300.0)
        model[2].weight.fill_(2.0**-20)
    monitor = BalanceMonitor(model)
    monitor.record()
    found = monitor.dataset()["squared_norms"][0]
    exact = [30 * 300.0**2, 20 * float(torch.tensor(2.0**-20, dtype=dtype)) ** 2]
    np.testing.assert_allclose(found[:2], exact, rtol=1e-15)


def test_a_record_takes_few_operations_and_reads_nothing_back():
    """The cost beside a training step: operations started, and none that waits for the device."""
    from torch.utils._python_dispatch import TorchDispatchMode

    class Counting(TorchDispatchMode):
        def __init__(self):
            super().__init__()
            self.names = []

        def __torch_dispatch__(self, function, types, args=(), kwargs=None):
            self.names.append(str(function))
            return function(*args, **(kwargs or {}))

    monitor = BalanceMonitor(nn.Sequential(*(part for _ in range(10) for part in (nn.Linear(8, 8), nn.ReLU()))))
    monitor.record(0)
    with Counting() as count:
        monitor.record(1)
    views = ("view", "detach", "slice", "reshape", "alias", "_unsafe_view", "expand", "t.", "transpose")
    started = [name for name in count.names if not name.startswith(tuple(f"aten.{view}" for view in views))]
    assert len(started) <= 10 * 10
    assert not [name for name in started if "local_scalar" in name or "_to_cpu" in name]


def test_a_compiled_model_is_watched_by_the_names_of_its_own_parts():
    model = perceptron()
    monitor = BalanceMonitor(torch.compile(model, backend="eager"))
    assert [pair.name for pair in monitor.pairs] == ["0 → 2", "2 → 3"]


class Odd(nn.Module):
    """Its forward depends on numbers, and has side effects; a part of it does not."""

    def __init__(self):
        super().__init__()
        self.calls = 0
        self.seen = None
        self.register_buffer("total", torch.zeros(()))
        self.body = perceptron()
        self.head = nn.Linear(2, 2)

    def forward(self, x):
        self.calls += 1
        self.seen = x
        self.total = self.total + x.sum()
        torch.rand(3)
        if x.sum() > 0:
            return self.head(self.body(x))
        return self.body(x)


def test_what_cannot_be_traced_is_named_and_left_as_it_was():
    model, state = Odd(), torch.random.get_rng_state()
    monitor = BalanceMonitor(model)
    assert [pair.name for pair in monitor.pairs] == ["body.0 → body.2", "body.2 → body.3"]
    assert "is called in the model, which could not be traced (" in monitor.unpaired["head"]
    assert monitor.unpaired["body.3"] == "leaves body, which could not be followed further"
    assert (model.calls, model.seen, float(model.total)) == (0, None, 0.0)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_a_part_that_cannot_be_traced_breaks_its_own_pairs_only():
    model = nn.Sequential(nn.Linear(6, 3), nn.ReLU(), nn.Linear(3, 6), Odd())
    monitor = BalanceMonitor(model)
    assert [pair.name for pair in monitor.pairs] == ["0 → 2", "3.body.0 → 3.body.2", "3.body.2 → 3.body.3"]
    assert "goes into 3 (Odd), which could not be traced" in monitor.unpaired["2"]


def test_transformer_layers_are_watched_by_hand():
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True).double()
    with pytest.raises(eq.InputError, match=r"could not be traced .* give pairs= if you know of one"):
        BalanceMonitor(layer)
    monitor = BalanceMonitor(layer, pairs=[("linear1", "linear2")])
    (layer(torch.randn(3, 5, 8, dtype=torch.float64)) ** 3).sum().backward()
    assert monitor.gradient_mismatch()["linear1 → linear2"] < 1e-12


def test_numbers_that_are_not_finite_are_kept_as_they_are():
    model = perceptron()
    monitor = BalanceMonitor(model)
    monitor.record()
    with torch.no_grad():
        model[0].weight[0, 0] = torch.inf
    monitor.record(1)
    assert np.isinf(monitor.dataset()["norm_differences"].values[1, 0])
    assert np.isfinite(monitor.dataset()["norm_differences"].values[1, 1])


def test_weight_decay_shrinks_the_differences_at_twice_its_rate():
    """c' = −2λc along W' = −∂W − λW; a step of length η is off by η² times squares."""
    model, rate, decay = perceptron(), 1e-3, 0.5
    optimizer = torch.optim.SGD(model.parameters(), lr=rate, weight_decay=decay)
    with BalanceMonitor(model).attach(optimizer) as monitor:
        for _ in range(1000):
            optimizer.zero_grad()
            loss_of(model).backward()
            optimizer.step()
    start, *_, end = monitor.dataset()["norm_differences"].values
    np.testing.assert_allclose(end, start * np.exp(-2 * decay), rtol=5e-3)
