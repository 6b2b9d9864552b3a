"""A certificate accepts the optimum and nothing else."""

import numpy as np
import pytest

from equipoise.certified import certify, kkt_residuals, minimum_nuclear_norm
from equipoise.core.errors import InputError

TOLERANCE = 1e-6


@pytest.mark.parametrize("psd", [True, False])
def test_the_planted_optimum_is_accepted(recovery, psd):
    matrices, data, truth = recovery
    checked = certify(matrices, data, truth, psd=psd)
    assert checked.optimal(TOLERANCE)
    assert max(checked.kkt.feasibility, checked.kkt.dual_feasibility, checked.kkt.cone) < 1e-12
    assert checked.kkt.complementarity < 1e-4


@pytest.mark.parametrize("psd", [True, False])
def test_a_solution_and_its_dual_point_are_accepted(scarce, psd):
    matrices, data, _ = scarce
    found = minimum_nuclear_norm(matrices, data, psd=psd)
    assert certify(matrices, data, found.matrix, found.dual, psd=psd).optimal(TOLERANCE)


@pytest.mark.parametrize("psd", [True, False])
def test_a_feasible_matrix_that_is_not_minimal_is_rejected(scarce, psd):
    matrices, data, truth = scarce
    checked = certify(matrices, data, truth, psd=psd)
    assert checked.kkt.feasibility < 1e-14
    assert not checked.optimal(0.05)
    best = minimum_nuclear_norm(matrices, data, psd=psd)
    np.testing.assert_allclose(checked.gap, 1 - best.upper / np.trace(truth), rtol=1e-6)


@pytest.mark.parametrize("psd", [True, False])
def test_an_infeasible_matrix_is_rejected(recovery, psd):
    matrices, data, truth = recovery
    for wrong in (1.001 * truth, 0 * truth, truth + 1e-3 * np.eye(12)):
        checked = certify(matrices, data, wrong, psd=psd)
        assert not checked.optimal(TOLERANCE)
        assert checked.kkt.feasibility > 1e-5


def test_a_matrix_outside_the_cone_is_rejected(scarce):
    matrices, data, _ = scarce
    least = np.tensordot(np.linalg.lstsq(matrices.reshape(8, -1).T @ np.eye(8), np.zeros(144))[0], matrices, 1)
    gram = np.einsum("kij,lij->kl", matrices, matrices)
    least = np.tensordot(np.linalg.solve(gram, data), matrices, 1)
    checked = certify(matrices, data, least, psd=True)
    assert checked.kkt.cone > 0.1
    assert not checked.optimal(TOLERANCE)


@pytest.mark.parametrize("psd", [True, False])
def test_moving_away_from_the_optimum_raises_the_upper_bound(scarce, psd):
    matrices, data, truth = scarce
    best = minimum_nuclear_norm(matrices, data, psd=psd)
    uppers = [
        certify(matrices, data, best.matrix + t * (truth - best.matrix), best.dual, psd=psd).upper
        for t in (0.0, 0.01, 0.1, 1.0)
    ]
    assert uppers == sorted(uppers)
    assert uppers[1] > uppers[0] * (1 + 1e-4)


def test_every_dual_point_gives_a_bound_that_holds(scarce, recovery):
    random = np.random.default_rng(0)
    for matrices, data, truth in (scarce, recovery):
        for psd in (True, False):
            value = minimum_nuclear_norm(matrices, data, psd=psd).upper
            for _ in range(20):
                checked = certify(matrices, data, truth, 10 * random.standard_normal(data.size), psd=psd)
                assert 0 <= checked.lower <= value


def test_the_bound_of_a_dual_point_does_not_depend_on_its_size(scarce):
    matrices, data, truth = scarce
    dual = minimum_nuclear_norm(matrices, data, psd=True).dual
    bounds = [certify(matrices, data, truth, scale * dual, psd=True).lower for scale in (1e-3, 1.0, 1e3)]
    np.testing.assert_allclose(bounds, bounds[0], rtol=1e-12)


def test_the_residuals_are_those_of_the_definition(scarce):
    matrices, data, truth = scarce
    dual = np.random.default_rng(1).standard_normal(data.size)
    adjoint = np.einsum("k,kij->ij", dual, matrices)
    kkt = kkt_residuals(matrices, data, 1.5 * truth, dual, True)
    np.testing.assert_allclose(kkt.feasibility, 0.5)
    np.testing.assert_allclose(kkt.dual_feasibility, np.linalg.eigvalsh(adjoint)[-1] - 1)
    expected = np.linalg.norm(truth - adjoint @ truth) / np.linalg.norm(truth)
    np.testing.assert_allclose(kkt.complementarity, expected)
    free = kkt_residuals(matrices, data, truth, dual, False)
    np.testing.assert_allclose(free.dual_feasibility, np.linalg.norm(adjoint, 2) - 1)
    # of a symmetric psd X both sides of the rectangular condition are those of the symmetric one
    np.testing.assert_allclose(free.complementarity, expected)
    assert kkt_residuals(matrices, data, -truth, dual, True).cone == pytest.approx(1.0)


def test_dual_residuals_vanish_only_where_the_conditions_hold(rectangular):
    matrices, data, _ = rectangular
    best = minimum_nuclear_norm(matrices, data, psd=False, gap=1e-10)
    at_optimum = kkt_residuals(matrices, data, best.matrix, best.dual, False)
    assert at_optimum.complementarity < 1e-4
    assert kkt_residuals(matrices, data, best.matrix, 0.5 * best.dual, False).complementarity > 0.4
    assert kkt_residuals(matrices, data, best.matrix, 1.1 * best.dual, False).dual_feasibility > 0.09


@pytest.mark.parametrize(
    ("matrix", "dual", "words"),
    [
        (np.eye(4), None, r"matrix has shape \(4, 4\)"),
        (np.triu(np.ones((3, 3))), None, "matrix is not symmetric"),
        (np.full((3, 3), np.nan), None, r"matrix is nan at \(0, 0\)"),
        (np.eye(3), [1.0, 2.0], r"dual has shape \(2,\)"),
        (np.eye(3), [np.inf], r"dual is inf at \(0,\)"),
    ],
)
def test_what_does_not_fit_is_refused(matrix, dual, words):
    with pytest.raises(InputError, match=words):
        certify(np.eye(3)[None], [1.0], matrix, dual, psd=True)
