"""Balanced, resized and merged adapters, as read back from disk."""

import json

import ml_dtypes
import numpy as np
import pytest

import equipoise as eq
from equipoise.adapters import lora
from equipoise.adapters.lora.tensors import open_tensors

from .conftest import PEFT, config_of, factors, kohya_file, load, peft_folder, product


def test_balance_keeps_names_shapes_and_products(tmp_path):
    modules = {"a": factors(0), "b": factors(1, 1, 32, 8), "c": factors(2, 40, 40)}
    file = kohya_file(tmp_path / "a.safetensors", modules, alphas={"a": 4, "b": 4, "c": 4})
    report = lora.balance(file, tmp_path / "b.safetensors", gamma=3.0)
    old, new = load(file), load(tmp_path / "b.safetensors")
    assert {name: array.shape for name, array in new.items()} == {name: array.shape for name, array in old.items()}
    for name, (a, b) in modules.items():
        np.testing.assert_allclose(product(new, name), b @ a, atol=1e-6 * np.linalg.norm(b @ a))
        down, up = new[f"{name}.lora_down.weight"], new[f"{name}.lora_up.weight"]
        assert np.linalg.norm(up) / np.linalg.norm(down) == pytest.approx(3.0, rel=1e-6)
    assert float(report.dataset["relative_error"].max()) < 1e-6
    assert "moments" in report.notes[-1]


def test_balance_does_not_depend_on_fan_in_fan_out(tmp_path):
    """The flag is of the base weight alone; the factors are stored the same way."""
    pair = factors(0, 16, 16)
    found = []
    for flag in (False, True):
        folder = peft_folder(tmp_path / str(flag), {"c_attn": pair}, fan_in_fan_out=flag)
        lora.balance(folder, tmp_path / f"{flag}-balanced")
        assert config_of(tmp_path / f"{flag}-balanced") == config_of(folder)
        found.append(load(tmp_path / f"{flag}-balanced" / "adapter_model.safetensors"))
    for name in (PEFT[0].format("c_attn"), PEFT[1].format("c_attn")):
        np.testing.assert_array_equal(found[0][name], found[1][name])


def test_what_was_not_trained_is_left_alone(tmp_path):
    (a, b), trained = factors(0), factors(1)
    file = kohya_file(tmp_path / "a.safetensors", {"a": (a, b * 0), "b": trained})
    report = lora.balance(file, tmp_path / "b.safetensors")
    new = load(tmp_path / "b.safetensors")
    np.testing.assert_array_equal(new["a.lora_down.weight"], a.astype(np.float32))
    assert not new["a.lora_up.weight"].any()
    assert report.notes[0].startswith("BA = 0 in a")
    lora.resize(file, tmp_path / "c.safetensors", rank=3)
    small = load(tmp_path / "c.safetensors")
    np.testing.assert_array_equal(small["a.lora_down.weight"], a[:3].astype(np.float32))
    assert small["a.lora_up.weight"].shape == (20, 3)


def test_half_precision_stays_and_takes_half_the_bytes_at_half_the_rank(tmp_path):
    modules = {f"m{i}": factors(i, 96, 128, 64) for i in range(3)}
    file = kohya_file(tmp_path / "a.safetensors", modules, dtype=ml_dtypes.bfloat16)
    lora.resize(file, tmp_path / "b.safetensors", rank=32)
    found = open_tensors(tmp_path / "b.safetensors").tensors
    assert {tensor.dtype.name for tensor in found.values()} == {"bfloat16"}
    assert (tmp_path / "b.safetensors").stat().st_size / file.stat().st_size == pytest.approx(0.5, rel=0.05)


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
def test_the_dtype_can_be_chosen(tmp_path, dtype):
    file = kohya_file(tmp_path / "a.safetensors", {"a": factors()})
    report = lora.balance(file, tmp_path / "b.safetensors", dtype=dtype)
    assert open_tensors(tmp_path / "b.safetensors").tensors["a.lora_up.weight"].dtype.name == dtype
    digits = {"float64": 52, "float32": 23, "float16": 10, "bfloat16": 7}[dtype]
    assert float(report.dataset["relative_error"][0]) < 16 * 2.0**-digits


def test_numbers_too_large_for_a_dtype_are_told(tmp_path):
    a, b = factors()
    file = kohya_file(tmp_path / "a.safetensors", {"a": (1e14 * a, b)})
    with pytest.raises(eq.InputError, match="too large for float16"):
        lora.balance(file, tmp_path / "b.safetensors", dtype="float16")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.safetensors"]


