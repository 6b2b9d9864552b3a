"""A problem's own operator is solved as the arrays it stands for."""

import numpy as np
import pytest
import scipy.sparse

import equipoise as eq

RANDOM = np.random.default_rng(5)
TRUTH = np.outer(*(RANDOM.standard_normal(6),) * 2)
MATRICES = eq.problems.gaussian_measurements(6, 9, seed=3)


def _operator(name):
    if name == "functions":
        return eq.problems.FunctionOperator(
            lambda w: (w * MATRICES).sum(axis=(1, 2)), lambda z: (z[:, None, None] * MATRICES).sum(axis=0), (6, 6), 9
        )
    given = {
        "array": MATRICES,
        "sparse": scipy.sparse.coo_array(MATRICES.reshape(9, 36)),
        "skewed": MATRICES + np.triu(np.ones((6, 6)), 1) - np.tril(np.ones((6, 6)), -1),
    }[name]
    return eq.problems.sensing(given, np.ones(9), shape=(6, 6)).measurement.operator


@pytest.mark.parametrize("name", ["array", "sparse", "skewed", "functions"])
def test_the_minimum_is_that_of_the_arrays(name):
    data = np.einsum("mij,ij->m", MATRICES, TRUTH)
    wanted = eq.certified.minimum_nuclear_norm(MATRICES, data, psd=True)
    found = eq.certified.minimum_nuclear_norm(_operator(name), data, psd=True)
    assert found.converged
    assert found.upper == pytest.approx(wanted.upper, rel=1e-7)


@pytest.mark.parametrize("psd", [True, False])
def test_entries_and_pairs(psd):
    rows, columns = eq.problems.random_entries((6, 6), 14, seed=1, symmetric=True)
    problem = eq.problems.completion((rows, columns, TRUTH[rows, columns]), shape=(6, 6))
    wanted = eq.certified.minimum_nuclear_norm((rows, columns, (6, 6)), TRUTH[rows, columns], psd=psd)
    found = eq.certified.minimum_nuclear_norm(problem.measurement.operator, problem.measurement.data, psd=psd)
    assert (found.lower, found.upper) == (wanted.lower, wanted.upper)
    left, right = RANDOM.standard_normal((2, 5, 6))
    pairs = eq.problems.sensing((left, right), np.ones(5), parametrization="asymmetric").measurement
    dense = np.einsum("mi,mj->mij", left, right)
    both = [eq.certified.minimum_nuclear_norm(o, pairs.data, psd=False).upper for o in (pairs.operator, dense)]
    assert both[0] == pytest.approx(both[1], rel=1e-7)


def test_a_certificate_of_a_problem_judges_its_own_truth():
    data = np.einsum("mij,ij->m", MATRICES, TRUTH)
    operator = _operator("array")
    certificate = eq.certified.certify(operator, data, TRUTH + 0.1 * np.eye(6), psd=True)
    assert not certificate.optimal(1e-3)
