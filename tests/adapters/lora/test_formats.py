"""Names and shapes of adapters: each way to name the factors, convolutions, experts, shards, and what is refused."""

import json

import numpy as np
import pytest

import equipoise as eq
from equipoise.adapters import lora
from equipoise.adapters.lora.formats import ENDINGS

from .conftest import factors, kohya_file, load, peft_folder, product, save


@pytest.mark.parametrize(("down", "up"), ENDINGS)
@pytest.mark.parametrize("prefix", ["lora_unet_x", "transformer.blocks.0.x", "diffusion_model.x", "text_encoders.y.x"])
def test_every_way_to_name_the_factors_is_known(tmp_path, prefix, down, up):
    a, b = factors()
    other = np.arange(5, dtype=np.int32)
    file = save(tmp_path / "a.safetensors", {prefix + down: a, prefix + up: b, "other": other})
    found = lora.inspect(file)
    assert found["module"].values.tolist() == [prefix]
    assert float(found["frobenius_norm"][0]) == pytest.approx(np.linalg.norm(b @ a))
    lora.balance(file, tmp_path / "b.safetensors")
    arrays = load(tmp_path / "b.safetensors")
    assert set(arrays) == {prefix + down, prefix + up, "other"}
    np.testing.assert_array_equal(arrays["other"], other)
    np.testing.assert_allclose(arrays[prefix + up] @ arrays[prefix + down], b @ a, atol=1e-14)


@pytest.mark.parametrize("window", [(1, 1), (3, 3), (3, 1, 2)])
def test_convolutions_keep_their_windows(tmp_path, window):
    generator = np.random.default_rng(0)
    a, b = generator.standard_normal((8, 5, *window)), generator.standard_normal((6, 8, *(1 for _ in window)))
    file = kohya_file(tmp_path / "a.safetensors", {"c": (a, b)}, alphas={"c": 4}, dtype=np.float64)
    assert lora.inspect(file)["kind"].values.tolist() == ["convolution"]
    lora.balance(file, tmp_path / "b.safetensors")
    lora.resize(file, tmp_path / "c.safetensors", rank=2)
    same, small = load(tmp_path / "b.safetensors"), load(tmp_path / "c.safetensors")
    assert same["c.lora_down.weight"].shape == a.shape
    assert small["c.lora_down.weight"].shape == (2, 5, *window)
    assert small["c.lora_up.weight"].shape == (6, 2, *b.shape[2:])
    expected = product({"c.lora_down.weight": a, "c.lora_up.weight": b}, "c")
    np.testing.assert_allclose(product(same, "c"), expected, atol=1e-12)
    values = np.linalg.svd(expected, compute_uv=False)
    assert np.linalg.norm(product(small, "c") - expected) == pytest.approx(np.linalg.norm(values[2:]))


def test_experts_are_taken_one_by_one(tmp_path):
    """Two experts in A (2·r, n) and B (m, r·2); each is decomposed by itself, and the rank is one for all."""
    generator = np.random.default_rng(0)
    a, b = generator.standard_normal((2 * 4, 9)), generator.standard_normal((7, 4 * 2))
    folder = peft_folder(
        tmp_path / "a", {"mlp.experts": (a, b)}, np.float64, r=4, target_parameters=["mlp.experts.down"]
    )
    found = lora.inspect(folder)
    each = np.einsum("ore,eri->eoi", b.reshape(7, 4, 2), a.reshape(2, 4, 9))
    np.testing.assert_allclose(found["frobenius_norm"], 4.0 * np.linalg.norm(each, axis=(1, 2)))
    assert [str(name)[-3:] for name in found["module"].values] == ["[0]", "[1]"]
    lora.resize(folder, tmp_path / "b", rank=2)
    arrays = load(tmp_path / "b" / "adapter_model.safetensors")
    down, up = (arrays[f"base_model.model.mlp.experts.lora_{which}.weight"] for which in "AB")
    assert (down.shape, up.shape) == ((4, 9), (7, 4))
    new = np.einsum("ore,eri->eoi", up.reshape(7, 2, 2), down.reshape(2, 2, 9))
    for i in range(2):
        values = np.linalg.svd(each[i], compute_uv=False)
        assert np.linalg.norm(new[i] - each[i]) == pytest.approx(np.linalg.norm(values[2:]))


