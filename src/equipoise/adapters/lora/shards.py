"""Where the tensors of a model or an adapter lie: in one file, in a folder, or in the shards that an index lists."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from equipoise.adapters.lora.scales import parsed
from equipoise.adapters.lora.tensors import PICKLES, SUFFIX, StoredTensor, TensorFile, open_tensors
from equipoise.core.errors import InputError
from equipoise.core.messages import listing, shown_path

INDEX = ".index.json"
STEMS = ("adapter_model", "pytorch_lora_weights", "model", "diffusion_pytorch_model")
"""The names that peft, diffusers and transformers give to weights, in the order in which they are looked for."""


@dataclasses.dataclass(frozen=True)
class Shards:
    """The files that hold the tensors, and the index that lists them (None: there is one file)."""

    files: tuple[TensorFile, ...]
    index: Path | None

    @property
    def tensors(self) -> Mapping[str, StoredTensor]:
        """All tensors by name."""
        return {name: tensor for file in self.files for name, tensor in file.tensors.items()}

    @property
    def metadata(self) -> Mapping[str, str] | None:
        """The metadata of the first file."""
        return self.files[0].metadata


def open_shards(path: Path) -> Shards:
    """The tensors at a .safetensors file, an index of shards, or a folder with either.

    Raises `InputError` if there are none, and if an index does not fit its shards.
    """
    if path.is_dir():
        path = _weights_in(path)
    if path.name.endswith(INDEX):
        return _indexed(path)
    return Shards((open_tensors(path),), None)


def _weights_in(folder: Path) -> Path:
    """The weights in a folder: a file with a usual name, or the only one."""
    for stem in STEMS:
        for name in (stem + SUFFIX + INDEX, stem + SUFFIX):
            if (folder / name).is_file():
                return folder / name
    found = sorted(folder.glob("*" + SUFFIX))
    if len(found) == 1:
        return found[0]
    if found:
        names = listing([file.name for file in found])
        raise InputError(f"{shown_path(folder)} has several {SUFFIX} files ({names}); give one of them.")
    pickles = sorted(file for file in folder.iterdir() if file.suffix in PICKLES and file.stem in STEMS)
    if pickles:
        return pickles[0]  # is refused by name
    raise InputError(f"{shown_path(folder)} has no {SUFFIX} file; give the folder of an adapter, or a file.")


def _indexed(index: Path) -> Shards:
    name = shown_path(index)
    if not index.is_file():
        raise InputError(f"There is no file {name}; correct the path.")
    places = parsed(index.read_text(encoding="utf-8", errors="replace"), name).get("weight_map")
    if not isinstance(places, dict) or not places:
        raise InputError(f"{name} has no weight_map; give the index of a sharded model, or one file.")
    shards = list(dict.fromkeys(places.values()))
    for shard in shards:
        if not isinstance(shard, str) or Path(shard).name != shard:
            raise InputError(f"{name} names the shard {shard!r:.60}; shards must lie in the folder of their index.")
    files = tuple(open_tensors(index.parent / shard) for shard in shards)
    where = {tensor: file.path.name for file in files for tensor in file.tensors}
    wrong = [tensor for tensor, shard in places.items() if where.get(tensor) != shard]
    if wrong:
        raise InputError(f"{name} says that {wrong[0]!r:.100} is in {places[wrong[0]]}, but it is not; save it again.")
    return Shards(files, index)
