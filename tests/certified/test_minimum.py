"""The minimum nuclear norm where it is known in closed form, or where two ways to it must agree."""

import numpy as np
import pytest
import scipy.optimize
from hypothesis import given
from hypothesis import strategies as st

import equipoise as eq
from equipoise.certified import CertificateStatus, minimum_nuclear_norm


def holds(certificate, value, tolerance=1e-7):
    """Whether a converged interval contains the value, up to the tolerance."""
    assert certificate.converged, certificate.detail
    assert certificate.lower <= value * (1 + tolerance)
    assert value * (1 - tolerance) <= certificate.upper
    return True


def test_diagonal_measurements_give_the_least_l1_norm():
    random = np.random.default_rng(2)
    rows = random.standard_normal((4, 9))
    data = rows @ np.abs(random.standard_normal(9))
    known = scipy.optimize.linprog(np.ones(9), A_eq=rows, b_eq=data).fun
    found = minimum_nuclear_norm(np.stack([np.diag(row) for row in rows]), data, psd=True)
    assert holds(found, known)
    signed = scipy.optimize.linprog(np.ones(18), A_eq=np.hstack([rows, -rows]), b_eq=data).fun
    assert signed < known * (1 - 1e-3)
    assert holds(minimum_nuclear_norm(np.stack([np.diag(row) for row in rows]), data, psd=False), signed)


def test_commuting_measurements_give_the_least_l1_norm_in_their_basis():
    random = np.random.default_rng(4)
    basis = np.linalg.qr(random.standard_normal((7, 7)))[0]
    rows = random.standard_normal((3, 7))
    data = rows @ np.abs(random.standard_normal(7))
    known = scipy.optimize.linprog(np.ones(7), A_eq=rows, b_eq=data).fun
    assert holds(minimum_nuclear_norm([(basis * row) @ basis.T for row in rows], data, psd=True), known)


@pytest.mark.parametrize("shape", [(4, 6), (6, 4), (5, 5), (1, 4)])
def test_full_observation_leaves_no_choice(shape):
    matrix = np.random.default_rng(5).standard_normal(shape)
    rows, columns = (part.ravel() for part in np.indices(shape))
    found = minimum_nuclear_norm((rows, columns, shape), matrix.ravel(), psd=False)
    assert holds(found, np.linalg.svd(matrix)[1].sum())
    np.testing.assert_allclose(found.matrix, matrix, atol=1e-13)


def test_full_observation_of_a_psd_matrix():
    factor = np.random.default_rng(6).standard_normal((5, 2))
    upper = np.triu_indices(5)
    found = minimum_nuclear_norm((*upper, (5, 5)), (factor @ factor.T)[upper], psd=True)
    assert holds(found, np.sum(factor**2))


def test_the_planted_matrix_is_recovered(recovery):
    matrices, data, truth = recovery
    for psd in (True, False):
        found = minimum_nuclear_norm(matrices, data, psd=psd)
        assert holds(found, np.trace(truth))
        np.testing.assert_allclose(found.matrix, truth, atol=1e-5 * np.abs(truth).max())


def test_few_measurements_leave_less_than_was_planted(scarce):
    matrices, data, truth = scarce
    found = minimum_nuclear_norm(matrices, data, psd=True)
    free = minimum_nuclear_norm(matrices, data, psd=False)
    assert found.converged
    assert free.converged
    assert found.upper < 0.9 * np.trace(truth)
    assert free.lower <= found.upper * (1 + 1e-12)
    assert np.linalg.eigvalsh(found.matrix)[0] > -1e-12 * found.upper


def test_one_measurement_has_a_closed_form():
    # m = 1: min ‖X‖_* subject to <A, X> = y is |y|/‖A‖₂, and over the cone y/λmax(A)
    matrix = np.diag([1.0, 2.0, -5.0])
    assert holds(minimum_nuclear_norm(matrix[None], [3.0], psd=False), 3 / 5)
    assert holds(minimum_nuclear_norm(matrix[None], [3.0], psd=True), 3 / 2)
    assert holds(minimum_nuclear_norm(matrix[None], [-3.0], psd=True), 3 / 5)