def test_what_belongs_to_a_module_and_what_does_not_pass_through(tmp_path):
    names = ["q.lora_magnitude_vector", "q.lora_B.bias", "classifier.weight"]
    others = {f"base_model.model.{name}": np.arange(20, dtype=np.float32) for name in names}
    folder = peft_folder(tmp_path / "a", {"q": factors()}, others=others, modules_to_save=["classifier"])
    (folder / "README.md").write_text("about")
    (folder / "optimizer.pt").write_bytes(b"moments")
    lora.resize(folder, tmp_path / "b", rank=2)
    arrays = load(tmp_path / "b" / "adapter_model.safetensors")
    for name, values in others.items():
        np.testing.assert_array_equal(arrays[name], values)
    written = {path.name for path in (tmp_path / "b").iterdir()}
    assert written == {"adapter_model.safetensors", "adapter_config.json", "README.md"}


def test_shards_stay_shards(tmp_path):
    one, two = {"a": factors(0)}, {"b": factors(1)}
    folder = tmp_path / "a"
    places = {}
    for i, own in enumerate((one, two)):
        kohya_file(folder / f"model-{i}.safetensors", own, alphas={next(iter(own)): 8})
        places.update(
            {
                f"{next(iter(own))}.{end}": f"model-{i}.safetensors"
                for end in ("lora_down.weight", "lora_up.weight", "alpha")
            }
        )
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": places}))
    lora.resize(folder, tmp_path / "b", rank=2)
    written = {path.name for path in (tmp_path / "b").iterdir()}
    assert written == {"model-0.safetensors", "model-1.safetensors", "model.safetensors.index.json"}
    index = json.loads((tmp_path / "b" / "model.safetensors.index.json").read_text())
    assert index["weight_map"] == places
    assert index["metadata"]["total_size"] == 2 * (2 * (20 + 32) + 1) * 4
    assert lora.inspect(tmp_path / "b")["rank"].values.tolist() == [2, 2]


@pytest.mark.parametrize(
    ("index", "said"),
    [
        ({}, "no weight_map"),
        ({"weight_map": {"a": "../secret.safetensors"}}, "in the folder of their index"),
        ({"weight_map": {"a": 3}}, "in the folder of their index"),
        ({"weight_map": {"a": "gone.safetensors"}}, "There is no file"),
        ({"weight_map": {"nothing": "model-0.safetensors"}}, "but it is not"),
    ],
)
def test_a_wrong_index_is_told(tmp_path, index, said):
    kohya_file(tmp_path / "model-0.safetensors", {"a": factors()})
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(eq.InputError, match=said):
        lora.inspect(tmp_path)


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("base_model.model.q.lora_E", "AdaLoRA"),
        ("x.hada_w1_a", "LoHa"),
        ("x.lokr_w1", "LoKr"),
        ("x.lora_mid.weight", "Tucker"),
        ("x.oft_blocks", "OFT"),
    ],
)
def test_other_methods_are_refused_by_name(tmp_path, name, method):
    file = kohya_file(tmp_path / "a.safetensors", {"x": factors()}, others={name: np.ones((2, 2), np.float32)})
    with pytest.raises(eq.InputError, match=method):
        lora.inspect(file)


@pytest.mark.parametrize(
    ("down", "up"),
    [((8, 5), (6, 7)), ((8,), (6, 8)), ((8, 5, 3, 3), (6, 8, 3, 3)), ((8, 5, 3, 3), (6, 4, 1, 1)), ((0, 5), (6, 0))],
)
def test_shapes_that_do_not_fit_are_told(tmp_path, down, up):
    file = kohya_file(tmp_path / "a.safetensors", {"x": (np.ones(down), np.ones(up))})
    with pytest.raises(eq.InputError, match=r"x in .* has A of shape"):
        lora.inspect(file)


@pytest.mark.parametrize("kept", ["x.lora_down.weight", "x.lora_up.weight"])
def test_a_factor_without_the_other_is_told(tmp_path, kept):
    file = save(
        tmp_path / "a.safetensors",
        {kept: np.ones((3, 3)), **dict(zip(("y.lora_A", "y.lora_B"), factors(), strict=True))},
    )
    with pytest.raises(eq.InputError, match=rf"{kept}.*beside it"):
        lora.inspect(file)
