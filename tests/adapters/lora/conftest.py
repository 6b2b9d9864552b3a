"""Adapters on disk, with the names that peft, kohya and diffusers give, written by safetensors alone."""

import json

import numpy as np
import pytest

pytest.importorskip("safetensors")

PEFT = ("base_model.model.{}.lora_A.weight", "base_model.model.{}.lora_B.weight")
KOHYA = ("{}.lora_down.weight", "{}.lora_up.weight")


def factors(seed=0, outputs=20, inputs=32, rank=8, values=None):
    """A (r x n) and B (m x r) far from balance; with `values`, those are the singular values of BA."""
    generator = np.random.default_rng(seed)
    if values is None:
        return generator.standard_normal((rank, inputs)), 0.01 * generator.standard_normal((outputs, rank))
    left = np.linalg.qr(generator.standard_normal((outputs, len(values))))[0]
    right = np.linalg.qr(generator.standard_normal((inputs, len(values))))[0]
    return right.T * 10.0, left * np.asarray(values) / 10.0


def save(path, arrays, metadata=None):
    from safetensors.numpy import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: np.array(array, order="C") for name, array in arrays.items()}, path, metadata)
    return path


def load(path):
    """The tensors of a file in float64, by the library itself."""
    from safetensors.numpy import load_file

    return {name: array.astype(np.float64) for name, array in load_file(path).items()}


def peft_folder(folder, modules, dtype=np.float32, others=None, **config):
    """An adapter of peft: {name: (A, B)} and its configuration."""
    arrays = dict(others or {})
    for name, (a, b) in modules.items():
        arrays.update({PEFT[0].format(name): a.astype(dtype), PEFT[1].format(name): b.astype(dtype)})
    save(folder / "adapter_model.safetensors", arrays, {"format": "pt"})
    given = {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "rank_pattern": {}, "alpha_pattern": {}, **config}
    (folder / "adapter_config.json").write_text(json.dumps(given), encoding="utf-8")
    return folder


def kohya_file(path, modules, alphas=None, dtype=np.float32, others=None, metadata=None):
    """An adapter of kohya: {name: (A, B)}, with α for each module in `alphas`."""
    arrays = dict(others or {})
    for name, (a, b) in modules.items():
        arrays.update({KOHYA[0].format(name): a.astype(dtype), KOHYA[1].format(name): b.astype(dtype)})
    for name, alpha in (alphas or {}).items():
        arrays[f"{name}.alpha"] = np.array(alpha, dtype)
    return save(path, arrays, metadata)


def config_of(folder):
    return json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))


def product(arrays, name, names=KOHYA):
    """BA, with windows of convolutions flattened."""
    a, b = arrays[names[0].format(name)], arrays[names[1].format(name)]
    return b.reshape(b.shape[0], -1) @ a.reshape(a.shape[0], -1)