def test_an_off_diagonal_entry_costs_twice_its_size():
    found = minimum_nuclear_norm(([2], [0], (3, 3)), [0.5], psd=True)
    assert holds(found, 1.0)
    np.testing.assert_allclose(found.matrix[[0, 0, 2, 2], [0, 2, 0, 2]], 0.5, atol=1e-7)


def test_entries_agree_with_their_matrices(rectangular):
    truth = rectangular[2]
    rows, columns = np.array([0, 0, 1, 2, 3, 4, 5, 5, 2, 1]), np.array([0, 3, 1, 8, 5, 2, 7, 0, 0, 5])
    matrices = np.zeros((10, 6, 9))
    matrices[np.arange(10), rows, columns] = 1
    data = truth[rows, columns]
    sparse = minimum_nuclear_norm((rows, columns, (6, 9)), data, psd=False)
    dense = minimum_nuclear_norm(matrices, data, psd=False)
    assert holds(sparse, dense.upper)
    assert np.all(sparse.matrix[rows, columns] == data)


def test_zero_data_have_the_minimum_zero():
    for psd in (True, False):
        found = minimum_nuclear_norm(np.eye(3)[None], [0.0], psd=psd)
        assert found.converged
        assert (found.upper, found.lower, found.gap, found.iterations) == (0, 0, 0, 0)


def test_repeated_measurements_are_dropped(rectangular):
    matrices, data, _ = rectangular
    twice = np.concatenate([matrices, matrices[:2] + matrices[2:4]])
    found = minimum_nuclear_norm(twice, np.append(data, data[:2] + data[2:4]), psd=False)
    assert holds(found, minimum_nuclear_norm(matrices, data, psd=False).upper)
    assert found.dual.shape == (32,)
    assert np.count_nonzero(found.dual) == 30


@pytest.mark.parametrize(
    ("entries", "data"),
    [
        (([0], [0]), [-1.0]),
        (([0, 1, 0], [0, 1, 1]), [1.0, 1.0, 1.1]),
        (([0, 1, 2], [0, 1, 2]), [1.0, 1.0, -0.5]),
    ],
)
def test_infeasible_problems_come_with_a_direction_that_excludes_every_solution(entries, data):
    found = minimum_nuclear_norm((*entries, (3, 3)), data, psd=True)
    assert found.infeasible
    assert not found.converged
    assert found.status is CertificateStatus.infeasible
    assert found.detail.startswith("infeasible")
    assert found.upper == np.inf
    # Farkas: A*(ν) ⪯ 0 and yᵀν > 0, the first as far as the sentence says
    adjoint = np.zeros((3, 3))
    for i, j, value in zip(*entries, found.dual / (found.dual @ data), strict=True):
        adjoint[i, j] += value / 2
        adjoint[j, i] += value / 2
    assert np.linalg.eigvalsh(adjoint)[-1] < 1e-10


def test_three_by_three_completions_exist_exactly_where_every_seen_minor_allows_it():
    # four of the six entries, none 0: an unseen diagonal entry can be as large as it must
    random = np.random.default_rng(11)
    rows, columns = np.triu_indices(3)
    values = np.linspace(-1, 1, 10)
    kinds = []
    for _ in range(100):
        seen, data = random.choice(6, 4, replace=False), random.choice(values, 4)
        data = np.where((rows[seen] == columns[seen]) & (random.random() < 0.7), np.abs(data), data)
        given_entries = {(int(rows[k]), int(columns[k])): y for k, y in zip(seen, data, strict=True)}
        exists = all(
            y > 0 if i == j else y**2 <= given_entries.get((i, i), np.inf) * given_entries.get((j, j), np.inf) + 1e-12
            for (i, j), y in given_entries.items()
        )
        found = minimum_nuclear_norm((rows[seen], columns[seen], (3, 3)), data, psd=True)
        assert (found.converged, found.infeasible) == (exists, not exists), (given_entries, found.detail)
        kinds.append(exists)
    assert 20 < sum(kinds) < 80


