"""How a certificate ended, and what it says of itself."""

import json

import numpy as np
import pytest

from equipoise.certified import CertificateStatus, certify, minimum_nuclear_norm

ENTRIES = ([0, 1, 0], [0, 1, 1], (3, 3))
ENDINGS = {
    "converged": lambda: minimum_nuclear_norm(np.eye(3)[None], [2.0], psd=True),
    "infeasible": lambda: minimum_nuclear_norm(ENTRIES, [1.0, 1.0, 1.1], psd=True),
    "iterations": lambda: minimum_nuclear_norm(ENTRIES, [1.0, 2.0, 0.5], psd=False, max_iterations=1),
    "time": lambda: minimum_nuclear_norm(ENTRIES, [1.0, 2.0, 0.5], psd=False, max_seconds=1e-9),
    # x11 = 0 and x12 = 1 exclude each other only in the limit
    "stalled": lambda: minimum_nuclear_norm(([0, 0], [0, 1], (3, 3)), [0.0, 1.0], psd=True),
    "checked": lambda: certify(np.eye(3)[None], [2.0], np.eye(3), psd=True),
}


@pytest.mark.parametrize("name", ENDINGS)
def test_endings_have_a_name_and_a_sentence(name):
    found = ENDINGS[name]()
    assert found.status is CertificateStatus[name]
    assert str(found.status).endswith(".")
    assert found.infeasible == (name == "infeasible")
    assert found.detail
    assert not found.detail.startswith("not")


@pytest.mark.parametrize("name", ENDINGS)
def test_a_summary_is_strict_json(name):
    found = ENDINGS[name]()
    summary = json.loads(json.dumps(found.summary(), allow_nan=False))
    assert summary["status"] == name
    assert summary["detail"] == found.detail
    assert summary["converged"] == found.converged
    for key in ("lower", "upper", "gap"):
        value = getattr(found, key)
        assert summary[key] == (value if np.isfinite(value) else None)
    assert summary["kkt"] == found.kkt._asdict()
