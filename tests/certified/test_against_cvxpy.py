"""The interval holds what an independent solver finds."""

import numpy as np
import pytest

from equipoise.certified import minimum_nuclear_norm


@pytest.mark.parametrize("psd", [True, False])
def test_on_random_measurements(psd):
    cp = pytest.importorskip("cvxpy")
    random = np.random.default_rng(9)
    matrices = random.standard_normal((14, 7, 7))
    matrices = matrices + matrices.transpose(0, 2, 1)
    truth = random.standard_normal((7, 2))
    data = np.einsum("kij,ij->k", matrices, truth @ truth.T)
    variable = cp.Variable((7, 7), PSD=True) if psd else cp.Variable((7, 7))
    objective = cp.trace(variable) if psd else cp.normNuc(variable)
    problem = cp.Problem(
        cp.Minimize(objective),
        [cp.vec(variable, order="C") @ matrices.reshape(14, -1).T == data],
    )
    known = problem.solve(solver=cp.SCS, eps_abs=1e-9, eps_rel=1e-9, max_iters=200_000)
    found = minimum_nuclear_norm(matrices, data, psd=psd)
    assert found.converged
    assert found.lower * (1 - 1e-6) <= known <= found.upper * (1 + 1e-6)