def test_products_that_a_dtype_cannot_hold_are_not_written(tmp_path):
    """√S near 1e-9 is 0 in float16."""
    a, b = factors()
    file = kohya_file(tmp_path / "a.safetensors", {"a": (1e-9 * a, 1e-9 * b)}, dtype=np.float64)
    with pytest.raises(eq.InputError, match="finer dtype"):
        lora.balance(file, tmp_path / "b.safetensors", dtype="float16")
    assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]
    assert len(lora.balance(file, tmp_path / "c.safetensors", dtype="bfloat16").notes) == 1


def test_a_thin_layer_among_others_gets_the_rank_that_it_can_have(tmp_path):
    modules = {"a": factors(0, 64, 64, 32), "thin": factors(1, 1, 32, 32), "b": factors(2, 64, 64, 32)}
    folder = peft_folder(tmp_path / "a", modules, r=32, lora_alpha=32)
    report = lora.resize(folder, tmp_path / "b", rank=16)
    ranks = dict(zip(report.dataset["module"].values, report.dataset["rank"].values, strict=True))
    assert ranks == {f"base_model.model.{name}": rank for name, rank in {"a": 16, "thin": 1, "b": 16}.items()}
    config = config_of(tmp_path / "b")
    assert (config["r"], config["rank_pattern"], config["lora_alpha"], config["alpha_pattern"]) == (
        16,
        {"thin": 1},
        16,
        {"thin": 1},
    )
    names = load(tmp_path / "b" / "adapter_model.safetensors")
    a, b = modules["thin"]
    np.testing.assert_allclose(product(names, "thin", PEFT), b @ a, atol=1e-6 * np.linalg.norm(b @ a))


@pytest.mark.parametrize(
    ("options", "rank"),
    [
        ({"energy": 0.95}, 1),  # 100/103 = 0.97
        ({"energy": 0.95**2}, 1),  # 0.95 of the Frobenius norm, 10/√103 = 0.985
        ({"energy": 100 / 103}, 1),  # reached exactly
        ({"energy": 0.98}, 2),
        ({"energy": 0.985}, 3),
        ({"energy": 1.0}, 4),
        ({"ratio": 5}, 1),
        ({"ratio": 11}, 4),
        ({"ratio": 1}, 1),
        ({"rank": 3}, 3),
        ({"rank": 50}, 4),
    ],
)
def test_the_rank_is_the_smallest_that_is_enough(tmp_path, options, rank):
    """Singular values 10, 1, 1, 1."""
    file = kohya_file(tmp_path / "a.safetensors", {"a": factors(0, values=[10, 1, 1, 1])}, dtype=np.float64)
    report = lora.resize(file, tmp_path / "b.safetensors", **options)
    assert report.dataset["rank"].values.tolist() == [rank]
    assert float(report.dataset["relative_error"][0]) == pytest.approx(np.sqrt((4 - rank) / 103), abs=1e-12)
    assert float(report.dataset["least_error"][0]) == pytest.approx(np.sqrt((4 - rank) / 103), abs=1e-12)


def test_ranks_are_shared_unless_each_layer_has_its_own(tmp_path):
    modules = {"a": factors(0, values=[10, 1, 1, 1]), "b": factors(1, values=[1, 1, 1, 1])}
    file = kohya_file(tmp_path / "a.safetensors", modules, metadata={"ss_network_dim": "4", "ss_network_alpha": "4"})
    for per_layer, ranks, told in ((False, [3, 3], "3"), (True, [1, 3], "Dynamic")):
        target = tmp_path / f"{per_layer}.safetensors"
        report = lora.resize(file, target, energy=0.75, per_layer=per_layer)
        assert report.dataset["rank"].values.tolist() == ranks
        assert open_tensors(target).metadata["ss_network_dim"] == told


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "exactly one"),
        ({"rank": 2, "energy": 0.5}, "exactly one"),
        ({"rank": 0}, "rank is 0"),
        ({"energy": 0.0}, "energy is 0"),
        ({"energy": 1.5}, "energy is 1.5"),
        ({"ratio": 0.5}, "ratio is 0.5"),
        ({"rank": 2, "per_layer": True}, "per_layer"),
        ({"rank": 2, "dtype": "int8"}, "dtype is 'int8'"),
    ],
)
def test_wrong_options_of_resize_are_told(tmp_path, options, said):
    file = kohya_file(tmp_path / "a.safetensors", {"a": factors()})
    with pytest.raises(eq.InputError, match=said):
        lora.resize(file, tmp_path / "b.safetensors", **options)


