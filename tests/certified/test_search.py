"""How a search ends, and that it never claims more than it has."""

import itertools
import os
import signal

import numpy as np
import pytest

from equipoise.certified import CertificateStatus, minimum_nuclear_norm
from equipoise.certified.choice import choose_method
from equipoise.certified.interior_point import InteriorPoint
from equipoise.certified.measurements import Measurements
from equipoise.certified.reformulations import Embedded, Orthonormal
from equipoise.certified.splitting import Splitting
from equipoise.core.errors import InputError
from equipoise.problems import DenseOperator, Entries


def large_problem(shape=(90, 110), count=5200):
    """Too many entries for the interior-point method."""
    random = np.random.default_rng(0)
    truth = random.standard_normal((shape[0], 5)) @ random.standard_normal((5, shape[1]))
    seen = random.choice(shape[0] * shape[1], count, replace=False)
    rows, columns = np.divmod(seen, shape[1])
    return (rows, columns, shape), truth[rows, columns] + random.standard_normal(count)


def test_the_gap_reached_is_stated():
    found = minimum_nuclear_norm(*large_problem(), psd=False, gap=1e-2)
    assert found.converged
    assert found.gap <= 1e-2
    assert found.status is CertificateStatus.converged
    assert found.detail == f"converged: relative gap {found.gap:.1e} ≤ 0.01"


def test_a_tight_gap_is_inside_a_loose_one():
    operator, data = large_problem((80, 70), 5001)
    loose = minimum_nuclear_norm(operator, data, psd=False, gap=1e-2)
    tight = minimum_nuclear_norm(operator, data, psd=False, gap=1e-5)
    assert tight.converged
    assert loose.lower <= tight.upper
    assert tight.lower <= loose.upper


def test_an_exhausted_budget_is_admitted(scarce):
    matrices, data, _ = scarce
    for status, budget in (
        (CertificateStatus.time, {"max_seconds": 1e-9}),
        (CertificateStatus.iterations, {"max_iterations": 2}),
    ):
        for psd in (True, False):
            found = minimum_nuclear_norm(matrices, data, psd=psd, **budget)
            assert not found.converged
            assert found.status is status
            assert found.detail.startswith("stopped after")
            assert found.gap > 1e-8


def test_the_interval_of_a_stopped_search_is_valid(rectangular):
    matrices, data, _ = rectangular
    best = minimum_nuclear_norm(matrices, data, psd=False)
    for steps in range(6):
        found = minimum_nuclear_norm(matrices, data, psd=False, max_iterations=steps)
        assert found.lower <= best.upper
        assert best.lower <= found.upper
        assert found.iterations == steps


def test_ctrl_c_returns_the_best_so_far():
    def press(state):
        if state.iterations == 20:
            os.kill(os.getpid(), signal.SIGINT)

    found = minimum_nuclear_norm(*large_problem(), psd=False, progress=press)
    assert found.status is CertificateStatus.interrupted
    assert not found.converged
    assert found.lower > 0
    assert np.isfinite(found.upper)
    assert found.detail.startswith("interrupted after")
    assert f"with relative gap {found.gap:.1e}" in found.detail


def test_ctrl_c_early_in_a_psd_search_is_honest(scarce):
    def press(state):
        if state.iterations == 2:
            os.kill(os.getpid(), signal.SIGINT)

    matrices, data, _ = scarce
    found = minimum_nuclear_norm(matrices, data, psd=True, progress=press)
    assert found.status is CertificateStatus.interrupted
    assert not found.converged


def test_progress_narrows(rectangular):
    matrices, data, _ = rectangular
    seen = []
    minimum_nuclear_norm(matrices, data, psd=False, progress=seen.append)
    assert [state.iterations for state in seen] == list(range(1, len(seen) + 1))
    assert all(a.lower <= b.lower and a.upper >= b.upper for a, b in itertools.pairwise(seen))


def test_a_problem_without_a_proof_either_way_is_not_called_solved():
    # x11 = 0 and x12 = 1 exclude each other only in the limit
    found = minimum_nuclear_norm(([0, 0], [0, 1], (3, 3)), [0.0, 1.0], psd=True)
    assert not found.converged
    assert not found.optimal(1e-2)


def test_the_method_depends_on_the_size():
    one = np.zeros(1, dtype=int)
    entry = Measurements(Entries(one, one, (3, 3), symmetric=True))
    assert isinstance(choose_method(entry, np.ones(1), psd=True), InteriorPoint)
    assert isinstance(choose_method(Measurements(Entries(one, one, (3, 4))), np.ones(1), psd=False), Embedded)
    assert isinstance(choose_method(Measurements(DenseOperator(np.eye(3)[None])), np.ones(1), psd=True), Orthonormal)
    (rows, columns, shape), data = large_problem()
    assert isinstance(choose_method(Measurements(Entries(rows, columns, shape)), data, psd=False), Splitting)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"gap": 0}, "gap is 0"),
        ({"gap": float("nan")}, "gap is nan"),
        ({"max_seconds": -1}, "max_seconds is -1"),
        ({"max_iterations": -1}, "max_iterations is -1"),
    ],
)
def test_settings_that_make_no_sense(changed, words):
    with pytest.raises(InputError, match=words):
        minimum_nuclear_norm(np.eye(3)[None], [1.0], psd=True, **changed)
