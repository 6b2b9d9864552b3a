"""Random programs between two layers: what is claimed to be a pair obeys the law, and simple ones are claimed."""

import numpy as np
import pytest

import equipoise as eq

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
nn, F = torch.nn, torch.nn.functional

MODELS = 60
EXACT = 1e-11

# what may stand between, each as a function of a value and a random generator that gives the function to call
ANYWHERE = {
    "relu": lambda x, r: F.relu,
    "method relu": lambda x, r: lambda h: h.relu(),
    "leaky": lambda x, r: lambda h: F.leaky_relu(h, 0.1),
    "gelu": lambda x, r: F.gelu,
    "tanh": lambda x, r: torch.tanh,
    "times": lambda x, r: lambda h: 0.5 * h,
    "over": lambda x, r: lambda h: h / 3,
    "plus": lambda x, r: lambda h: h + 0.5,
    "minus": lambda x, r: lambda h: -h,
    "abs": lambda x, r: torch.abs,
    "rectify": lambda x, r: lambda h: h.clamp(min=0),
    "clip": lambda x, r: lambda h: h.clamp(min=0, max=0.3),
    "double": lambda x, r: lambda h: h + h,
    "square": lambda x, r: lambda h: h * h,
    "skip": lambda x, r: lambda h: h + torch.relu(h),
    "contiguous": lambda x, r: lambda h: h.contiguous(),
    "flip": lambda x, r: lambda h: h.flip(-1),
    "sort": lambda x, r: lambda h: h.sort(-1)[0],
    "mean": lambda x, r: (lambda axis: lambda h: h.mean(axis, keepdim=True))(int(r.integers(1, x.ndim))),
    "mean away": lambda x, r: (lambda axis: lambda h: h.mean(axis))(int(r.integers(1 - x.ndim, 0))),
    "largest": lambda x, r: (lambda axis: lambda h: h.amax(dim=axis))(int(r.integers(1, x.ndim))),
    "softmax": lambda x, r: lambda h: h.softmax(-1),
    "layer norm": lambda x, r: (lambda n: lambda h: F.layer_norm(h, (n,)))(x.shape[-1]),
    "flatten": lambda x, r: (lambda start: lambda h: h.flatten(start))(int(r.integers(1, x.ndim))),
    "flatten some": lambda x, r: (lambda end: lambda h: torch.flatten(h, 1, end))(int(r.integers(1, x.ndim))),
    "view": lambda x, r: lambda h: h.reshape(h.shape[0], -1),
    "view back": lambda x, r: (lambda n: lambda h: h.reshape(-1, n))(x[0].numel()),
    "swap": lambda x, r: lambda h: h.transpose(1, -1),
    "squeeze": lambda x, r: lambda h: h.squeeze(-1),
    "pad": lambda x, r: lambda h: F.pad(h, (1, 0)),
    "pad ones": lambda x, r: lambda h: F.pad(h, (1, 0), value=1.0),
}
IMAGES = {
    "max pool": lambda x, r: lambda h: F.max_pool2d(h, 2),
    "mean pool": lambda x, r: lambda h: F.avg_pool2d(h, 2),
    "adaptive": lambda x, r: lambda h: F.adaptive_max_pool2d(h, 2),
    "one": lambda x, r: lambda h: F.adaptive_avg_pool2d(h, 1),
    "resize": lambda x, r: lambda h: F.interpolate(h, scale_factor=2, mode="bilinear"),
    "pad all": lambda x, r: lambda h: F.pad(h, (1, 1, 1, 1, 1, 0)),
    "reflect": lambda x, r: lambda h: F.pad(h, (1, 1), mode="reflect"),
    "mean twice": lambda x, r: lambda h: h.mean((2, 3)),
    "sum twice": lambda x, r: lambda h: h.sum(dim=(-1, -2)),
}
SIMPLE = {"relu", "method relu", "leaky", "times", "rectify", "max pool", "mean pool", "adaptive", "one", "contiguous"}


class Program(nn.Module):
    """A layer, a random program, and a layer that fits what the program gives."""

    def __init__(self, random):
        super().__init__()
        self.calls, self.names = [], []
        is_image = random.random() < 0.5
        self.inputs = torch.from_numpy(random.standard_normal((3, 2, 7, 7) if is_image else (3, 4, 5)))
        self.first = (nn.Conv2d(2, 4, 2) if is_image else nn.Linear(5, 4)).double()
        value = self.first(self.inputs)
        for _ in range(random.integers(1, 5)):
            known = ANYWHERE | (IMAGES if value.ndim == 4 and min(value.shape[2:]) >= 2 else {})
            name = str(random.choice(list(known)))
            call = known[name](value, random)
            try:
                made = call(value)
            except (RuntimeError, IndexError):  # no room for it
                continue
            if made.ndim >= 2:
                value = made
                self.calls.append(call)
                self.names.append(name)
        if value.ndim == 4 and random.random() < 0.5:
            self.second = nn.Conv2d(value.shape[1], 2, 1).double()
        else:
            self.second = nn.Linear(value.shape[-1], 2).double()

    def forward(self, x):
        x = self.first(x)
        for call in self.calls:
            x = call(x)
        return self.second(x)


def watch(number):
    torch.manual_seed(number)
    model = Program(np.random.default_rng(number))
    try:
        return model, eq.adapters.torch.BalanceMonitor(model)
    except eq.InputError as error:
        return model, str(error)


@pytest.mark.parametrize("number", range(MODELS))
def test_what_is_claimed_to_be_a_pair_obeys_the_law(number):
    model, monitor = watch(number)
    if isinstance(monitor, str):
        assert not set(model.names) <= SIMPLE or "axes" in monitor or "inputs" in monitor
        return
    outputs = model(model.inputs)
    ((outputs**3).sum() + (outputs * torch.arange(outputs.numel()).reshape(outputs.shape)).sum()).backward()
    for found in monitor.gradient_mismatch().values():
        assert found < EXACT, model.names


def test_random_models_are_of_both_kinds():
    claimed = [not isinstance(watch(number)[1], str) for number in range(MODELS)]
    assert 0.1 < np.mean(claimed) < 0.9
