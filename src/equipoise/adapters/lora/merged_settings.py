"""The configuration of a merged adapter: that of the first, with new ranks, the scale 1, and the modules of all."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from equipoise.adapters.lora.adapter import Adapter
from equipoise.adapters.lora.scales import Settings, in_metadata


def merged_settings(adapters: Sequence[Adapter], ranks: Mapping[str, int], has_biases: bool) -> list[Settings]:
    """One configuration for each component that one of the adapters has; none if the first has none."""
    if not adapters[0].settings:
        return []
    known: dict[str, list[Settings]] = {}
    for adapter in adapters:
        for settings in adapter.settings:
            known.setdefault(settings.prefix, []).append(settings)
    return [
        _merged(own, {n: r for n, r in ranks.items() if n.startswith(own[0].prefix)}, has_biases)
        for own in known.values()
    ]


def _merged(parts: Sequence[Settings], ranks: Mapping[str, int], has_biases: bool) -> Settings:
    first = parts[0]
    values: dict[str, Any] = {**first.values, "use_rslora": False, "lora_bias": has_biases or False}
    for key in ("target_modules", "target_parameters"):
        if any(_as_list(part.values.get(key)) != _as_list(first.values.get(key)) for part in parts):
            values[key] = _union(key, parts, first, ranks)
            values.update({"exclude_modules": None, "layers_to_transform": None, "layers_pattern": None})
    settings = dataclasses.replace(first, values=values)
    return settings.with_ranks(ranks, dict.fromkeys(ranks, 1.0)) if ranks else settings


def _as_list(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value


def _union(key: str, parts: Sequence[Settings], first: Settings, ranks: Mapping[str, int]) -> list[str]:
    """All parameters that are named; for modules, since some may be regular expressions, their full names."""
    if key == "target_parameters":
        return sorted({name for part in parts for name in part.values.get(key) or []})
    return sorted({first.local(name) for name in ranks})


def merged_metadata(
    metadata: Mapping[str, str] | None, settings: list[Settings], ranks: Mapping[str, int]
) -> Mapping[str, str] | None:
    """The metadata of the first adapter with the ranks of the result."""
    if metadata is None:
        return None
    text = str(next(iter(ranks.values()))) if len(set(ranks.values())) == 1 else "Dynamic"
    told = {name: text for name in ("ss_network_dim", "ss_network_alpha") if name in metadata}
    return {**in_metadata(metadata, settings), **told}
