"""Laws from gradients of real architectures, in small: those found are those derived by hand, and none is false."""

import warnings
from collections import Counter

import pytest

import equipoise as eq

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
nn, F = torch.nn, torch.nn.functional
find = eq.adapters.torch.conservation_laws


class Block(nn.Module):
    def __init__(self, before, channels, stride, norm):
        super().__init__()
        after = nn.BatchNorm2d if norm else lambda _: nn.Identity()
        self.conv1, self.bn1 = nn.Conv2d(before, channels, 3, stride, 1, bias=not norm), after(channels)
        self.conv2, self.bn2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=not norm), after(channels)
        way = [nn.Conv2d(before, channels, 1, stride, bias=not norm), after(channels)]
        self.down = nn.Sequential(*way) if stride > 1 else nn.Identity()

    def forward(self, x):
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + self.down(x))


class ResNet18(nn.Module):
    """The architecture of ResNet18, with few channels."""

    def __init__(self, norm, widths=(6, 8, 10, 12)):
        super().__init__()
        self.conv1 = nn.Conv2d(3, widths[0], 3, padding=1, bias=not norm)
        self.bn1 = nn.BatchNorm2d(widths[0]) if norm else nn.Identity()
        stages, before = [], widths[0]
        for k, channels in enumerate(widths):
            stages.append(Block(before, channels, 1 + (k > 0), norm))
            stages.append(Block(channels, channels, 1, norm))
            before = channels
        self.layers, self.fc = nn.Sequential(*stages), nn.Linear(before, 5)

    def forward(self, x):
        return self.fc(self.layers(F.relu(self.bn1(self.conv1(x)))).mean((2, 3)))


class UNet(nn.Module):
    def __init__(self, c=5):
        super().__init__()

        def twice(before, channels):
            convs = (nn.Conv2d(before, channels, 3, padding=1), nn.Conv2d(channels, channels, 3, padding=1))
            return nn.Sequential(convs[0], nn.ReLU(), convs[1], nn.ReLU())

        self.first, self.down, self.last = twice(3, c), twice(c, 2 * c), twice(2 * c, c)
        self.up, self.out = nn.ConvTranspose2d(2 * c, c, 2, 2), nn.Conv2d(c, 2, 1)

    def forward(self, x):
        skip = self.first(x)
        return self.out(self.last(torch.cat([self.up(self.down(F.max_pool2d(skip, 2))), skip], 1)))


def images(model):
    return lambda: F.cross_entropy(model(torch.randn(8, 3, 16, 16)), torch.randint(5, (8,))).backward()


def summary(laws):
    """How many families there are, by width, number of columns, approximate or not, and width of the matrix law."""
    return Counter((law.width, len(law.columns), law.is_approximate, law.matrix) for law in laws.laws)


def test_resnet_without_norm():
    """Twelve families: conv1 → conv2 in each of 8 blocks, and one joint law for the stream of each of 4 stages."""
    torch.manual_seed(0)
    model = ResNet18(norm=False)
    laws = find(model, images(model))
    inside = {(width, 3, False, 0): 2 for width in (6, 8, 10, 12)}
    # stream of a stage: conv, bias for each writer; conv1 and, in the next stage, conv1 and down for each reader
    streams = {(6, 10, False, 0): 1, (8, 9, False, 0): 1, (10, 9, False, 0): 1, (12, 8, False, 0): 1}
    assert summary(laws) == Counter(inside | streams)
    assert laws.gap > 1e4
    assert max(law.residual for law in laws.laws) < 2e-6


def test_resnet_with_norm():
    """The same with γ, β in place of weights, and no scale of each of 20 convolutions, but for ε."""
    torch.manual_seed(0)
    model = ResNet18(norm=True)
    buffers = {name: b.clone() for name, b in model.named_buffers()}
    weights = {name: p.detach().clone() for name, p in model.named_parameters()}
    laws = find(model, images(model))
    scales = {(width, 1, True, 0): 5 for width in (6, 8, 10, 12)}
    inside = {(width, 3, False, 0): 2 for width in (6, 8, 10, 12)}
    streams = {(6, 10, False, 0): 1, (8, 9, False, 0): 1, (10, 9, False, 0): 1, (12, 8, False, 0): 1}
    assert summary(laws) == Counter(scales | inside | streams)
    assert laws.dimension == 288
    assert all(law.is_invariance == law.is_approximate for law in laws.laws)
    assert all(torch.equal(b, buffers[name]) for name, b in model.named_buffers())
    assert all(torch.equal(p, weights[name]) for name, p in model.named_parameters())
    assert all(p.grad is None for p in model.parameters())


