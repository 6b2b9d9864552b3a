"""Pairs are found where the law holds, and nowhere else: both are held against automatic differentiation."""

import dataclasses

import pytest

import equipoise as eq

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
nn, F = torch.nn, torch.nn.functional
BalanceMonitor = eq.adapters.torch.BalanceMonitor

EXACT = 1e-12  # float64: the sums of a few hundred products
BROKEN = 1e-3  # with random weights the two sides differ by far more than this where the law does not hold


class By(nn.Module):
    """A module with the given parts, whose forward is a function of the module and the input."""

    def __init__(self, forward, **parts):
        super().__init__()
        self.function = forward
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x):
        return self.function(self, x)


def mismatch(monitor, model, inputs):
    """The monitor's, at the gradients of a loss without any symmetry."""
    model.zero_grad()
    outputs = model(inputs)
    outputs = outputs[0] if isinstance(outputs, tuple) else outputs
    torch.manual_seed(1)
    ((outputs * torch.randn_like(outputs)).sum() + (outputs**3).sum() / 10).backward()
    return monitor.gradient_mismatch()


def images(channels=2, size=8):
    return torch.randn(5, channels, size, size, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def points(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def made(build):
    torch.manual_seed(0)
    return build().double()


def dense(*between, start=6, hidden=5, end=3):
    return nn.Sequential(nn.Linear(start, hidden), *between, nn.Linear(hidden, end))


def lenet(self, x):
    x = F.max_pool2d(F.relu(self.a(x)), 2)
    x = F.avg_pool2d(torch.relu(self.b(x)), 2, padding=1)
    x = x.view(x.size(0), -1)
    return self.d(F.dropout(self.c(x).clamp(min=0), 0.3, self.training))


def conv_parts():
    return {"a": nn.Conv2d(2, 4, 3), "b": nn.Conv2d(4, 3, 3, padding=1), "c": nn.Linear(12, 5), "d": nn.Linear(5, 2)}


def residual(self, x):
    h = F.relu(self.a(x))
    return self.d(F.relu(self.c(self.b(h)) + h))


def lora(self, x):
    return self.base(x) + self.up(self.down(x)) * 2.0 / 8


DENSE, IMAGES = points(7, 6), images()
PAIRED = {
    "relu": (lambda: dense(nn.ReLU()), DENSE, {"0 → 2": False}),
    "leaky": (lambda: dense(nn.LeakyReLU(0.3)), DENSE, {"0 → 2": False}),
    "prelu": (lambda: dense(nn.PReLU(5)), DENSE, {"0 → 2": False}),
    "nothing": (lambda: dense(), DENSE, {"0 → 1": True}),
    "identity": (lambda: dense(nn.Identity(), nn.Dropout(0.0)), DENSE, {"0 → 3": True}),
    "dropout": (lambda: dense(nn.Dropout(0.5)), DENSE, {"0 → 2": False}),
    "nested": (
        lambda: nn.Sequential(
            nn.Sequential(nn.Linear(6, 5), nn.Sequential(nn.ReLU())), nn.Sequential(nn.Sequential(nn.Linear(5, 3)))
        ),
        DENSE,
        {"0.0 → 1.0.0": False},
    ),
    "without bias": (lambda: nn.Sequential(nn.Linear(6, 5, bias=False), nn.Linear(5, 2)), DENSE, {"0 → 1": True}),
    "tokens": (lambda: dense(nn.ReLU()), points(4, 9, 6), {"0 → 2": False}),
    "tokens flattened": (
        lambda: nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Flatten(), nn.Linear(45, 2)),
        points(4, 9, 6),
        {"0 → 3": False},
    ),
    "tokens flattened, linear": (
        lambda: nn.Sequential(nn.Linear(6, 5), nn.Flatten(), nn.Linear(45, 2)),
        points(4, 9, 6),
        {"0 → 2": True},
    ),
    "LeNet": (lambda: By(lenet, **conv_parts()), IMAGES, {"a → b": False, "b → c": False, "c → d": False}),
    "convolutions, linear": (
        lambda: nn.Sequential(
            nn.Conv2d(2, 4, 3), nn.AvgPool2d(2), nn.ZeroPad2d(1), nn.Conv2d(4, 3, 3), nn.Flatten(), nn.Linear(27, 2)
        ),
        IMAGES,
        {"0 → 3": True, "3 → 5": True},
    ),
    "1d": (
        lambda: nn.Sequential(nn.Conv1d(2, 4, 3), nn.MaxPool1d(2), nn.Conv1d(4, 3, 2), nn.Flatten(), nn.Linear(6, 2)),
        points(5, 2, 8),
        {"0 → 2": False, "2 → 4": True},
    ),
    "3d": (
        lambda: nn.Sequential(nn.Conv3d(1, 3, 2), nn.ReLU(), nn.Conv3d(3, 2, 2), nn.AdaptiveAvgPool3d(1)),
        points(3, 1, 4, 4, 4),
        {"0 → 2": False},
    ),
    "grouped": (
        lambda: nn.Sequential(
            nn.Conv2d(2, 6, 3), nn.Conv2d(6, 6, 3, groups=6), nn.ReLU(), nn.Conv2d(6, 4, 1, groups=2)
        ),
        IMAGES,
        {"0 → 1": False, "1 → 3": False},
    ),
    "global mean": (
        lambda: By(lambda s, x: s.b(F.relu(s.a(x)).mean((2, 3))), a=nn.Conv2d(2, 4, 3), b=nn.Linear(4, 2)),
        IMAGES,
        {"a → b": False},
    ),
    "adaptive and squeeze": (
        lambda: By(
            lambda s, x: s.b(F.adaptive_avg_pool2d(s.a(x), 1).squeeze(-1).squeeze(-1)),
            a=nn.Conv2d(2, 4, 3),
            b=nn.Linear(4, 2),
        ),
        IMAGES,
        {"a → b": True},
    ),
    "reshape by product": (
        lambda: By(
            lambda s, x: s.b((lambda h: h.reshape(h.shape[0], h.shape[1] * h.shape[2] * h.shape[3]))(s.a(x).relu())),
            a=nn.Conv2d(2, 4, 3),
            b=nn.Linear(4 * 36, 2),
        ),
        IMAGES,
        {"a → b": False},
    ),
    "view(-1, n)": (
        lambda: By(lambda s, x: s.b(s.a(x).relu().view(-1, 4 * 36)), a=nn.Conv2d(2, 4, 3), b=nn.Linear(4 * 36, 2)),
        IMAGES,
        {"a → b": False},
    ),
    "LoRA": (
        lambda: By(lora, base=nn.Linear(6, 4), down=nn.Linear(6, 2, bias=False), up=nn.Linear(2, 4, bias=False)),
        DENSE,
        {"down → up": True},
    ),
    "block called twice": (
        lambda: By(lambda s, x: s.block(s.block(x)), block=nn.Sequential(nn.Linear(6, 4), nn.ReLU(), nn.Linear(4, 6))),
        DENSE,
        {"block.0 → block.2": False},
    ),
    "two names": (
        lambda: (lambda fc: By(lambda s, x: s.net(x), fc=fc, net=nn.Sequential(fc, nn.ReLU(), nn.Linear(5, 2))))(
            nn.Linear(6, 5)
        ),
        DENSE,
        {"fc → net.2": False},
    ),
    "residual around": (
        lambda: By(
            lambda s, x: x + s.b(F.relu(s.a(x))),
            a=nn.Linear(6, 4),
            b=nn.Linear(4, 6),
        ),
        DENSE,
        {"a → b": False},
    ),
}


@pytest.mark.parametrize("case", PAIRED)
def test_pairs_are_found_and_obey_the_law(case):
    build, inputs, expected = PAIRED[case]
    model = made(build)
    monitor = BalanceMonitor(model)
    assert {pair.name: pair.linear for pair in monitor.pairs} == expected
    found = mismatch(monitor, model, inputs)
    assert set(found) == set(expected)
    assert max(found.values()) < EXACT


@pytest.mark.parametrize("case", [name for name in PAIRED if name != "grouped"])
def test_a_pair_is_linear_where_the_whole_matrix_is_kept(case):
    build, inputs, expected = PAIRED[case]
    model = made(build)
    as_linear = [dataclasses.replace(pair, linear=True) for pair in BalanceMonitor(model).pairs]
    for name, found in mismatch(BalanceMonitor(model, pairs=as_linear), model, inputs).items():
        assert found < EXACT if expected[name] else found > BROKEN


BREAKS = {
    "GELU": (lambda: dense(nn.GELU()), DENSE, "not positively homogeneous"),
    "Sigmoid": (lambda: dense(nn.Sigmoid()), DENSE, "not positively homogeneous"),
    "Tanh": (lambda: dense(nn.Tanh()), DENSE, "not positively homogeneous"),
    "ReLU6": (lambda: By(lambda s, x: s.b(F.relu6(30 * s.a(x))), a=nn.Linear(6, 5), b=nn.Linear(5, 3)), DENSE, "relu6"),
    "functional gelu": (
        lambda: By(lambda s, x: s.b(F.gelu(s.a(x))), a=nn.Linear(6, 5), b=nn.Linear(5, 3)),
        DENSE,
        "gelu, which is not positively homogeneous",
    ),
    "BatchNorm": (lambda: dense(nn.BatchNorm1d(5), nn.ReLU()), DENSE, "1 (BatchNorm1d), which normalizes"),
    "LayerNorm": (lambda: dense(nn.LayerNorm(5), nn.ReLU()), DENSE, "1 (LayerNorm), which normalizes"),
    "constant": (
        lambda: By(lambda s, x: s.b(F.relu(s.a(x) + 1.0)), a=nn.Linear(6, 5, bias=False), b=nn.Linear(5, 3)),
        DENSE,
        "add, which",
    ),
    "skip": (
        lambda: By(residual, a=nn.Linear(6, 5), b=nn.Linear(5, 4), c=nn.Linear(4, 5), d=nn.Linear(5, 2)),
        DENSE,
        "2 ways, to b (Linear), add",
    ),
    "softmax": (
        lambda: By(lambda s, x: s.b(s.a(x).softmax(-1)), a=nn.Linear(6, 5), b=nn.Linear(5, 3)),
        DENSE,
        "softmax, which is not",
    ),
    "pooled neurons": (
        lambda: nn.Sequential(nn.Linear(6, 6), nn.MaxPool1d(3, 1, 1), nn.Linear(6, 2)),
        DENSE,
        "mixes the channels",
    ),
    "no flatten": (
        lambda: nn.Sequential(nn.Conv2d(2, 6, 3), nn.ReLU(), nn.Linear(6, 3)),
        IMAGES,
        "other axes than those of the channels",
    ),
    "transposed": (
        lambda: By(lambda s, x: s.b(s.a(x).transpose(1, 2)), a=nn.Linear(6, 5), b=nn.Linear(5, 3)),
        points(4, 5, 6),
        "transpose, which is not known",
    ),
    "padded with ones": (
        lambda: By(
            lambda s, x: s.b(F.pad(s.a(x), (1, 1), value=1.0)),
            a=nn.Conv1d(2, 4, 3, bias=False),
            b=nn.Conv1d(4, 3, 3),
        ),
        points(5, 2, 8),
        "pads with 1.0",
    ),
    "shared": (
        lambda: By(lambda s, x: s.b(F.relu(s.a(F.relu(s.a(x))))), a=nn.Linear(6, 6), b=nn.Linear(6, 3)),
        DENSE,
        "called 2 times, as a shared layer",
    ),
    "second shared": (
        lambda: By(lambda s, x: s.b(F.relu(s.a(x))) + s.b(x), a=nn.Linear(6, 6), b=nn.Linear(6, 3)),
        DENSE,
        "is shared: it reads 1 other values",
    ),
    "read directly": (
        lambda: By(
            lambda s, x: s.b(F.relu(s.a(x))) + F.linear(x, s.a.weight).sum(-1, keepdim=True),
            a=nn.Linear(6, 5),
            b=nn.Linear(5, 3),
        ),
        DENSE,
        "has parameters that other code reads",
    ),
    "two outputs": (
        lambda: By(
            lambda s, x: s.both(s.a(x)), a=nn.Linear(6, 5), both=By(lambda s, h: (s.b(h) + h.sum(),), b=nn.Linear(5, 3))
        ),
        DENSE,
        "2 ways",
    ),
}


@pytest.mark.parametrize("case", BREAKS)
def test_what_breaks_a_pair_is_named_and_does_break_it(case):
    build, inputs, reason = BREAKS[case]
    model = made(build)
    layers = [name for name, module in model.named_modules() if isinstance(module, nn.Linear | nn.Conv1d | nn.Conv2d)]
    by_hand = BalanceMonitor(model, pairs=[(layers[0], layers[-1] if case != "skip" else layers[1])])
    assert max(mismatch(by_hand, model, inputs).values()) > BROKEN
    try:
        said = BalanceMonitor(model).unpaired[layers[0]]
    except ValueError as error:
        said = str(error)
    assert reason in said


def test_every_layer_is_accounted_for():
    model = made(lambda: By(residual, a=nn.Linear(6, 5), b=nn.Linear(5, 4), c=nn.Linear(4, 5), d=nn.Linear(5, 2)))
    monitor = BalanceMonitor(model)
    assert [pair.name for pair in monitor.pairs] == ["b → c"]
    assert set(monitor.unpaired) == {"a", "c", "d"}
    assert "add, which joins it with another value" in monitor.unpaired["c"]
    assert monitor.unpaired["d"] == "gives the output of the model"
    assert "b → c: 4 neurons" in str(monitor)
    assert "a goes 2 ways" in str(monitor)


def test_a_second_layer_needs_no_free_bias():
    model = made(lambda: dense(nn.ReLU()))
    model[2].bias.requires_grad_(False)
    assert BalanceMonitor(model).pairs
    model[0].bias.requires_grad_(False)
    with pytest.raises(ValueError, match="requires_grad is off for its bias"):
        BalanceMonitor(model)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda m: m[0].weight.requires_grad_(False), "is frozen"),
        (lambda m: nn.utils.parametrizations.weight_norm(m[0]), "computes its weight from other parameters"),
        (lambda m: nn.utils.parametrizations.spectral_norm(m[2]), "2, which computes its weight from other parameters"),
        (lambda m: setattr(m[0], "weight", m[2].weight), "shares a parameter: 0.weight is 2.weight"),
    ],
)
def test_parameters_that_are_not_free_break_a_pair(change, reason):
    model = made(lambda: dense(nn.ReLU(), start=5, end=5))
    change(model)
    with pytest.raises(ValueError, match=reason):
        BalanceMonitor(model)


def test_a_layer_may_be_called_by_keyword():
    model = made(lambda: By(lambda s, x: s.b(input=F.relu(s.a(input=x))), a=nn.Linear(6, 5), b=nn.Linear(5, 3)))
    assert [pair.name for pair in BalanceMonitor(model).pairs] == ["a → b"]
