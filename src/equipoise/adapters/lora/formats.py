"""How the tensors of an adapter are named: which two are the factors of one module, and what belongs to them.

Sources: `save_and_load` of huggingface/peft, `networks/lora.py` of kohya-ss/sd-scripts, the loaders of diffusers, and
`weight_adapter/lora.py` of ComfyUI.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Literal

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt, listing

Kind = Literal["linear", "embedding", "convolution", "experts"]

PEFT_PREFIX = "base_model.model."

ENDINGS = (
    (".lora_A.weight", ".lora_B.weight"),  # peft, diffusers
    (".lora_A.default.weight", ".lora_B.default.weight"),  # a state dict of peft, as it is in memory
    (".lora_embedding_A", ".lora_embedding_B"),  # peft
    (".lora_embedding_A.default", ".lora_embedding_B.default"),
    (".lora_down.weight", ".lora_up.weight"),  # kohya
    (".lora.down.weight", ".lora.up.weight"),  # diffusers
    ("_lora.down.weight", "_lora.up.weight"),  # diffusers before 0.17
    (".lora_linear_layer.down.weight", ".lora_linear_layer.up.weight"),  # text encoders of diffusers
    (".lora_A", ".lora_B"),  # bare parameters
)
"""How the names of A (or down) and B (or up) end; what is before is the name of the module."""

ALPHA = ".alpha"
MAGNITUDES = (
    ".lora_magnitude_vector",
    ".lora_magnitude_vector.weight",
    ".lora_magnitude_vector.default",
    ".dora_scale",
)

OTHER_METHODS = (
    (".lora_E", "AdaLoRA, whose product has a third factor"),
    (".lora_diag", "KaSA, whose product has a third factor"),
    (".lora_mid", "a Tucker (CP) decomposition of convolutions, whose product has a third factor"),
    (".hada_w", "LoHa, a Hadamard product"),
    (".lokr_w", "LoKr, a Kronecker product"),
    (".vera_lambda", "VeRA, whose factors are shared by all modules"),
    (".oft_", "OFT, which rotates"),
    (".boft_", "BOFT, which rotates"),
    (".ia3_l", "IA3, which scales"),
)
"""What is in the names of tensors of other methods, and what they are."""


@dataclasses.dataclass(frozen=True)
class Names:
    """The names of the tensors of one module: A (down), B (up), and α, magnitudes and bias if they are there."""

    module: str
    down: str
    up: str
    alpha: str | None
    magnitude: str | None
    bias: str | None

    @property
    def is_embedding(self) -> bool:
        """Whether the module is an embedding, whose ΔW is (BA)ᵀ."""
        return "lora_embedding_" in self.down


def modules_in(names: Iterable[str], file: str) -> list[Names]:
    """The modules that the names of the tensors tell of, in their order.

    Raises `InputError` for another method, by its name, for a factor without the other one, and if there is no module.
    """
    known = dict.fromkeys(names)
    _refuse_others(known, file)
    found = {}
    for name in known:
        for down, up in ENDINGS:
            if name.endswith(down):
                found[name.removesuffix(down)] = _names(name.removesuffix(down), name, down, up, known, file)
                break
            if name.endswith(up) and name.removesuffix(up) + down not in known:
                raise InputError(f"{file} has {excerpt(name, 120)} but not {down!r} beside it; save the adapter again.")
    if not found:
        names = listing([excerpt(name, 80) for name in known], 3) or "none"
        raise InputError(
            f"{file} has no module of LoRA (its tensors: {names}); "
            "give an adapter with factors lora_A and lora_B, or lora_down and lora_up."
        )
    return list(found.values())


def _names(module: str, name: str, down: str, up: str, known: Mapping[str, None], file: str) -> Names:
    if module + up not in known:
        raise InputError(f"{file} has {excerpt(name, 120)} but not {up!r} beside it; save the adapter again.")
    bias = module + up.removesuffix(".weight") + ".bias"
    return Names(
        module,
        name,
        module + up,
        module + ALPHA if module + ALPHA in known else None,
        next((module + ending for ending in MAGNITUDES if module + ending in known), None),
        bias if bias in known and up.endswith(".weight") else None,
    )


def _refuse_others(names: Iterable[str], file: str) -> None:
    for name in names:
        for mark, method in OTHER_METHODS:
            if mark in name:
                raise InputError(
                    f"{file} has {excerpt(name, 120)}, which is of {method}; only LoRA, a product of two "
                    "factors, can be read."
                )
