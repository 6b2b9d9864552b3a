"""Tensors in safetensors files: read one at a time by NumPy, in every dtype that they may have, and written.

The library checks a file's header. The bytes are then read at the offsets that the header gives, since not every
version of the library hands bfloat16 to NumPy. Source: the format, in the README of huggingface/safetensors.
"""

import contextlib
import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np

from equipoise.core.errors import InputError
from equipoise.core.messages import reason, shown_path

SUFFIX = ".safetensors"
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
HASHES = ("sshs_model_hash", "sshs_legacy_hash")
"""Metadata that trainers of diffusion models write: SHA-256 of the tensors, and eight digits of that of a window."""

FLOATS: dict[str, Any] = {
    "float64": np.float64,
    "float32": np.float32,
    "float16": np.float16,
    "bfloat16": ml_dtypes.bfloat16,
}
"""The dtypes to write in, by the names that a user gives."""

_DTYPES: dict[str, Any] = {
    "F64": np.float64,
    "F32": np.float32,
    "F16": np.float16,
    "BF16": ml_dtypes.bfloat16,
    "F8_E4M3": ml_dtypes.float8_e4m3fn,
    "F8_E5M2": ml_dtypes.float8_e5m2,
    "C64": np.complex64,
    "BOOL": np.bool_,
    **{f"{kind[0].upper()}{bits}": f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)},
}
_BLOCK = 2**22


@dataclasses.dataclass(frozen=True)
class StoredTensor:
    """A tensor in a file, not read yet: the file, its name, dtype and shape, and the place of its first byte."""

    path: Path
    name: str
    dtype: np.dtype
    shape: tuple[int, ...]
    place: int

    @property
    def size(self) -> int:
        """The number of entries."""
        return int(np.prod(self.shape, dtype=object)) if self.shape else 1

    @property
    def is_real(self) -> bool:
        """Whether the entries are floating-point numbers."""
        return self.dtype.name.startswith(("float", "bfloat"))

    def read(self) -> np.ndarray:
        """The tensor in its own dtype."""
        with self.path.open("rb") as stream:
            stream.seek(self.place)
            content = stream.read(self.size * self.dtype.itemsize)
        return np.frombuffer(content, self.dtype).reshape(self.shape)

    def numbers(self) -> np.ndarray:
        """The tensor in float64; raises `InputError` unless its entries are finite numbers."""
        if not self.is_real:
            raise InputError(
                f"{self.name} in {shown_path(self.path)} has entries of type {self.dtype}; only floating-point numbers "
                "can be factored, so save the adapter in one of " + ", ".join(FLOATS) + "."
            )
        values = self.read().astype(np.float64)
        wrong = int(np.sum(~np.isfinite(values)))
        if wrong:
            raise InputError(
                f"{self.name} in {shown_path(self.path)} has {wrong} entries that are NaN or infinite; "
                "take an adapter from before the training diverged."
            )
        return values

    def frobenius_norm(self) -> float:
        """The Frobenius norm, read in blocks."""
        total = 0.0
        with self.path.open("rb") as stream:
            stream.seek(self.place)
            for start in range(0, self.size, _BLOCK):
                count = min(_BLOCK, self.size - start)
                block = np.frombuffer(stream.read(count * self.dtype.itemsize), self.dtype).astype(np.float64)
                total += float(block @ block)
        return total**0.5


@dataclasses.dataclass(frozen=True)
class TensorFile:
    """A safetensors file: its path, its tensors by name, in the order of the file, and its metadata, if it has any."""

    path: Path
    tensors: Mapping[str, StoredTensor]
    metadata: Mapping[str, str] | None


def open_tensors(path: Path) -> TensorFile:
    """The tensors of a safetensors file; raises `InputError` if there is none, or if its header is wrong."""
    check_is_safetensors(path)
    library, name = _library(), shown_path(path)
    with _told(path):
        with library.safe_open(path, "numpy") as handle:  # checks the header as a whole
            metadata, names = handle.metadata(), set(handle.keys())
        with path.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            header = json.loads(stream.read(length))
    entries = {key: entry for key, entry in header.items() if key in names}
    ordered = sorted(entries.items(), key=lambda item: item[1]["data_offsets"])
    unknown = sorted({entry["dtype"] for entry in entries.values()} - set(_DTYPES))
    if unknown:
        raise InputError(f"{name} has tensors of type {unknown[0]}, which cannot be read; save it in another type.")
    tensors = {
        key: StoredTensor(
            path, key, np.dtype(_DTYPES[entry["dtype"]]), tuple(entry["shape"]), 8 + length + entry["data_offsets"][0]
        )
        for key, entry in ordered
    }
    return TensorFile(path, tensors, metadata)


def save_tensors(path: Path, arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str] | None) -> Path:
    """Write the arrays and the metadata, with its hashes recomputed; return the path."""
    _library()
    from safetensors.numpy import save_file

    contiguous = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    save_file(contiguous, path, dict(_with_hashes(contiguous, metadata)) if metadata is not None else None)
    return path


def _with_hashes(arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str]) -> Mapping[str, str]:
    """The metadata with the hashes that it has recomputed, over a file that holds only the metadata in ss_…."""
    if not any(name in metadata for name in HASHES):
        return metadata
    from safetensors.numpy import save

    content = save(dict(arrays), {name: value for name, value in metadata.items() if name.startswith("ss_")})
    header = 8 + int.from_bytes(content[:8], "little")
    new = {
        "sshs_model_hash": hashlib.sha256(content[header:]).hexdigest(),
        "sshs_legacy_hash": hashlib.sha256(content[0x100000:0x110000]).hexdigest()[:8],
    }
    return {name: new.get(name, value) for name, value in metadata.items()}


def check_is_safetensors(path: Path) -> None:
    """Raise `InputError` unless `path` is a file that may be in this format; pickles are told how to be converted."""
    name = shown_path(path)
    if not path.exists():
        raise InputError(f"There is no file {name}; correct the path.")
    if not path.is_file():
        raise InputError(f"{name} is not a regular file; give a {SUFFIX} file.")
    if path.suffix.lower() in PICKLES:
        raise InputError(
            f"{name} is a pickle, which can run any program when it is read, so it is refused; convert it where you "
            "trust it: safetensors.torch.save_file(torch.load(file, weights_only=True), 'adapter.safetensors')."
        )
    if path.suffix.lower() != SUFFIX:
        raise InputError(f"{name} does not end in {SUFFIX}; give a {SUFFIX} file, or the folder of an adapter.")


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn what the library says about a file into one sentence."""
    name = shown_path(path)
    try:
        yield
    except PermissionError as error:
        raise InputError(f"Cannot open {name}: {reason(error)}; check its permissions.") from error
    except Exception as error:  # its error is its own class, and the JSON may be anything
        raise InputError(
            f"{name} is not a safetensors file ({reason(error)}); it is damaged or has a wrong name, so save it again."
        ) from error


def _library() -> Any:
    try:
        import safetensors
    except ModuleNotFoundError as error:
        raise InputError(
            'Adapters need safetensors, which is not installed; run pip install "equipoise[lora]".'
        ) from error
    return safetensors