def test_a_merge_is_the_exact_weighted_sum(tmp_path):
    one = {"a": factors(0), "b": factors(1)}
    two = {"a": factors(2, rank=4), "c": factors(3)}
    kohya_file(tmp_path / "1.safetensors", one, alphas={"a": 4, "b": 4}, dtype=np.float64)
    kohya_file(tmp_path / "2.safetensors", two, dtype=np.float64)
    sources = [(tmp_path / "1.safetensors", 0.5), (tmp_path / "2.safetensors", -2.0)]
    report = lora.merge(sources, tmp_path / "m.safetensors")
    new = load(tmp_path / "m.safetensors")
    expected = {
        "a": 0.5 * 0.5 * one["a"][1] @ one["a"][0] - 2 * two["a"][1] @ two["a"][0],
        "b": 0.5 * 0.5 * one["b"][1] @ one["b"][0],
        "c": -2 * two["c"][1] @ two["c"][0],
    }
    for name, value in expected.items():
        np.testing.assert_allclose(product(new, name), value, atol=1e-13)
    assert dict(zip(report.dataset["module"].values, report.dataset["rank"].values, strict=True)) == {
        "a": 12,
        "b": 8,
        "c": 8,
    }
    assert float(new["a.alpha"]) == 12.0
    small = lora.merge(sources, tmp_path / "s.safetensors", rank=5)
    values = np.linalg.svd(expected["a"], compute_uv=False)
    least = np.linalg.norm(values[5:]) / np.linalg.norm(values)
    assert float(small.dataset["relative_error"][0]) == pytest.approx(least)


def test_a_merge_of_peft_has_one_configuration_for_all(tmp_path):
    one = peft_folder(
        tmp_path / "1", {"x.q": factors(0), "x.v": factors(1)}, use_rslora=True, target_modules=["q", "v"]
    )
    two = peft_folder(tmp_path / "2", {"x.q": factors(2, rank=4)}, r=4, target_modules="x.q")
    lora.merge([(one, 1.0), (two, 1.0)], tmp_path / "m")
    config = config_of(tmp_path / "m")
    assert config["target_modules"] == ["x.q", "x.v"]
    assert config["use_rslora"] is False
    found = lora.inspect(tmp_path / "m")
    assert found["scale"].values.tolist() == [1.0, 1.0]
    assert found["rank"].values.tolist() == [12, 8]


def test_adapters_that_do_not_fit_are_not_merged(tmp_path):
    plain = kohya_file(tmp_path / "1.safetensors", {"a": factors()})
    other = kohya_file(tmp_path / "2.safetensors", {"a": factors(0, 21)})
    dora = kohya_file(tmp_path / "3.safetensors", {"a": factors()}, others={"a.dora_scale": np.ones(20)})
    folder = peft_folder(tmp_path / "4", {"a": factors()})
    whole = [kohya_file(tmp_path / f"w{i}.safetensors", {"a": factors()}, others={"w": np.full(2, i)}) for i in (0, 1)]
    for sources, said in (
        ([(plain, 1.0), (other, 1.0)], "another shape"),
        ([(plain, 1.0), (dora, 1.0)], "DoRA"),
        ([(plain, 1.0), (folder, 1.0)], "different formats"),
        ([(each, 1.0) for each in whole], "w is trained as a whole"),
        ([(plain, np.nan)], "weight"),
        ([], "no adapters"),
    ):
        with pytest.raises(eq.InputError, match=said):
            lora.merge(sources, tmp_path / "m.safetensors")
    assert not (tmp_path / "m.safetensors").exists()


def test_targets_that_would_do_harm_are_refused(tmp_path):
    file = kohya_file(tmp_path / "a.safetensors", {"a": factors()})
    folder = peft_folder(tmp_path / "f", {"a": factors()})
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("")
    for source, target, said in (
        (file, file, "the adapter to read"),
        (file, tmp_path / "b.bin", "does not end in"),
        (folder, folder, "the adapter to read"),
        (folder / "adapter_model.safetensors", folder, "the adapter to read"),
        (folder, tmp_path / "full", "not empty"),
        (folder, folder / "small.safetensors", "is a folder"),
    ):
        with pytest.raises(eq.InputError, match=said):
            lora.balance(source, target)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.safetensors", "f", "full"]


@pytest.mark.parametrize("as_folder", [False, True])
def test_nothing_is_left_of_a_write_that_fails(tmp_path, monkeypatch, as_folder):
    from equipoise.adapters.lora import balancing

    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(balancing, "measured", interrupted)
    make = peft_folder if as_folder else kohya_file
    source = make(tmp_path / ("a" if as_folder else "a.safetensors"), {"a": factors()})
    with pytest.raises(KeyboardInterrupt):
        lora.balance(source, tmp_path / ("b" if as_folder else "b.safetensors"))
    assert [path.name for path in tmp_path.iterdir()] == [source.name]


def test_a_summary_is_plain(tmp_path):
    file = kohya_file(tmp_path / "a.safetensors", {"a": factors()})
    summary = lora.balance(file, tmp_path / "b.safetensors").summary()
    assert summary["modules"][0]["module"] == "a"
    assert summary["bytes"] == 8 * (20 + 32) * 4
    assert json.loads(json.dumps({**summary, "path": str(summary["path"])}))["largest_relative_error"] < 1e-6
