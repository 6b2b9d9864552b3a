"""Adapters that peft itself makes, changed by us and loaded back by peft: the model's outputs stay what they were."""

import json

import numpy as np
import pytest

from equipoise.adapters import lora

torch = pytest.importorskip("torch")
peft = pytest.importorskip("peft")
transformers = pytest.importorskip("transformers")
from torch import nn  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore")

SIZE = 24


class Small(nn.Module):
    """An embedding, a convolution over it, and two linear layers."""

    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(11, SIZE)
        self.conv = nn.Conv2d(1, 6, 3, padding=1)
        self.q = nn.Linear(SIZE, SIZE)
        self.v = nn.Linear(SIZE, 7)

    def forward(self, ids):
        x = self.emb(ids)
        x = x + self.conv(x[:, None]).mean(1)
        return self.v(torch.tanh(self.q(x)))


class Experts(nn.Module):
    """Two parameters of three experts each, one of them stored as (experts, outputs, inputs)."""

    def __init__(self):
        super().__init__()
        self.gate = nn.Parameter(torch.randn(3, 8, 12) / 8)
        self.down = nn.Parameter(torch.randn(3, 12, 8) / 8)

    def forward(self, x):
        return torch.einsum("bi,eio,eoj->bj", x, self.gate, self.down)


