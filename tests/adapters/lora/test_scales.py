"""Scales: α of a tensor, of a configuration with patterns, of diffusers' metadata, or none."""

import json
import re

import numpy as np
import pytest

import equipoise as eq
from equipoise.adapters import lora
from equipoise.adapters.lora.adapter import read_adapter
from equipoise.adapters.lora.scales import Settings
from equipoise.adapters.lora.tensors import open_tensors

from .conftest import config_of, factors, kohya_file, load, peft_folder, product, save


def settings(**values):
    return Settings("base_model.model.", {"r": 8, "lora_alpha": 16, **values}, "adapter_config.json")


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ({}, 2.0),
        ({"use_rslora": True}, 16 / np.sqrt(8)),
        ({"alpha_pattern": {"q_proj": 4}}, 0.5),
        ({"rank_pattern": {"layers.1.q_proj": 4}}, 4.0),
        ({"rank_pattern": {r".*\.1\..*": 4}}, 4.0),
        ({"rank_pattern": {"^model.layers.1.q_proj": 4}}, 4.0),
        ({"rank_pattern": {"proj": 4}}, 2.0),  # a pattern is for whole words at the end
        ({"rank_pattern": {"1.q_proj": 4, "q_proj": 2}}, 4.0),  # the first that matches
        ({"rank_pattern": None, "alpha_pattern": None}, 2.0),
    ],
)
def test_patterns_are_read_as_peft_reads_them(values, scale):
    assert settings(**values).scale("base_model.model.model.layers.1.q_proj") == pytest.approx(scale)


def test_new_patterns_are_read_as_they_are_meant():
    """Names that end like others get entries of their own."""
    ranks = {"q": 2, "a.q": 8, "b.a.q": 3, "c.q": 8, "x.1": 8, "x.11": 8, "y": 8}
    names = {f"base_model.model.{name}": rank for name, rank in ranks.items()}
    for rank_stabilized in (False, True):
        scales = dict(zip(names, np.linspace(0.3, 2, len(names)).tolist(), strict=True))
        new = settings(use_rslora=rank_stabilized).with_ranks(names, scales)
        assert {name: new.rank(name) for name in names} == names
        assert {name: new.scale(name) for name in names} == pytest.approx(scales)
    same = settings().with_ranks(dict.fromkeys(names, 4), dict.fromkeys(names, 2.0))
    assert (same.values["r"], same.values["lora_alpha"]) == (4, 8)
    assert same.values["rank_pattern"] == same.values["alpha_pattern"] == {}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"r": 0}, "rank 0"),
        ({"r": "8"}, "rank '8'"),
        ({"lora_alpha": "x"}, "lora_alpha 'x'"),
        ({"lora_alpha": float("inf")}, "lora_alpha inf"),
        ({"rank_pattern": [1]}, "rank_pattern"),
        ({"alpha_pattern": {"(": 1}}, "no regular expression"),
    ],
)
def test_a_wrong_configuration_is_told(values, said):
    with pytest.raises(eq.InputError, match=re.escape(said)):
        settings(**values).scale("base_model.model.q")


def test_ranks_16_and_64_without_alpha_have_scale_1(tmp_path):
    """As adapters are published for diffusers; taking the first rank as α for all would give 0.25 to the others."""
    modules = {"a": factors(0, 80, 96, 64), "b": factors(1, 80, 96, 16)}
    file = kohya_file(tmp_path / "a.safetensors", modules)
    assert lora.inspect(file)["scale"].values.tolist() == [1.0, 1.0]
    lora.resize(file, tmp_path / "b.safetensors", rank=8)
    adapter = read_adapter(tmp_path / "b.safetensors")
    assert [(module.rank, module.scale) for module in adapter.modules] == [(8, 1.0), (8, 1.0)]


def test_alpha_of_a_tensor_follows_the_rank(tmp_path):
    modules = {"a": factors(0), "b": factors(1)}
    file = kohya_file(tmp_path / "a.safetensors", modules, alphas={"a": 4.0, "b": 3.0}, dtype=np.float16)
    lora.resize(file, tmp_path / "b.safetensors", rank=3)
    found = open_tensors(tmp_path / "b.safetensors").tensors
    assert float(found["a.alpha"].read()) == 1.5
    assert found["a.alpha"].dtype == np.float16
    assert float(found["b.alpha"].read()) == pytest.approx(3 * 3 / 8, rel=1e-7)


