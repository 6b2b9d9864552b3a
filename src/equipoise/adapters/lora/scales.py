"""Ranks and scales that a configuration gives, and the configuration that keeps the scales when ranks change.

An adapter adds s·BA to a weight, with s = α/r, or α/√r if it is rank-stabilized (rsLoRA; Kalajdzievski, 2023). Peft
keeps r and α in adapter_config.json, diffusers in the metadata of the file, with the name of a component before each
key. Both may have patterns: regular expressions, of which the first that matches the end of a module's name counts.
"""

import dataclasses
import json
import math
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from equipoise.core.errors import InputError
from equipoise.core.messages import excerpt

METADATA_KEY = "lora_adapter_metadata"
FIXED_BASE_STARTS = (True, False, None, "gaussian", "orthogonal", "eva", "true", "false")
"""The values of `init_lora_weights` that leave the base model's weights alone."""


@dataclasses.dataclass(frozen=True)
class Settings:
    """The configuration of some modules: `values` as read, the `prefix` of their names, and a `place` for messages."""

    prefix: str
    values: Mapping[str, Any]
    place: str

    def local(self, module: str) -> str:
        """The name of a module in the base model, which patterns are held against."""
        parts = module.removeprefix(self.prefix).split(".")
        return ".".join(part for part in parts if part != "base_layer")

    @property
    def rank_stabilized(self) -> bool:
        """Whether s = α/√r."""
        return bool(self.values.get("use_rslora"))

    @property
    def has_experts(self) -> bool:
        """Whether some modules are parameters of mixtures of experts."""
        return bool(self.values.get("target_parameters"))

    def rank(self, module: str) -> int:
        """The rank of a module; raises `InputError` unless it is a positive whole number."""
        rank = self._of(module, "r", "rank_pattern")
        if isinstance(rank, bool) or not isinstance(rank, int) or rank < 1:
            raise InputError(f"{self.place} gives {self.local(module)} the rank {rank!r}; it must be 1 or greater.")
        return rank

    def scale(self, module: str) -> float:
        """The scale s of a module; raises `InputError` unless α is a finite number."""
        alpha = self._of(module, "lora_alpha", "alpha_pattern")
        if isinstance(alpha, bool) or not isinstance(alpha, int | float) or not math.isfinite(alpha):
            raise InputError(f"{self.place} gives {self.local(module)} lora_alpha {alpha!r}; it must be a number.")
        rank = self.rank(module)
        return alpha / (math.sqrt(rank) if self.rank_stabilized else rank)

    def _of(self, module: str, name: str, patterns: str) -> Any:
        own = self.values.get(patterns) or {}
        if not isinstance(own, dict):
            raise InputError(f"{patterns} of {self.place} is {own!r:.60}; it must map names of modules to numbers.")
        for pattern, value in own.items():
            try:
                matches = re.match(rf"(.*\.)?({pattern})$", self.local(module))
            except re.error as error:
                raise InputError(
                    f"{patterns} of {self.place} has {excerpt(pattern)}, which is no regular expression ({error}); "
                    "mend it."
                ) from error
            if matches:
                return value
        return self.values.get(name, 8)  # peft's default for both

    @property
    def changes_base(self) -> str:
        """The start that takes a part of rank r out of the base model's weights, or "" if there is none."""
        start = self.values.get("init_lora_weights", True)
        return "" if start in FIXED_BASE_STARTS or not isinstance(start, str) else start

    def with_ranks(self, ranks: Mapping[str, int], scales: Mapping[str, float]) -> "Settings":
        """The same for new ranks and scales of its modules, by name, which are those that are read from the result."""
        local_ranks = {self.local(name): rank for name, rank in ranks.items()}
        alphas = {
            self.local(name): _short(scales[name] * (math.sqrt(rank) if self.rank_stabilized else rank))
            for name, rank in ranks.items()
        }
        rank, rank_pattern = _as_patterns(local_ranks)
        alpha, alpha_pattern = _as_patterns(alphas)
        new = {"r": rank, "lora_alpha": alpha, "rank_pattern": rank_pattern, "alpha_pattern": alpha_pattern}
        return dataclasses.replace(self, values={**self.values, **new})


def _as_patterns(numbers: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The most frequent number, and patterns for the other modules.

    A pattern also matches names that end like it, so those get their own, and longer names come first.
    """
    common = Counter(numbers.values()).most_common(1)[0][0]
    others = [name for name, number in numbers.items() if number != common]
    caught = {name for name in numbers for other in others if name.endswith("." + other)}
    named = sorted({*others, *caught}, key=lambda name: (-len(name), name))
    return common, {re.escape(name).replace(r"\.", "."): numbers[name] for name in named}


def _short(alpha: float) -> float | int:
    """α as a whole number if it is one up to rounding."""
    return round(alpha) if abs(alpha - round(alpha)) <= 1e-12 * abs(alpha) else alpha


def settings_in_metadata(metadata: Mapping[str, str] | None, file: str) -> list[Settings]:
    """One configuration for each component of a pipeline, as diffusers writes them; none if it wrote none."""
    text = (metadata or {}).get(METADATA_KEY)
    if text is None:
        return []
    values = parsed(text, f"{METADATA_KEY} of {file}")
    components = {key.partition(".")[0] for key in values if "." in key and key.endswith((".r", ".lora_alpha"))}
    return [Settings(f"{name}.", _part(values, f"{name}."), f"{METADATA_KEY} of {file}") for name in sorted(components)]


def in_metadata(metadata: Mapping[str, str], settings: list[Settings]) -> dict[str, str]:
    """The metadata with these configurations of components."""
    if METADATA_KEY not in metadata:
        return dict(metadata)
    values = json.loads(metadata[METADATA_KEY])
    for each in settings:
        values.update({each.prefix + key: value for key, value in each.values.items()})
    return {**metadata, METADATA_KEY: json.dumps(values, indent=2, sort_keys=True)}


def _part(values: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {key.removeprefix(prefix): value for key, value in values.items() if key.startswith(prefix)}


def parsed(text: str, place: str) -> dict[str, Any]:
    """A JSON object; raises `InputError` for anything else."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place} is not JSON ({error!s:.80}); save the adapter again.") from error
    if not isinstance(values, dict):
        raise InputError(f"{place} is not a JSON object; save the adapter again.")
    return values