class Mixture(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(8, 8)
        self.experts = Experts()

    def forward(self, x):
        return self.experts(self.first(x))


def gpt2():
    config = transformers.GPT2Config(n_layer=2, n_embd=32, n_head=2, vocab_size=50, n_positions=16)
    return transformers.GPT2LMHeadModel(config)


IDS = torch.arange(20).reshape(4, 5) % 11
FLOATS = torch.linspace(-1, 1, 40).reshape(5, 8)

CASES = {
    "plain": (Small, IDS, {"r": 4, "lora_alpha": 8, "target_modules": ["q", "v"]}),
    "rank-stabilized, with patterns": (
        Small,
        IDS,
        {
            "r": 4,
            "lora_alpha": 8,
            "use_rslora": True,
            "target_modules": ["q", "v", "emb"],
            "rank_pattern": {"v": 3},
            "alpha_pattern": {"^q": 5},
        },
    ),
    "DoRA": (Small, IDS, {"r": 4, "lora_alpha": 3, "use_dora": True, "target_modules": ["q", "v"]}),
    "embedding": (Small, IDS, {"r": 4, "lora_alpha": 6, "target_modules": ["emb"]}),
    "convolution": (Small, IDS, {"r": 4, "lora_alpha": 6, "target_modules": ["conv", "v"]}),
    "bias of B": (Small, IDS, {"r": 4, "lora_alpha": 6, "lora_bias": True, "target_modules": ["q", "v"]}),
    "GPT-2, fan_in_fan_out": (
        gpt2,
        IDS,
        {"r": 4, "lora_alpha": 8, "fan_in_fan_out": True, "target_modules": ["c_attn", "c_proj"]},
    ),
    "experts": (
        Mixture,
        FLOATS,
        {"r": 2, "lora_alpha": 8, "target_modules": ["first"], "target_parameters": ["experts.gate", "experts.down"]},
    ),
}


def outputs(model, inputs):
    with torch.no_grad():
        found = model(inputs)
    return (found if torch.is_tensor(found) else found.logits).double().numpy()


@pytest.fixture(params=CASES, ids=lambda name: name.replace(" ", "-"))
def made(request, tmp_path):
    """An adapter in a folder, what the base model and the adapted model give, and how to load another adapter."""
    build, inputs, options = CASES[request.param]
    torch.manual_seed(0)
    base = build().eval()
    state = {name: value.clone() for name, value in base.state_dict().items()}
    plain = outputs(base, inputs)
    model = peft.get_peft_model(base, peft.LoraConfig(**options)).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_" in name and "magnitude" not in name:
                parameter.copy_(
                    torch.randn_like(parameter) * (0.03 if "lora_B" in name or "embedding_B" in name else 1)
                )
            elif "magnitude" in name:
                parameter.mul_(1.3)
    model.save_pretrained(tmp_path / "made")

    def load(folder):
        fresh = build()
        fresh.load_state_dict(state)
        return outputs(peft.PeftModel.from_pretrained(fresh.eval(), str(folder)).eval(), inputs)

    return tmp_path / "made", plain, load


def relative(found, expected, plain):
    """The change of what the adapter does, relative to what it does."""
    return np.linalg.norm(found - expected) / np.linalg.norm(expected - plain)


def test_balanced_factors_give_the_same_outputs(made, tmp_path):
    folder, plain, load = made
    expected = load(folder)
    report = lora.balance(folder, tmp_path / "balanced")
    assert relative(load(tmp_path / "balanced"), expected, plain) < 2e-5
    assert float(report.dataset["relative_error"].max()) < 1e-6
    assert float(report.dataset["balance_gap"].max()) < 1e-6
    assert float(report.dataset["balance_gap_before"].min()) > 0.1


def test_a_resized_adapter_of_full_energy_gives_the_same_outputs(made, tmp_path):
    """The factors get superfluous columns first, so that there is something to leave out."""
    folder, plain, load = made
    expected = load(folder)
    if "DoRA" not in str(json.loads((folder / "adapter_config.json").read_text())) and not has_magnitudes(folder):
        lora.merge([(folder, 0.5), (folder, 0.5)], tmp_path / "wide")
        assert relative(load(tmp_path / "wide"), expected, plain) < 2e-5
        folder = tmp_path / "wide"
    report = lora.resize(folder, tmp_path / "small", energy=1.0 - 1e-9, per_layer=True)
    assert relative(load(tmp_path / "small"), expected, plain) < 1e-4
    assert bool((report.dataset["rank"] <= report.dataset["rank_before"]).all())


def has_magnitudes(folder):
    return bool(json.loads((folder / "adapter_config.json").read_text())["use_dora"])


def test_a_truncated_product_is_what_peft_loads(made, tmp_path):
    folder, _, load = made
    report = lora.resize(folder, tmp_path / "small", rank=1)
    assert set(report.dataset["rank"].values) == {1}
    assert np.allclose(report.dataset["relative_error"], report.dataset["least_error"], rtol=1e-3, atol=1e-6)
    assert np.all(np.isfinite(load(tmp_path / "small")))


def test_ranks_of_their_own_are_found_by_peft(tmp_path):
    """Layers 1 and 11 and names that end alike: the patterns that we write are read as we mean them."""
    torch.manual_seed(1)

    def build():
        torch.manual_seed(2)
        return nn.ModuleDict(
            {f"layers_{i}": nn.ModuleDict({"q": nn.Linear(8, 8), "aq": nn.Linear(8, 8)}) for i in range(12)}
        )

    model = peft.get_peft_model(build(), peft.LoraConfig(r=8, lora_alpha=12, target_modules=["q", "aq"]))
    with torch.no_grad():
        for i, (name, parameter) in enumerate(model.named_parameters()):
            if "lora_" in name:
                parameter.copy_(torch.randn_like(parameter))
                if "lora_B" in name:
                    parameter[:, 1 + i % 7 :] = 0
    model.save_pretrained(tmp_path / "made")
    report = lora.resize(tmp_path / "made", tmp_path / "small", energy=1.0 - 1e-9, per_layer=True)
    assert len(set(report.dataset["rank"].values)) > 3
    loaded = peft.PeftModel.from_pretrained(build(), str(tmp_path / "small"))
    for name, module in model.named_modules():
        if hasattr(module, "lora_A") and "default" in module.lora_A:
            other = loaded.get_submodule(name)
            assert other.scaling["default"] == pytest.approx(1.5, rel=1e-6)
            expected = module.get_delta_weight("default")
            assert torch.allclose(other.get_delta_weight("default"), expected, atol=1e-4)


def test_a_merge_is_the_sum_of_what_peft_adds(tmp_path):
    torch.manual_seed(3)
    base = Small().eval()
    weights = {"one": 0.7, "two": -1.5}
    settings = {
        "one": peft.LoraConfig(r=4, lora_alpha=8, use_rslora=True, target_modules=["q", "v"]),
        "two": peft.LoraConfig(r=2, lora_alpha=3, target_modules="q|emb"),
    }
    deltas = {}
    for name, config in settings.items():
        model = peft.get_peft_model(Small().eval(), config)
        with torch.no_grad():
            for key, parameter in model.named_parameters():
                if "lora_" in key:
                    parameter.copy_(torch.randn_like(parameter))
        model.save_pretrained(tmp_path / name)
        deltas[name] = {
            key: module.get_delta_weight("default").detach()
            for key, module in model.named_modules()
            if hasattr(module, "get_delta_weight")
        }
    lora.merge([(tmp_path / name, weight) for name, weight in weights.items()], tmp_path / "merged")
    merged = peft.PeftModel.from_pretrained(base, str(tmp_path / "merged"))
    found = {k: m.get_delta_weight("default") for k, m in merged.named_modules() if hasattr(m, "get_delta_weight")}
    keys = {key for own in deltas.values() for key in own}
    assert set(found) == keys
    for key in keys:
        expected = sum(weights[name] * own[key] for name, own in deltas.items() if key in own)
        assert torch.allclose(found[key], expected, rtol=1e-4, atol=1e-4)


def test_naive_saving_of_a_rank_stabilized_adapter_doubles_it(tmp_path):
    """r = 4, α = 8: what is resized keeps s·BA; to fold s into B and keep the configuration would double it."""
    torch.manual_seed(4)
    config = peft.LoraConfig(r=4, lora_alpha=8, use_rslora=True, target_modules=["v"])
    model = peft.get_peft_model(Small(), config)
    with torch.no_grad():
        for key, parameter in model.named_parameters():
            if "lora_" in key:
                parameter.copy_(torch.randn_like(parameter))
    model.save_pretrained(tmp_path / "made")
    module = model.base_model.model.v
    expected = module.get_delta_weight("default")
    assert module.scaling["default"] == 4.0
    lora.resize(tmp_path / "made", tmp_path / "same", rank=4)
    lora.merge([(tmp_path / "made", 1.0)], tmp_path / "merged")
    for name in ("same", "merged"):
        loaded = peft.PeftModel.from_pretrained(Small(), str(tmp_path / name)).base_model.model.v
        assert torch.allclose(loaded.get_delta_weight("default"), expected, rtol=1e-5, atol=1e-5)
