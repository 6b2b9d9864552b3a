"""What `make` gave at a point, as hashes of the descriptions of its parts, so that a change of it is noticed."""

import hashlib
import json
from typing import Any, NamedTuple

from equipoise.core.describe import describe
from equipoise.results import Case


class Fingerprint(NamedTuple):
    """The hashes of the problem, the method and the law of the starts of a point."""

    problem: str
    method: str
    start: str


def fingerprint(case: Case) -> Fingerprint:
    """The fingerprint of a case."""
    return Fingerprint(*(hash_of(description) for description in descriptions(case).values()))


def descriptions(case: Case) -> dict[str, Any]:
    """The descriptions of the parts of a case, by the names of the fields of a fingerprint."""
    return {"problem": describe(case.problem), "method": describe(case.dynamics), "start": describe(case.init)}


def hash_of(description: Any) -> str:
    """The first 16 digits of SHA-256 of a description."""
    text = json.dumps(description, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