def test_u_net_with_transposed_convolution_and_concatenation():
    torch.manual_seed(0)
    model = UNet()
    laws = find(model, lambda: model(torch.randn(8, 3, 8, 8)).square().mean().backward())
    found = {law.formula(laws.shapes) for law in laws.laws}
    assert len(found) == 7
    assert "‖up.weight[:, i, :, :]‖² + ‖up.bias[i]‖² − ‖last.0.weight[:, i < 5, :, :]‖²" in found
    assert (
        "‖first.2.weight[i, :, :, :]‖² + ‖first.2.bias[i]‖² − ‖down.0.weight[:, i, :, :]‖² "
        "− ‖last.0.weight[:, 5 + i, :, :]‖²"
    ) in found


def test_group_norm_takes_the_scale_of_each_group():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.GroupNorm(2, 8), nn.ReLU(), nn.Conv2d(8, 4, 3))
    laws = find(model, lambda: model(torch.randn(8, 3, 8, 8)).square().mean().backward())
    assert summary(laws) == Counter({(8, 3, False, 0): 1, (2, 2, True, 0): 1})


def test_matrices_of_linear_layers_and_grouped_convolutions():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(6, 5), nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 3))
    laws = find(model, lambda: (model(torch.randn(20, 6)) - 1).square().mean().backward())
    assert summary(laws) == Counter({(5, 3, False, 5): 1, (4, 3, False, 0): 1})
    model = nn.Sequential(nn.Conv1d(3, 8, 3), nn.ReLU(), nn.Conv1d(8, 12, 3, groups=4))
    laws = find(model, lambda: (model(torch.randn(20, 3, 9)) - 1).square().mean().backward())
    assert [law.formula(laws.shapes) for law in laws.laws] == [
        "‖0.weight[i, :, :]‖² + ‖0.bias[i]‖² − ‖2.weight[i of 4·Σ3·2, …, :]‖²"
    ]


def test_flattened_positions():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(72, 5))
    laws = find(model, lambda: (model(torch.randn(20, 1, 8, 8)) - 1).square().mean().backward())
    assert [law.formula(laws.shapes) for law in laws.laws] == [
        "‖0.weight[i, :, :, :]‖² + ‖0.bias[i]‖² − ‖4.weight[:, i of 8·Σ9]‖²"
    ]


def test_no_law_is_no_error():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 6), nn.Tanh(), nn.Linear(6, 3))
    assert find(model, lambda: model(3 * torch.randn(20, 5)).square().mean().backward()).dimension == 0
    monitor = eq.adapters.torch.BalanceMonitor(model, laws="gradients", every=1)
    with monitor:
        for _ in range(8):
            model.zero_grad()
            (model(3 * torch.randn(20, 5)) - 1).square().mean().backward()
            monitor.step()
    dataset = monitor.dataset()
    assert dataset.sizes["law"] == 0
    assert dataset["squared_norms"].shape == (9, 4)
    assert "No law is found" in dataset.attrs["status"]
    assert "No law is found" in str(monitor)


def test_bad_input():
    model = nn.Linear(3, 2)
    with pytest.raises(eq.InputError, match="left no gradients"):
        find(model, lambda: None)
    with pytest.raises(eq.InputError, match="not finite"):
        find(model, lambda: (model(torch.ones(1, 3)).sum() * torch.inf).backward())
    with pytest.raises(eq.InputError, match="is of type int"):
        find(3, lambda: None)
    with pytest.raises(eq.InputError, match="no parameters to train"):
        find(nn.ReLU(), lambda: None)
    with pytest.raises(eq.InputError, match="laws is 'graphs'"):
        eq.adapters.torch.BalanceMonitor(model, laws="graphs")
    with pytest.raises(eq.InputError, match="verify is 'yes'"):
        eq.adapters.torch.BalanceMonitor(model, verify="yes")


