"""Files of tensors: dtypes without PyTorch, hashes, and headers that are wrong or hostile."""

import hashlib
import json
import struct
import subprocess
import sys

import ml_dtypes
import numpy as np
import pytest

import equipoise as eq
from equipoise.adapters import lora
from equipoise.adapters.lora.tensors import open_tensors

from .conftest import factors, kohya_file, save


def raw(path, header, body=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text) if length is None else length) + text + body)
    return path


def entry(dtype="F32", shape=(2, 2), offsets=(0, 16)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


@pytest.mark.parametrize(
    "dtype", [np.float64, np.float32, np.float16, ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2]
)
def test_values_are_exact_in_every_dtype(tmp_path, dtype):
    values = np.random.default_rng(0).standard_normal((3, 4)).astype(dtype)
    number = np.array(2.5, dtype)
    found = open_tensors(save(tmp_path / "t.safetensors", {"a": values, "b": number})).tensors
    assert found["a"].dtype == values.dtype
    np.testing.assert_array_equal(found["a"].numbers(), values.astype(np.float64))
    assert found["b"].shape == ()
    assert found["a"].frobenius_norm() == pytest.approx(np.linalg.norm(values.astype(np.float64)))


def test_bfloat16_is_read_without_torch(tmp_path):
    a, b = factors()
    file = kohya_file(tmp_path / "a.safetensors", {"m": (a, b)}, dtype=ml_dtypes.bfloat16)
    code = f"""
import sys, equipoise as eq
found = eq.adapters.lora.inspect({str(file)!r})
assert "torch" not in sys.modules
print(float(found["frobenius_norm"][0]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    rounded = [x.astype(ml_dtypes.bfloat16).astype(float) for x in (a, b)]
    assert float(done.stdout) == pytest.approx(np.linalg.norm(rounded[1] @ rounded[0]), rel=1e-12)


def test_hashes_in_the_metadata_are_those_of_the_new_tensors(tmp_path):
    about = {"sshs_model_hash": "old", "sshs_legacy_hash": "old", "ss_network_dim": "8", "mine": "kept"}
    file = kohya_file(tmp_path / "a.safetensors", {"m": factors()}, metadata=about)
    lora.balance(file, tmp_path / "b.safetensors")
    content = (tmp_path / "b.safetensors").read_bytes()
    length = 8 + int.from_bytes(content[:8], "little")
    metadata = open_tensors(tmp_path / "b.safetensors").metadata
    assert metadata["sshs_model_hash"] == hashlib.sha256(content[length:]).hexdigest()
    assert metadata["sshs_legacy_hash"] == hashlib.sha256(b"").hexdigest()[:8]  # it is of what follows the first MiB
    assert (metadata["mine"], metadata["ss_network_dim"]) == ("kept", "8")


HOSTILE = {
    "empty": lambda p: p.write_bytes(b""),
    "cut": lambda p: p.write_bytes(b"\x10\x00"),
    "a header longer than the file": lambda p: raw(p, {}, length=2**62),
    "no JSON": lambda p: raw(p, b"notjson"),
    "not UTF-8": lambda p: raw(p, b"\xff\xfe{}"),
    "a list": lambda p: raw(p, []),
    "deeply nested": lambda p: raw(p, b"[" * 100_000),
    "an offset beyond the end": lambda p: raw(p, {"a": entry(offsets=(0, 16))}, b"\0" * 8),
    "overlapping tensors": lambda p: raw(p, {"a": entry(), "b": entry(offsets=(8, 24))}, b"\0" * 24),
    "a shape that overflows": lambda p: raw(p, {"a": entry(shape=(2**62, 2**62), offsets=(0, 16))}, b"\0" * 16),
    "negative offsets": lambda p: raw(p, {"a": entry(offsets=(-16, 0))}, b"\0" * 16),
    "an unknown dtype": lambda p: raw(p, {"a": entry(dtype="X9")}, b"\0" * 16),
    "metadata that are not text": lambda p: raw(p, {"__metadata__": {"a": 1}, "b": entry()}, b"\0" * 16),
    "a zip file": lambda p: p.write_bytes(b"PK\x03\x04" + b"\0" * 60),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_wrong_header_is_told_in_one_sentence(tmp_path, name):
    path = tmp_path / "wrong.safetensors"
    HOSTILE[name](path)
    with pytest.raises(eq.InputError, match=r"wrong\.safetensors") as told:
        lora.inspect(path)
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 500


@pytest.mark.parametrize("ending", [".bin", ".pt", ".pth", ".ckpt"])
def test_pickles_are_refused_with_the_way_out(tmp_path, ending):
    path = tmp_path / f"adapter_model{ending}"
    path.write_bytes(b"\x80\x04.")
    for given in (path, tmp_path):
        if given.is_dir() and ending == ".ckpt":
            continue
        with pytest.raises(eq.InputError, match=r"weights_only=True"):
            lora.inspect(given)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: folder / "missing.safetensors", "There is no file"),
        (lambda folder: folder, "has no .safetensors file"),
        (lambda folder: kohya_file(folder / "a.txt", {"m": factors()}), "does not end in .safetensors"),
        (lambda folder: save(folder / "a.safetensors", {"w": np.zeros((2, 2))}), "has no module of LoRA"),
        (lambda folder: save(folder / "a.safetensors", {}), "has no module of LoRA"),
    ],
)
def test_what_is_no_adapter_is_told(tmp_path, make, said):
    with pytest.raises(eq.InputError, match=said):
        lora.inspect(make(tmp_path))


def test_entries_that_are_not_finite_are_told(tmp_path):
    a, b = factors()
    b[1, 2] = np.nan
    file = kohya_file(tmp_path / "a.safetensors", {"m": (a, b)})
    with pytest.raises(eq.InputError, match=r"m\.lora_up\.weight .* 1 entries that are NaN"):
        lora.balance(file, tmp_path / "b.safetensors")
    assert not (tmp_path / "b.safetensors").exists()


def test_integers_are_not_factored(tmp_path):
    file = save(
        tmp_path / "a.safetensors", {"m.lora_A.weight": np.ones((2, 3), int), "m.lora_B.weight": np.ones((3, 2))}
    )
    with pytest.raises(eq.InputError, match="int64"):
        lora.inspect(file)
