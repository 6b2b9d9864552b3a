"""What `inspect` measures, against the dense product, and the picture of it."""

import numpy as np
import pytest

from equipoise.adapters import lora

from .conftest import factors, kohya_file, peft_folder, save


def test_all_numbers_are_those_of_the_dense_product(tmp_path):
    a, b = factors(rank=8)
    file = kohya_file(tmp_path / "a.safetensors", {"m": (a, b)}, alphas={"m": 4}, dtype=np.float64)
    (found,) = rows(lora.inspect(file))
    values = np.linalg.svd(0.5 * b @ a, compute_uv=False)[:8]
    energies = np.cumsum(values**2) / np.sum(values**2)
    shares = values / values.sum()
    expected = {
        "rank": 8,
        "scale": 0.5,
        "norm_a": np.linalg.norm(a),
        "norm_b": np.linalg.norm(b),
        "balance": np.linalg.norm(b) / np.linalg.norm(a),
        "balance_gap": np.linalg.norm(a @ a.T - b.T @ b) / (np.sum(a**2) + np.sum(b**2)),
        "frobenius_norm": np.sqrt(np.sum(values**2)),
        "spectral_norm": values[0],
        "nuclear_norm": values.sum(),
        "stable_rank": np.sum(values**2) / values[0] ** 2,
        "effective_rank": np.exp(-np.sum(shares * np.log(shares))),
        "rank_90": 1 + np.sum(energies < 0.9),
        "rank_99": 1 + np.sum(energies < 0.99),
        "energy_half": energies[3],
        "energy_quarter": energies[1],
        "excess": (np.sum(a**2) + np.sum(b**2)) / (4 * values.sum()),
        "sharpness": 0.25 * (np.linalg.norm(a, 2) ** 2 + np.linalg.norm(b, 2) ** 2),
    }
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def rows(dataset):
    names = [name for name in dataset.data_vars if dataset[name].dims == ("module",)]
    return [{name: float(dataset[name][i]) for name in names} for i in range(dataset.sizes["module"])]


def test_balanced_factors_have_no_excess(tmp_path):
    file = kohya_file(tmp_path / "a.safetensors", {"m": factors()}, dtype=np.float64)
    lora.balance(file, tmp_path / "b.safetensors")
    (before,), (after,) = rows(lora.inspect(file)), rows(lora.inspect(tmp_path / "b.safetensors"))
    assert before["excess"] > 10
    assert after["excess"] == pytest.approx(1.0)
    assert after["sharpness"] == pytest.approx(2 * after["spectral_norm"])
    assert before["nuclear_norm"] == pytest.approx(after["nuclear_norm"])


def test_a_module_that_was_not_trained_has_no_ranks(tmp_path):
    a, b = factors()
    (found,) = rows(lora.inspect(kohya_file(tmp_path / "a.safetensors", {"m": (a, 0 * b)})))
    assert found["frobenius_norm"] == 0
    assert np.isnan([found[name] for name in ("stable_rank", "effective_rank", "rank_90", "excess")]).all()


def test_numbers_in_names_are_sorted_as_numbers(tmp_path):
    modules = {f"layers.{i}.q": factors(i, rank=2) for i in (10, 9, 2)}
    found = lora.inspect(kohya_file(tmp_path / "a.safetensors", modules))
    assert found["module"].values.tolist() == ["layers.2.q", "layers.9.q", "layers.10.q"]


def test_the_base_model_gives_the_relative_change(tmp_path):
    weight = np.random.default_rng(1).standard_normal((20, 32))
    a, b = factors()
    base = save(tmp_path / "base.safetensors", {"model.x.q.weight": weight, "model.y.q.weight": 2 * weight})
    kohya = kohya_file(tmp_path / "a.safetensors", {"lora_unet_model_x_q": (a, b)})
    peft = peft_folder(tmp_path / "p", {"model.y.q": (a, b)})
    missing = kohya_file(tmp_path / "m.safetensors", {"lora_unet_z_q": (a, b)})
    change = np.linalg.norm(b @ a) / np.linalg.norm(weight)
    assert float(lora.inspect(kohya, base)["relative_change"][0]) == pytest.approx(change, rel=1e-6)
    assert float(lora.inspect(peft, base)["relative_change"][0]) == pytest.approx(change, rel=1e-6)
    assert np.isnan(float(lora.inspect(missing, base)["relative_change"][0]))
    assert "relative_change" not in lora.inspect(kohya)


@pytest.mark.parametrize("names", [["layers.0.q", "layers.1.q", "layers.1.v"], ["a"], ["a", "b"], ["a.q", "a.v"]])
def test_the_picture_has_a_line_for_each_module_that_was_trained(tmp_path, names):
    modules = {name: factors(i, rank=3) for i, name in enumerate(names)}
    modules["layers.7.none"] = (factors()[0], 0 * factors()[1])
    figure = lora.draw(lora.inspect(kohya_file(tmp_path / "a.safetensors", modules)))
    spectra, balances = figure.axes[:2]
    assert len(spectra.lines) == len(names)
    points = [line for line in balances.lines if line.get_marker() == "o"]
    assert sum(len(line.get_xdata()) for line in points) == len(names)


def test_a_picture_of_nothing_trained_is_empty(tmp_path):
    a, b = factors()
    figure = lora.draw(lora.inspect(kohya_file(tmp_path / "a.safetensors", {"m": (a, 0 * b)})))
    assert not figure.axes[0].lines