def inputs():
    return torch.randn(30, 6, dtype=torch.float64)


def trained(model, make, steps=10):
    """The model trained under a monitor of laws from gradients, and the monitor."""
    optimizer = make(model.parameters())
    monitor = eq.adapters.torch.BalanceMonitor(model, laws="gradients", every=2)
    with monitor.attach(optimizer):
        for _ in range(steps):
            optimizer.zero_grad()
            (model(inputs()) - 1).square().mean().backward()
            optimizer.step()
    return optimizer, monitor


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 7), nn.ReLU(), nn.Linear(7, 2)).double()


def test_a_monitor_finds_laws_in_the_first_gradients():
    """Its values from the start on are those of a monitor of pairs."""
    model = network()
    pairs = eq.adapters.torch.BalanceMonitor(model, every=2)
    pairs.record(0)
    _, monitor = trained(model, lambda p: torch.optim.SGD(p, lr=0.01))
    pairs.record(10)
    dataset, other = monitor.dataset(), pairs.dataset()
    assert dataset["step"].values.tolist() == [0, 2, 4, 6, 8, 10]
    assert monitor.laws.dimension == 15
    values = dataset["law_values"].isel(step=[0, -1]).values
    torch.testing.assert_close(
        torch.from_numpy(values), torch.from_numpy(other["neuron_differences"].values), rtol=1e-12, atol=0
    )


@pytest.mark.parametrize("verify", ["drop", None])
def test_given_laws_are_watched_from_the_start(verify):
    model = network()
    laws = find(model, lambda: (model(inputs()) - 1).square().mean().backward())
    monitor = eq.adapters.torch.BalanceMonitor(model, laws=laws, every=1, verify=verify)
    monitor.record(0)
    (model(inputs()) - 1).square().mean().backward()
    monitor.step()
    assert [law.columns for law in monitor.laws.laws] == [law.columns for law in laws.laws]
    assert monitor.dataset()["law_drift"].values.tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize(
    ("make", "parts"),
    [
        (lambda p: torch.optim.SGD(p, lr=0.01), {"square"}),
        (
            lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, weight_decay=0.1, dampening=0.1),
            {"square", "momentum", "weight_decay"},
        ),
        (
            lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9, weight_decay=0.1, nesterov=True),
            {"square", "momentum", "weight_decay"},
        ),
        (lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.1), {"square", "weight_decay", "adaptive"}),
        (lambda p: torch.optim.Adam(p, lr=0.01, weight_decay=0.1), {"square", "adaptive"}),
    ],
)
def test_the_parts_of_a_drift_add_up_to_it(make, parts):
    model = network()
    optimizer, monitor = trained(model, make)
    before = monitor.dataset()["law_sums"].values[-1]
    optimizer.zero_grad()
    (model(inputs()) - 1).square().mean().backward()
    changes = monitor.explain(optimizer)["changes"]
    optimizer.step()
    monitor.record(11)
    moved = monitor.dataset()["law_sums"].values[-1] - before
    torch.testing.assert_close(
        torch.from_numpy(changes.sum("part").values), torch.from_numpy(moved), rtol=1e-6, atol=1e-12
    )
    sizes = abs(changes).max("law")
    assert {str(part) for part in sizes["part"].values if sizes.sel(part=part) > 1e-9} == parts


def test_clipping_each_gradient_is_a_part_of_its_own():
    model = network()
    optimizer, monitor = trained(model, lambda p: torch.optim.SGD(p, lr=0.01))
    optimizer.zero_grad()
    (model(inputs()) - 1).square().mean().backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1e-3)
    whole = monitor.explain(optimizer)["changes"]
    torch.nn.utils.clip_grad_value_(model.parameters(), 1e-5)
    each = monitor.explain(optimizer)["changes"]
    assert abs(whole.sel(part="clipping")).max() < 1e-12 < 1e-8 < abs(each.sel(part="clipping")).max()
    with pytest.raises(eq.InputError, match="RMSprop is not known"):
        monitor.explain(torch.optim.RMSprop(model.parameters()))