def test_a_negative_trace_is_excluded_exactly():
    found = minimum_nuclear_norm(np.eye(3)[None], [-2.0], psd=True)
    assert found.infeasible
    assert found.lower == np.inf


def test_a_solution_at_the_edge_of_the_cone_is_found():
    # x11 = x22 = x12 = 1 has only singular completions
    found = minimum_nuclear_norm(([0, 1, 0], [0, 1, 1], (3, 3)), [1.0, 1.0, 1.0], psd=True)
    assert holds(found, 2.0)


def test_the_minimum_is_equivariant_under_scaling(scarce):
    matrices, data, _ = scarce
    plain = minimum_nuclear_norm(matrices, data, psd=True)
    scaled = minimum_nuclear_norm(1e-3 * matrices, 1e6 * data, psd=True)
    assert holds(scaled, 1e9 * plain.upper)


@pytest.mark.parametrize("psd", [True, False])
def test_measurements_that_are_nearly_dependent(psd):
    random = np.random.default_rng(10)
    matrices = random.standard_normal((12, 8, 8))
    matrices = matrices + matrices.transpose(0, 2, 1)
    mixed = np.linalg.qr(random.standard_normal((12, 12)))[0] * np.geomspace(1, 1e-6, 12)
    factor = random.standard_normal((8, 1))
    data = np.einsum("kij,ij->k", matrices, factor @ factor.T)
    plain = minimum_nuclear_norm(matrices, data, psd=psd)
    skewed = minimum_nuclear_norm(np.tensordot(mixed.T, matrices, 1), mixed.T @ data, psd=psd)
    assert holds(skewed, plain.upper)


def test_the_minimum_is_convex_in_the_data(rectangular):
    matrices, data, _ = rectangular
    other = np.random.default_rng(8).standard_normal(data.size)
    ends = [minimum_nuclear_norm(matrices, y, psd=False).upper for y in (data, other)]
    middle = minimum_nuclear_norm(matrices, (data + other) / 2, psd=False)
    assert middle.lower <= sum(ends) / 2


@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 6), psd=st.booleans(), data=st.data())
def test_the_interval_holds_for_random_problems(seed, size, psd, data):
    random = np.random.default_rng(seed)
    width = size if psd else data.draw(st.integers(1, 6))
    most = size * (size + 1) // 2 if psd else size * width
    count = data.draw(st.integers(1, most))
    matrices = random.standard_normal((count, size, width))
    planted = random.standard_normal((size, width))
    if psd:
        matrices, planted = matrices + matrices.transpose(0, 2, 1), planted @ planted.T
    y = np.einsum("kij,ij->k", matrices, planted)
    found = minimum_nuclear_norm(matrices, y, psd=psd, gap=1e-7)
    assert found.converged, found.detail
    assert found.lower <= np.linalg.svd(planted)[1].sum() * (1 + 1e-9)
    measured = np.einsum("kij,ij->k", matrices, found.matrix)
    np.testing.assert_allclose(measured, y, atol=1e-10 * np.abs(y).max())
    adjoint = np.einsum("k,kij->ij", found.dual, matrices)
    level = np.linalg.eigvalsh(adjoint)[-1] if psd else np.linalg.norm(adjoint, 2)
    assert level <= 1 + 1e-14
    np.testing.assert_allclose(np.linalg.svd(found.matrix)[1].sum(), found.upper, rtol=1e-12)


def test_a_missing_psd_is_named():
    with pytest.raises(eq.InputError, match="psd is missing; give psd=True"):
        minimum_nuclear_norm((np.array([0]), np.array([0]), (2, 2)), np.ones(1))
