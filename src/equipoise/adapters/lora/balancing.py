"""Balancing an adapter: the same product, with factors of equal norm."""

from pathlib import Path

from equipoise.adapters.lora.adapter import Adapter, read_adapter
from equipoise.adapters.lora.changes import Change, changed
from equipoise.adapters.lora.factors import decomposition, split
from equipoise.adapters.lora.layouts import Down, Up
from equipoise.adapters.lora.output import check_target, write
from equipoise.adapters.lora.rewritten import Rewritten, measured, notes_on
from equipoise.adapters.lora.tensors import FLOATS
from equipoise.core.checks import positive_number
from equipoise.core.errors import InputError
from equipoise.core.messages import joined
from equipoise.core.types import RealNumber


def balance(source: Path | str, target: Path | str, *, gamma: RealNumber = 1.0, dtype: str = "keep") -> Rewritten:
    """Write the adapter with factors A′A′ᵀ = S/γ and B′ᵀB′ = γS of the same product BA = U diag(S) Vᵀ.

    Names, shapes, ranks and scales stay. Modules with BA = 0 (not trained yet) keep their factors. Nothing is written
    unless all of it is, and what was written is read back and compared.

    - `source`: the adapter, a .safetensors file or a folder; see `inspect`.
    - `target`: where to write: a new folder for an adapter of peft or one in shards, else a .safetensors file.
    - `gamma`: the balance ‖B‖/‖A‖ to have; 1 by default.
    - `dtype`: "float64", "float32", "float16" or "bfloat16" for the factors; "keep", the default, is what they have.

    Raises `InputError` if the adapter cannot be read or the result not be written.
    """
    ratio = float(positive_number("gamma", gamma))
    check_dtype(dtype)
    adapter = read_adapter(Path(source))
    target = check_target(Path(target), adapter.is_folder, (Path(source), adapter.shards.files[0].path.parent))
    changes, untrained = {}, []
    for module in adapter.modules:
        a, b = adapter.factors(module)
        found = decomposition(a, b)
        trained = bool(found.values.any())
        changes[module.name] = Change(*(split(found, module.rank, ratio) if trained else (a, b)), 0.0)
        untrained += [] if trained else [module.name]
    return rewritten(adapter, target, changes, untrained, dtype)


def rewritten(
    adapter: Adapter, target: Path, changes: dict[str, Change], untrained: list[str], dtype: str
) -> Rewritten:
    """Write an adapter with new factors, and measure what can be read back."""
    modules = {module.name: module for module in adapter.modules}

    def original(name: str) -> tuple[Down, Up, int]:
        a, b = adapter.factors(modules[name])
        return a, b * modules[name].scale, modules[name].rank

    output = changed(adapter, changes, dtype)
    least_errors = {name: change.least_error for name, change in changes.items()}
    dataset = write(output, target, lambda path: measured(path, original, least_errors))
    return Rewritten(target, dataset, output.nbytes, notes_on(dataset, untrained))


def check_dtype(dtype: str) -> None:
    """Raise `InputError` unless `dtype` is one to write in."""
    if dtype not in ("keep", *FLOATS):
        raise InputError(f"The dtype is {dtype!r}; it must be one of {joined(['keep', *FLOATS])}.")