class Skip(nn.Module):
    """Its Sequential is a container alone: a skip connection goes around the first layer."""

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(5, 5), nn.ReLU(), nn.Linear(5, 5), nn.ReLU(), nn.Linear(5, 3))

    def forward(self, x):
        return self.net[2:](self.net[:2](x) + x)


class Auxiliary(nn.Module):
    """A second head in training alone."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.aux = nn.Linear(5, 7), nn.Linear(7, 3), nn.Linear(7, 3)

    def forward(self, x):
        h = torch.relu(self.a(x))
        return torch.cat([self.b(h), self.aux(h)]) if self.training else self.b(h)


@pytest.mark.parametrize(
    ("make", "pairs", "dropped", "kept"),
    [
        (Skip, None, {"net.0 → net.2"}, {"net.2 → net.4"}),
        (lambda: Auxiliary().eval(), [("a", "b")], {"a → b"}, set()),
        (
            lambda: nn.Sequential(nn.Linear(5, 6), nn.GELU(), nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 2)),
            [("0", "2"), ("2", "4")],
            {"0 → 2"},
            {"2 → 4"},
        ),
    ],
)
def test_false_pairs_are_dropped_with_a_warning(make, pairs, dropped, kept):
    torch.manual_seed(0)
    model = make()
    monitor = eq.adapters.torch.BalanceMonitor(model, pairs=pairs, every=1)
    model.train()
    monitor.record(0)
    (model(torch.randn(9, 5)) - 1).square().sum().backward()
    with pytest.warns(UserWarning, match="is no pair: its gradients do not obey the law"):
        monitor.step()
    dataset = monitor.dataset()
    assert set(monitor.dropped) == dropped
    assert set(dataset["pair"].values.tolist()) == kept
    assert min(monitor.dropped.values()) > 0.1
    assert not any(f"{name}:" in str(monitor) for name in dropped)


def test_transposed_convolutions_are_pairs():
    """A transposed convolution has its axes the other way round."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.ConvTranspose2d(6, 6, 3, bias=False), nn.ReLU(), nn.ConvTranspose2d(6, 6, 3))
    monitor = eq.adapters.torch.BalanceMonitor(model, every=1)
    monitor.record(0)
    model(torch.randn(2, 6, 4, 4)).square().sum().backward()
    assert monitor.gradient_mismatch()["0 → 2"] < 1e-5
    monitor.step()
    assert monitor.dropped == {}
    weights = [layer.weight.detach().double() for layer in (model[0], model[2])]
    expected = (weights[0] ** 2).sum((0, 2, 3)) - (weights[1] ** 2).sum((1, 2, 3))
    torch.testing.assert_close(
        torch.from_numpy(monitor.dataset()["neuron_differences"].values[-1]), expected, rtol=1e-12, atol=0
    )
    laws = find(model, lambda: (model(torch.randn(4, 6, 4, 4)) - 1).square().mean().backward())
    assert [law.formula(laws.shapes) for law in laws.laws] == ["‖0.weight[:, i, :, :]‖² − ‖2.weight[i, :, :, :]‖²"]


def test_true_pairs_stay():
    torch.manual_seed(0)
    model = nn.Sequential(
        *(nn.Conv2d(2, 4, 3), nn.ReLU(), nn.Conv2d(4, 8, 3, groups=2), nn.ReLU(), nn.Conv2d(8, 8, 1, groups=8)),
        *(nn.Flatten(), nn.Linear(32, 5), nn.ReLU(), nn.Linear(5, 2)),
    )
    monitor = eq.adapters.torch.BalanceMonitor(model, every=1)
    monitor.record(0)
    (model(torch.randn(9, 2, 6, 6)) - 1).square().sum().backward()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        monitor.step()
    assert monitor.dropped == {}
    assert len(monitor.pairs) == 4
