"""Writing an adapter as a set: everything is written beside its place, read back and checked, and then moved there."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from equipoise.adapters.lora.adapter import CONFIG, Adapter
from equipoise.adapters.lora.shards import INDEX
from equipoise.adapters.lora.tensors import PICKLES, SUFFIX, save_tensors
from equipoise.core.errors import InputError
from equipoise.core.files import whole_file, whole_folder
from equipoise.core.messages import shown_path

PEFT_FILE = "adapter_model" + SUFFIX

Checked = TypeVar("Checked")


class Output(NamedTuple):
    """What to write.

    - `files`: by the name of the file, tensors and metadata.
    - `texts`: the content of further files, by name.
    - `copies`: files to copy as they are.
    - `is_folder`: whether the result is a folder; otherwise it is the one file in `files`.
    """

    files: Mapping[str, tuple[Mapping[str, np.ndarray], Mapping[str, str] | None]]
    texts: Mapping[str, str]
    copies: tuple[Path, ...]
    is_folder: bool

    @property
    def nbytes(self) -> int:
        """The bytes of all tensors."""
        return sum(array.nbytes for arrays, _ in self.files.values() for array in arrays.values())


def write(output: Output, target: Path, check: Callable[[Path], Checked]) -> Checked:
    """Write to `target` what `check`, called with the path of a complete copy beside it, finds no fault with."""
    if not output.is_folder:
        ((arrays, metadata),) = output.files.values()
        with whole_file(target) as path:
            save_tensors(path, arrays, metadata)
            return check(path)
    with whole_folder(target) as folder:
        for name, (arrays, metadata) in output.files.items():
            save_tensors(folder / name, arrays, metadata)
        for name, text in output.texts.items():
            (folder / name).write_text(text, encoding="utf-8")
        for file in output.copies:
            shutil.copyfile(file, folder / file.name)
        return check(folder)


def check_target(target: Path, is_folder: bool, sources: tuple[Path, ...]) -> Path:
    """The target as a path; raises `InputError` if it is one of the sources, or of the wrong kind, before any work."""
    target = Path(target)
    name = shown_path(target)
    if any(target.resolve() == source.resolve() for source in sources):
        raise InputError(f"{name} is the adapter to read; give another place to write to.")
    if is_folder and (target.suffix.lower() == SUFFIX or target.is_file()):
        raise InputError(f"This adapter is a folder, since it has several files; give a new folder in place of {name}.")
    if is_folder and target.is_dir() and any(target.iterdir()):
        raise InputError(f"The folder {name} is not empty; give a new one.")
    if not is_folder and target.suffix.lower() != SUFFIX:
        raise InputError(f"{name} does not end in {SUFFIX}; give the result a name that does.")
    if not is_folder and target.is_dir():
        raise InputError(f"{name} is a folder; give a file.")
    return target


def companions(adapter: Adapter) -> tuple[Path, ...]:
    """The files of an adapter's folder that stay right: all but weights, configuration and pickles.

    An optimizer's state is a pickle, and is of the old factors.
    """
    if not adapter.is_folder:
        return ()
    folder = adapter.shards.files[0].path.parent
    rewritten = {CONFIG, *([adapter.shards.index.name] if adapter.shards.index else [])}
    return tuple(
        file
        for file in sorted(folder.iterdir())
        if file.is_file()
        and file.name not in rewritten
        and file.suffix not in (SUFFIX, *PICKLES)
        and not file.name.endswith(INDEX)
    )
