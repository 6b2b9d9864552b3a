"""Tensors in .safetensors files, by safetensors."""

import importlib
import json
from typing import Any

from equipoise.core.errors import InputError
from equipoise.datasets.options import ReadOptions
from equipoise.datasets.readers.chosen import chosen_array
from equipoise.datasets.user_file import OpenFile


def read_safetensors(file: OpenFile, options: ReadOptions) -> Any:
    """Return the tensor named `key`, or the only one that is a matrix; bfloat16 keeps its values."""
    content = file.stream.read()
    size = int.from_bytes(content[:8], "little")
    if len(content) < 8 or size > len(content) - 8:
        raise InputError(f"{file.name} is not a complete .safetensors file; save it again.")
    header = json.loads(content[8 : 8 + size])
    shapes = {name: entry["shape"] for name, entry in header.items() if name != "__metadata__"}
    chosen = chosen_array(shapes, options.key, file.name)
    return importlib.import_module("safetensors.numpy").load(content)[chosen]