def test_an_alpha_that_a_dtype_cannot_hold_is_written_in_float32(tmp_path):
    file = kohya_file(tmp_path / "a.safetensors", {"a": factors(0, rank=7)}, alphas={"a": 1.0}, dtype=np.float16)
    lora.resize(file, tmp_path / "b.safetensors", rank=3)
    assert float(open_tensors(tmp_path / "b.safetensors").tensors["a.alpha"].read()) == pytest.approx(3 / 7, rel=1e-7)


def test_metadata_of_diffusers_give_the_scale_and_follow_it(tmp_path):
    about = {"transformer.r": 8, "transformer.lora_alpha": 4, "transformer.use_rslora": False, "unet.r": 8}
    names = {"transformer.x.lora_A.weight": 0, "transformer.x.lora_B.weight": 1, "other.lora_A.weight": 0}
    pair = factors()
    arrays = {name: pair[i].astype(np.float32) for name, i in {**names, "other.lora_B.weight": 1}.items()}
    file = save(tmp_path / "a.safetensors", arrays, {"lora_adapter_metadata": json.dumps(about)})
    assert dict(zip(*scales_of(file), strict=True)) == {"other": 1.0, "transformer.x": 0.5}
    lora.resize(file, tmp_path / "b.safetensors", rank=2)
    told = json.loads(open_tensors(tmp_path / "b.safetensors").metadata["lora_adapter_metadata"])
    assert (told["transformer.r"], told["transformer.lora_alpha"], told["unet.r"]) == (2, 1, 8)
    assert dict(zip(*scales_of(tmp_path / "b.safetensors"), strict=True)) == {"other": 1.0, "transformer.x": 0.5}


def scales_of(file):
    found = lora.inspect(file)
    return found["module"].values.tolist(), found["scale"].values.tolist()


def test_rank_stabilized_adapters_keep_the_product(tmp_path):
    """r = 4, α = 8, so s = 4."""
    a, b = factors(rank=4)
    folder = peft_folder(tmp_path / "a", {"q": (a, b)}, r=4, lora_alpha=8, use_rslora=True)
    lora.balance(folder, tmp_path / "b")
    lora.resize(folder, tmp_path / "c", rank=2)
    assert read_adapter(tmp_path / "b").modules[0].scale == 4.0
    assert read_adapter(tmp_path / "c").modules[0].scale == pytest.approx(4.0, rel=1e-12)
    assert config_of(tmp_path / "c")["lora_alpha"] == pytest.approx(4 * np.sqrt(2))
    names = ("base_model.model.{}.lora_A.weight", "base_model.model.{}.lora_B.weight")
    new = product(load(tmp_path / "b" / "adapter_model.safetensors"), "q", names)
    np.testing.assert_allclose(new, b @ a, atol=1e-6 * np.linalg.norm(b @ a))


def test_a_rank_that_is_not_that_of_the_configuration_is_told(tmp_path):
    folder = peft_folder(tmp_path / "a", {"q": factors()}, r=16)
    with pytest.raises(eq.InputError, match=r"has rank 8, but .* gives it 16"):
        lora.inspect(folder)


def test_without_its_configuration_an_adapter_of_peft_is_not_resized(tmp_path):
    folder = peft_folder(tmp_path / "a", {"q": factors()})
    (folder / "adapter_config.json").unlink()
    assert "adapter_config.json" in lora.inspect(folder).attrs["notes"]
    with pytest.raises(eq.InputError, match=r"no adapter_config\.json"):
        lora.resize(folder, tmp_path / "b.safetensors", rank=2)


@pytest.mark.parametrize("start", ["pissa", "pissa_niter_4", "olora", "loftq", "corda"])
def test_starts_that_change_the_base_model_are_balanced_but_not_resized(tmp_path, start):
    folder = peft_folder(tmp_path / "a", {"q": factors()}, init_lora_weights=start)
    lora.balance(folder, tmp_path / "b")
    with pytest.raises(eq.InputError, match=start):
        lora.resize(folder, tmp_path / "c", rank=2)
    assert not (tmp_path / "c").exists()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"peft_type": "LOHA"}', '{"use_bdlora": {"nblocks": 2}}', "[" * 9999])
def test_a_wrong_configuration_file_is_told(tmp_path, text):
    folder = peft_folder(tmp_path / "a", {"q": factors()})
    (folder / "adapter_config.json").write_text(text)
    with pytest.raises(eq.InputError, match=r"adapter_config\.json"):
        lora.inspect(folder)
