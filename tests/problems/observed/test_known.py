"""Residuals and gradients at known entries: compiled and by SciPy, each against dense NumPy."""

import numpy as np
import pytest

from equipoise.machine import native
from equipoise.problems.observed import Known, known, orders_of, padded, products

SHAPE = (37, 23)
BUILDS = ("plain", "avx2", "avx512", "")


@pytest.fixture(params=[*BUILDS, "scipy"])
def way(request, monkeypatch):
    """A build of the compiled module, or SciPy in its place."""
    if request.param == "scipy":
        monkeypatch.setattr(known, "missing", lambda: "is left out")
        return
    monkeypatch.setenv(native.BUILD_VARIABLE, request.param)
    if native.missing():
        pytest.skip(f"the native engine {native.missing()}")


def _entries(seed=0):
    generator = np.random.default_rng(seed)
    places = generator.permutation(SHAPE[0] * SHAPE[1])[:300]
    places = places[places // SHAPE[1] != 5]  # a row without entries
    return places // SHAPE[1], places % SHAPE[1], generator.standard_normal(places.size)


def _held(rows, columns, values, dtype):
    return Known(orders_of(rows, columns, SHAPE), values, SHAPE, dtype)


def _factors(width, dtype):
    generator = np.random.default_rng(1)
    for size in SHAPE:
        factor = padded(size, width, dtype)
        factor[:, :width] = generator.standard_normal((size, width))
        yield factor


@pytest.mark.parametrize(("dtype", "near"), [(np.float64, 1e-13), (np.float32, 2e-5)])
@pytest.mark.parametrize("width", [1, 8, 20, 150])
def test_residual_and_gradients_are_those_of_the_dense_matrix(way, width, dtype, near):
    rows, columns, values = _entries()
    held = _held(rows, columns, values, dtype)
    x, y = _factors(width, dtype)
    of_x, of_y = np.full_like(x, np.nan), np.full_like(y, np.nan)
    of_x, of_y = padded(SHAPE[0], width, dtype), padded(SHAPE[1], width, dtype)
    of_x[:], of_y[:] = np.nan, np.nan
    residual = held.gradients(x, y, of_x, of_y)
    dense = np.zeros(SHAPE)
    product = x.astype(float) @ y.T.astype(float)
    dense[rows, columns] = product[rows, columns] - values
    scale = np.abs(dense).max()
    np.testing.assert_allclose(residual, dense[rows, columns][held.by_rows.order], atol=near * scale)
    np.testing.assert_allclose(of_x, dense @ y, atol=near * scale * np.sqrt(width) * 10)
    np.testing.assert_allclose(of_y, dense.T @ x, atol=near * scale * np.sqrt(width) * 10)
    np.testing.assert_allclose(products(rows, columns, x, y), product[rows, columns], atol=near * np.abs(product).max())


def test_products_with_a_sparse_matrix(way):
    rows, columns, values = _entries()
    held = _held(rows, columns, np.zeros(values.size), np.float64)
    x, y = _factors(9, np.float64)
    dense = np.zeros(SHAPE)
    dense[rows, columns] = values
    to_x, to_y = padded(SHAPE[0], 9, np.float64), padded(SHAPE[1], 9, np.float64)
    held.times(held.weights(values), y, to_x)
    held.transposed_times(held.weights(values), x, to_y)
    np.testing.assert_allclose(to_x, dense @ y, atol=1e-12)
    np.testing.assert_allclose(to_y, dense.T @ x, atol=1e-12)


def test_counts_and_order(way):
    rows, columns, values = _entries()
    held = _held(rows, columns, values, np.float64)
    assert held.counts[0].tolist() == np.bincount(rows, minlength=SHAPE[0]).tolist()
    assert held.counts[1].tolist() == np.bincount(columns, minlength=SHAPE[1]).tolist()
    assert held.values.by_rows.tolist() == values[held.by_rows.order].tolist()
    assert held.values.by_columns.tolist() == values[held.by_columns.order].tolist()
    assert held.row_of_each().tolist() == np.sort(rows).tolist()


@pytest.mark.skipif(bool(native.missing()), reason="installed without a C++ compiler")
def test_any_number_of_threads_gives_the_same_bits(monkeypatch):
    generator = np.random.default_rng(3)
    places = generator.permutation(400 * 300)[:60_000]
    orders = orders_of(places // 300, places % 300, (400, 300))
    held = Known(orders, generator.standard_normal(places.size), (400, 300), np.float32)
    found = []
    for threads in ("1", "2", "5"):
        monkeypatch.setenv(native.THREADS_VARIABLE, threads)
        x, y, of_x, of_y = (padded(size, 20, np.float32) for size in (400, 300, 400, 300))
        x[:, :20], y[:, :20] = (np.random.default_rng(4).standard_normal((size, 20)) for size in (400, 300))
        found.append((held.gradients(x, y, of_x, of_y).tobytes(), of_x.tobytes(), of_y.tobytes()))
    assert len(set(found)) == 1


@pytest.mark.skipif(bool(native.missing()), reason="installed without a C++ compiler")
def test_rows_that_are_not_whole_vectors_are_refused():
    rows, columns, values = _entries()
    held = _held(rows, columns, values, np.float64)
    x, y = (np.zeros((size, 3)) for size in SHAPE)
    with pytest.raises(ValueError, match=r"padded|aligned"):
        held.gradients(x, y, np.zeros_like(x), np.zeros_like(y))


@pytest.mark.skipif(bool(native.missing()), reason="installed without a C++ compiler")
def test_sizes_that_do_not_belong_together_are_refused(unchecked):
    rows, columns, values = _entries()
    held = _held(rows, columns, values, np.float64)
    x, y = _factors(8, np.float64)
    of_x, of_y, short = (padded(size, 8, np.float64) for size in (*SHAPE, SHAPE[0] - 1))
    wide = padded(SHAPE[1], 20, np.float64)
    shifted = np.zeros(of_x.size + 1)[1:].reshape(of_x.shape)
    shifted = shifted if shifted.ctypes.data % 64 else np.zeros(of_x.size + 2)[2:].reshape(of_x.shape)
    for wrong in ((x, wide, of_x, of_y), (x, y, short, of_y), (x, y, of_x, wide), (x, y, shifted, of_y)):
        with pytest.raises(ValueError, match="do not belong together"):
            held.gradients(*wrong)
