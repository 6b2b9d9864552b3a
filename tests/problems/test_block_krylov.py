"""Block Krylov triplets agree with the full decomposition, and the bound on their error holds."""

import numpy as np
import pytest
import scipy.sparse

from equipoise.problems.block_krylov import by_block_krylov, inaccuracy

RANK, KEPT = 6, 26


def with_spectrum(values, shape, seed=0):
    generator = np.random.default_rng(seed)
    bases = [np.linalg.qr(generator.standard_normal((d, len(values))))[0] for d in shape]
    return bases[0] * values @ bases[1].T


def gap(size):
    """Values that fall slowly, except for a relative gap of `size` after number R."""
    values = np.linspace(1.0, 0.5, 150)
    values[RANK:] *= values[RANK - 1] * (1 - size) / values[RANK]
    return values


def product(triplets):
    a, s, b = triplets
    return (a[:, :RANK] * s[:RANK]) @ b[:, :RANK].T


def leading(matrix, accuracy=1e-7):
    dense = matrix.toarray() if scipy.sparse.issparse(matrix) else matrix
    return by_block_krylov(matrix, RANK, KEPT, float(np.linalg.norm(dense)), accuracy)


SPECTRA = {
    "geometric": 0.7 ** np.arange(150.0),
    "power": np.arange(1.0, 151.0) ** -1.0,
    "of rank 4": np.r_[4.0, 3.0, 2.0, 1.0, np.zeros(146)],
    **{f"gap {size}": gap(size) for size in (0.5, 0.1, 0.01, 1e-3)},
}


@pytest.mark.parametrize("name", SPECTRA)
@pytest.mark.parametrize("shape", [(400, 200), (150, 700)])
def test_the_bound_holds_and_is_as_small_as_asked(name, shape):
    matrix = with_spectrum(SPECTRA[name], shape)
    a, s, bt = np.linalg.svd(matrix, full_matrices=False)
    found, exact = leading(matrix), product((a, s, bt.T))
    distance = np.linalg.norm(product(found.triplets) - exact)
    rounding = 1e-13 * np.linalg.norm(exact)
    assert distance <= found.inaccuracy + rounding
    assert found.inaccuracy <= 1e-7 * np.linalg.norm(exact)
    np.testing.assert_allclose(found.triplets[1][:RANK], s[:RANK], atol=1e-9 * s[0])
    assert found.following == pytest.approx(s[RANK], abs=1e-2 * s[0])


@pytest.mark.parametrize("accuracy", [1e-1, 1e-3, 1e-6])
def test_the_bound_holds_where_little_is_asked(accuracy):
    matrix = with_spectrum(gap(0.05), (300, 400))
    a, s, bt = np.linalg.svd(matrix, full_matrices=False)
    found = leading(matrix, accuracy)
    assert np.linalg.norm(product(found.triplets) - product((a, s, bt.T))) <= found.inaccuracy


def test_less_is_asked_with_fewer_products():
    matrix = with_spectrum(gap(0.05), (300, 400))
    assert leading(matrix, 1e-1).products < leading(matrix, 1e-9).products


def test_bases_are_orthonormal_though_the_rank_is_short():
    a, _, b = leading(with_spectrum(SPECTRA["of rank 4"], (400, 200))).triplets
    for basis in (a, b):
        np.testing.assert_allclose(basis.T @ basis, np.eye(KEPT), atol=1e-12)


def test_residuals_are_those_of_the_matrix():
    matrix = with_spectrum(gap(0.05), (150, 400))
    found = leading(matrix, 1e-2)
    a, s, b = found.triplets
    np.testing.assert_allclose(matrix.T @ a, b * s, atol=1e-12)
    residuals = np.linalg.norm((matrix @ b - a * s)[:, :RANK], axis=0)
    np.testing.assert_allclose(found.residuals, residuals, atol=1e-12)
    assert residuals.max() > 1e-8


def test_a_sparse_matrix_gives_the_same():
    sparse = scipy.sparse.random_array((500, 300), density=0.02, rng=np.random.default_rng(1), format="csr")
    np.testing.assert_allclose(
        product(leading(sparse).triplets), product(leading(sparse.toarray()).triplets), atol=1e-7
    )


def test_the_bound_is_that_of_wedin():
    values, residuals = np.array([3.0, 2.0, 1.0]), np.array([0.02, 0.01])
    assert inaccuracy(values, residuals, 2) == pytest.approx(np.sqrt(2 * ((3 * 0.01) ** 2 + (2 * 0.01) ** 2)))
    assert inaccuracy(values, np.zeros(2), 2) == 0.0
    tied = inaccuracy(np.array([3.0, 1.0, 1.0]), np.array([0.0, 1e-3]), 2)  # nothing is known of the second
    assert tied == pytest.approx(np.sqrt(2))


@pytest.mark.parametrize("padding", [400, 900])
@pytest.mark.parametrize("rank_of_block", [1, 4, 6])
@pytest.mark.parametrize("wrap", [np.asarray, scipy.sparse.csr_array])
def test_a_small_block_of_low_rank_among_zeros(padding, rank_of_block, wrap):
    """Once the Krylov space holds all of M, the columns that fill a block up count nothing twice."""
    generator = np.random.default_rng(1)
    block = generator.standard_normal((9, rank_of_block)) @ generator.standard_normal((rank_of_block, 6))
    matrix = np.zeros((9 + padding, 6 + padding))
    matrix[:9, :6] = block
    found = by_block_krylov(wrap(matrix), RANK, KEPT, float(np.linalg.norm(block)), 1e-7)
    a, s, bt = np.linalg.svd(matrix, full_matrices=False)
    np.testing.assert_allclose(found.triplets[1], s[:KEPT], atol=1e-12 * s[0])
    np.testing.assert_allclose(product(found.triplets), product((a, s, bt.T)), atol=1e-11 * s[0])
    for side in (found.triplets[0], found.triplets[2]):
        np.testing.assert_allclose(side.T @ side, np.eye(KEPT), atol=1e-10)
