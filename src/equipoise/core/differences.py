"""Where two descriptions differ, in words."""

import json
from typing import Any


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """The places where two descriptions of `describe` differ, each as "PLACE was OTHER and is now ONE"."""
    if one == other:
        return []
    if isinstance(one, dict) and isinstance(other, dict) and set(one) == set(other):
        return [found for key in one for found in differences(one[key], other[key], f"{path}.{key}".lstrip("."))]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = zip(one, other, strict=True)
        return [found for i, (a, b) in enumerate(pairs) for found in differences(a, b, f"{path}[{i}]")]
    return [f"{path or 'it'} was {_short(other)} and is now {_short(one)}"]


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"
