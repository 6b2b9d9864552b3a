"""The claims of a paper from its folder: a module each, with what was measured of their false alarms."""

import dataclasses
import importlib
import json
from collections.abc import Sequence
from importlib import resources
from typing import Any

from equipoise.papers.machinery.claim import Claim

FALSE_ALARMS = "false_alarms.json"
"""The file beside a paper's claims with their false alarms, as `benchmarks/false_alarms.py` measured them."""


def claims_of(package: str, names: Sequence[str]) -> tuple[Claim, ...]:
    """The claims in the modules of a paper's package, each with its false alarms in words.

    - `package`: the name of the package, which may hold a file "false_alarms.json".
    - `names`: the modules, in the paper's order; each exposes its claim as `CLAIM`.
    """
    measured = false_alarms(package)
    claims = (importlib.import_module(f"{package}.{name}").CLAIM for name in names)
    return tuple(dataclasses.replace(claim, false_alarm=in_words(measured, claim.id)) for claim in claims)


def false_alarms(package: str) -> dict[str, Any]:
    """What was measured of the false alarms of a paper's claims: by form, quick or full, then by id."""
    path = resources.files(package) / FALSE_ALARMS
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"quick": {}, "full": {}}


def in_words(measured: dict[str, Any], claim: str) -> str:
    """The false alarms of one claim as sentences; "" if none were measured."""
    forms = [(form, measured[form][claim]) for form in ("quick", "full") if claim in measured[form]]
    return " ".join(f"{form.capitalize()} form: {result['statement']}." for form, result in forms)
