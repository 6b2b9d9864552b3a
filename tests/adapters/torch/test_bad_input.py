"""Wrong use of the monitor of PyTorch models is told in one sentence."""

import pytest

import equipoise as eq

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
nn = torch.nn
BalanceMonitor = eq.adapters.torch.BalanceMonitor


def perceptron():
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: BalanceMonitor(3), "model is of type int; it must be a torch.nn.Module."),
        (lambda: BalanceMonitor([nn.Linear(2, 2)]), "model is of type list"),
        (lambda: BalanceMonitor(nn.ReLU()), r"no pair of layers to watch in ReLU \(it has no Linear, Conv or"),
        (lambda: BalanceMonitor(nn.Linear(2, 2)), "no pair of layers to watch in Linear"),
        (lambda: BalanceMonitor(nn.Sequential()), "no pair of layers to watch in Sequential"),
        (
            lambda: BalanceMonitor(nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 2))),
            r"0 goes into 1 \(Tanh\), which is not positively homogeneous",
        ),
        (
            lambda: BalanceMonitor(nn.Sequential(nn.LazyLinear(3), nn.ReLU(), nn.Linear(3, 2))),
            "0 has no weights yet: run a batch",
        ),
        (lambda: BalanceMonitor(nn.ModuleList([nn.Linear(2, 2), nn.Linear(2, 2)])), "in ModuleList"),
        (lambda: BalanceMonitor(perceptron().to(torch.complex64)), "type torch.complex64, which are not real"),
        (lambda: BalanceMonitor(perceptron(), pairs=[]), "There are no pairs to watch"),
        (
            lambda: BalanceMonitor(perceptron(), pairs=[("0", "7")]),
            "There is no layer 7 in the model; name a submodule",
        ),
        (
            lambda: BalanceMonitor(perceptron(), pairs=[("0", "1")]),
            "1 is a ReLU without a weight matrix of real numbers",
        ),
        (lambda: BalanceMonitor(perceptron(), pairs=[("2", "0")]), "2 has 2 outputs but 0 has 3 inputs"),
        (lambda: BalanceMonitor(perceptron(), every=0), "every is 0; it must be a whole number, 1 or greater"),
        (lambda: BalanceMonitor(perceptron(), neurons=-1), "neurons is -1"),
        (lambda: BalanceMonitor(perceptron().to("meta")), "on the meta device"),
        (lambda: BalanceMonitor(nn.Sequential(nn.Linear(2, 0), nn.Linear(0, 2))), "no pair of layers"),
    ],
)
@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors", "ignore:Complex modules", "ignore:Lazy modules")
def test_what_cannot_be_watched(make, sentence):
    with pytest.raises(eq.InputError, match=sentence) as error:
        make()
    assert str(error.value).endswith((".", "one."))
    assert "\n" not in str(error.value)


def test_a_bias_of_a_tree_is_not_one_of_a_module():
    with pytest.raises(eq.InputError, match="The bias of 0 is found automatically"):
        BalanceMonitor(perceptron(), pairs=[eq.adapters.Pair("0", "2", bias="0.bias")])


def test_steps_only_go_up():
    monitor = BalanceMonitor(perceptron())
    monitor.record(4)
    for step in (4, 3):
        with pytest.raises(eq.InputError, match=f"Step {step} comes after step 4"):
            monitor.record(step)
    assert monitor.dataset()["step"].values.tolist() == [4]


def test_the_start_comes_first():
    monitor = BalanceMonitor(perceptron())
    with pytest.raises(eq.InputError, match="The start is not recorded"):
        monitor.step()
    with pytest.raises(eq.InputError, match="Nothing is recorded yet"):
        monitor.dataset()


def test_layers_stay_as_they_were():
    model = perceptron()
    monitor = BalanceMonitor(model)
    monitor.record()
    model[0] = nn.Linear(3, 4)
    monitor.record(1)  # another layer of the same shape in the same place
    model[0] = nn.Linear(3, 5)
    with pytest.raises(eq.InputError, match="0 has changed its shape or lost its bias"):
        monitor.record(2)
    model[0] = nn.Identity()
    with pytest.raises(eq.InputError, match="0 is a Identity without a weight"):
        monitor.record(2)
    assert monitor.dataset().sizes["step"] == 2


def test_layers_on_several_devices_are_told():
    """Without a second device here: tensors that only say where they are."""
    from torch._subclasses.fake_tensor import FakeTensorMode

    with FakeTensorMode():
        model = perceptron()
        model[2].weight = nn.Parameter(torch.empty(2, 4, device="cuda"))
        with pytest.raises(eq.InputError, match="on several devices, cpu, cuda:0; make a monitor for each"):
            BalanceMonitor(model)


def test_a_bias_that_comes_or_goes_is_told():
    model = perceptron()
    monitor = BalanceMonitor(model)
    monitor.record()
    model[0].bias = None
    with pytest.raises(eq.InputError, match="0 has changed its shape or lost its bias"):
        monitor.record(1)


def test_the_optimizer_is_that_of_the_model():
    model, other = perceptron(), perceptron()
    with pytest.raises(eq.InputError, match="The optimizer does not have the weight of 0"):
        BalanceMonitor(model).attach(torch.optim.SGD(other.parameters(), lr=0.1))


def test_gradients_are_needed_to_compare_them():
    monitor = BalanceMonitor(perceptron())
    with pytest.raises(eq.InputError, match=r"The weight of 0 has no gradient; call .* after loss.backward"):
        monitor.gradient_mismatch()
