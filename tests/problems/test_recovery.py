"""The front doors of sensing and completion: their conventions, and what they refuse."""

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.sparse

import equipoise as eq
from equipoise.problems import DeepLinear, Entries, FunctionOperator, completion, sensing

_G = np.random.default_rng(2)
A = _G.standard_normal((5, 3, 3))
Y = _G.standard_normal(5)
U = _G.standard_normal((3, 2))
SYMMETRIC = (A + A.transpose(0, 2, 1)) / 2
SEEN = ([0, 1, 2], [0, 2, 1], [1.0, 2.0, 3.0])


def _message(door, *arguments, **options):
    with pytest.raises(eq.InputError) as caught:
        door(*arguments, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith(".")
    return message


def test_there_is_no_half():
    problem = sensing(A, Y, width=2)
    residual = np.einsum("mij,ij->m", A, U @ U.T) - Y
    assert float(problem.loss((U,))) == pytest.approx(np.sum(residual**2), rel=1e-13)
    assert float(sensing(A, Y, width=2, scale=0.5).loss((U,))) == pytest.approx(0.5 * np.sum(residual**2), rel=1e-13)
    assert float(problem.relative_error((U,))) == pytest.approx(np.linalg.norm(residual) / np.linalg.norm(Y), rel=1e-13)


@pytest.mark.parametrize("scale", [0.25, 1.0])
def test_the_gradient_is_four_scale_times_that_of_the_paper(scale):
    """Gunasekar et al. (2017), Eq. (3): at a scale of ¼ gradient flow is U̇ = −A*(r) U."""
    (found,) = sensing(SYMMETRIC, Y, width=2, scale=scale).gradient((U,))
    residual = np.einsum("mij,ij->m", SYMMETRIC, U @ U.T) - Y
    wanted = np.einsum("m,mij->ij", residual, SYMMETRIC) @ U
    np.testing.assert_allclose(found, 4 * scale * wanted, rtol=1e-12)


def test_only_the_symmetric_part_matters_to_symmetric_factors():
    first, second = (sensing(matrices, Y, width=2).gradient((U,))[0] for matrices in (A, SYMMETRIC))
    np.testing.assert_allclose(first, second, rtol=1e-12)


@pytest.mark.parametrize("forms_product", [True, False])
def test_an_entry_of_a_symmetric_matrix_is_a_symmetric_measurement(forms_product):
    rows, columns, values = (np.array(part) for part in SEEN)
    units = np.zeros((3, 3, 3))
    units[np.arange(3), rows, columns] += 0.5
    units[np.arange(3), columns, rows] += 0.5
    entries = completion(
        (rows, columns, values), shape=(3, 3), parametrization="symmetric", width=2, forms_product=forms_product
    )
    matrices = sensing(units, values, width=2)
    assert float(entries.loss((U,))) == pytest.approx(float(matrices.loss((U,))), rel=1e-13)
    np.testing.assert_allclose(entries.gradient((U,))[0], matrices.gradient((U,))[0], rtol=1e-12)


def test_entries_count_once():
    theta = (_G.standard_normal((4, 2)), _G.standard_normal((3, 2)))
    problem = completion(SEEN, shape=(4, 3), width=2)
    w = theta[0] @ theta[1].T
    wanted = sum((w[i, j] - y) ** 2 for i, j, y in zip(*SEEN, strict=True))
    assert float(problem.loss(theta)) == pytest.approx(wanted, rel=1e-13)


def test_a_matrix_with_nan_is_its_entries():
    matrix = np.full((4, 3), np.nan)
    for i, j, y in zip(*SEEN, strict=True):
        matrix[i, j] = y
    theta = (_G.standard_normal((4, 3)), _G.standard_normal((3, 3)))
    first, second = completion(matrix), completion(SEEN, shape=[4, 3])
    assert first.shapes == second.shapes
    assert float(first.loss(theta)) == pytest.approx(float(second.loss(theta)), rel=1e-13)
    for one, other in zip(first.gradient(theta), second.gradient(theta), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("forms_product", "wanted"), [(None, False), (True, True), (False, False)])
def test_products_are_formed_where_much_is_seen(forms_product, wanted):
    few = completion(([0], [1], [1.0]), shape=(30, 20), forms_product=forms_product).measurement.operator
    assert isinstance(few, Entries)
    assert few.forms_product is wanted
    assert completion(SEEN, shape=(3, 3)).measurement.operator.forms_product is True


def test_widths_by_default():
    assert sensing(A, Y).shapes == ((3, 3),)
    assert sensing(A[:, :2], Y, parametrization="asymmetric").shapes == ((2, 2), (3, 2))
    assert sensing(A[:, :2], Y, parametrization="direct").shapes == ((2, 3),)
    assert sensing(A[:, :2], Y, parametrization=DeepLinear((3, 5, 2))).shapes == ((5, 3), (2, 5))
    assert sensing(A, Y, width=7).shapes == ((3, 7),)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("form", [A, scipy.sparse.coo_array(A.reshape(5, 9)), (A[:, 0], A[:, 1])])
def test_precision(form, dtype):
    problem = sensing(form, Y, shape=(3, 3), dtype=dtype)
    assert problem.dtype == dtype
    assert str(problem.gradient((np.ones((3, 3), dtype),))[0].dtype) == str(np.dtype(dtype))
    assert completion(SEEN, shape=(3, 3), dtype=dtype).dtype == dtype


def test_the_matrix_sought_by_its_triplets():
    signal = sensing(A, Y, signal=U @ U.T).known_signal()
    assert signal.values.shape == (2,)
    np.testing.assert_allclose(signal.left * signal.values @ signal.right.T, U @ U.T, atol=1e-13)
    assert sensing(A, Y, signal=signal).known_signal() is signal
    assert sensing(A, Y).known_signal() is None
    with pytest.raises(eq.InputError, match=r"^The true matrix is not known from its measurements; pass it as signal="):
        sensing(A, Y).with_signal()


PLACE = "the first in row 0, column 4 of the matrix (counted from 0)"
NAN = np.where(np.arange(45).reshape(5, 3, 3) == 4, np.nan, A)
WRONG_FUNCTIONS = FunctionOperator(lambda w: w[0, :2], lambda z: jnp.zeros((3, 3)), (3, 3), 5)


@pytest.mark.parametrize(
    ("measurements", "data", "options", "said"),
    [
        (A[0], Y, {}, "The measurements have shape (3, 3); pass an array m x d1 x d2"),
        (A[:0], Y[:0], {}, "The measurements have shape (0, 3, 3)"),
        ("text", Y, {}, "The measurements are not arrays of real numbers (could not convert"),
        (1j * A, Y, {}, "The measurements are not arrays of real numbers (they are complex)."),
        (NAN, Y, {}, f"The array of measurements, one A_i in each row, has 1 NaN and 0 infinite entries, {PLACE}"),
        (A, Y, {"shape": (4, 3)}, "of matrices of shape (3, 3), but shape is (4, 3); leave shape out."),
        (A, Y, {"shape": (3, 3, 3)}, "shape is (3, 3, 3); give the two numbers (d1, d2)."),
        (A, Y, {"shape": (0, 3)}, "d1 is 0; it must be a whole number, 1 or greater."),
        (A, Y[:4], {}, "The data has shape (4,), but there are 5 measurements; give one number for each."),
        (A, Y[:, None], {}, "The data has shape (5, 1)"),
        (A, 1j * Y, {}, "The data is not a vector of real numbers (they are complex)."),
        (A, "text", {}, "The data is not a vector of real numbers"),
        (A, np.where(np.arange(5) == 2, np.inf, Y), {}, "The data has 1 NaN or infinite numbers, the first at 2;"),
        ((A[:, 0],) * 3, Y, {}, "The measurements are a tuple of length 3; pass a pair of arrays for A_i = a_i b_iᵀ."),
        ((A[:, 0], A[:4, 0]), Y, {}, "There are 5 vectors a_i, but 4 vectors b_i; give the same number"),
        (
            (A[:, 0], NAN[:, 1]),
            Y,
            {},
            "The array of the b_i has 1 NaN and 0 infinite entries, the first in row 0, column 1",
        ),
        (scipy.sparse.coo_array(A.reshape(5, 9)), Y, {}, "The sparse measurements have shape (5, 9); pass shape="),
        (scipy.sparse.coo_array(A.reshape(5, 9)), Y, {"shape": (3, 2)}, "The sparse measurements have shape (5, 9)"),
        (scipy.sparse.coo_array((0, 9)), Y[:0], {"shape": (3, 3)}, "The sparse measurements have shape (0, 9)"),
        (scipy.sparse.coo_array(NAN.reshape(5, 9)), Y, {"shape": (3, 3)}, PLACE),
        (scipy.sparse.coo_array(1j * A.reshape(5, 9)), Y, {"shape": (3, 3)}, "holds complex numbers;"),
        (WRONG_FUNCTIONS, Y, {}, "return shapes (2,) and (3, 3); they must return (5,) and (3, 3)."),
        (A, Y, {"parametrization": "deep"}, "There is no parametrization 'deep'; use 'symmetric'"),
        (A, Y, {"parametrization": "direct", "width": 2}, "the direct parametrization has no factors; leave width"),
        (A, Y, {"parametrization": DeepLinear((3, 2, 3)), "width": 2}, "the given parametrization has its own width;"),
        (
            A[:, :2],
            Y,
            {"parametrization": DeepLinear((2, 2, 3))},
            "The parametrization makes matrices of shape (3, 2), but the measurements need (2, 3); change one.",
        ),
        (A[:, :2], Y, {}, "The matrix is 2 x 3, not square; use parametrization='asymmetric'."),
        (A, Y, {"width": 0}, "The width is 0; it must be a whole number, 1 or greater."),
        (A, Y, {"scale": 0.0}, "scale is 0.0; it must be finite and greater than 0"),
        (A, Y, {"dtype": np.int64}, "The dtype is int64; use float64 or float32."),
        (A, Y, {"signal": np.ones((3, 2))}, "The true matrix (signal) has shape (3, 2), but the measurements need"),
        (A, Y, {"signal": np.full((3, 3), np.nan)}, "The true matrix has 9 NaN and 0 infinite entries"),
    ],
)
def test_sensing_refuses(measurements, data, options, said):
    assert said in _message(sensing, measurements, data, **options)


@pytest.mark.parametrize(
    ("observed", "shape", "said"),
    [
        (SEEN, None, "Give entries as (rows, columns, values) with shape=(d1, d2), or as a matrix with NaN."),
        (SEEN[:2], (3, 3), "Give entries as (rows, columns, values)"),
        (SEEN, (3, 3, 3), "shape is (3, 3, 3); give the two numbers (d1, d2)."),
        (SEEN, (2, 3), "There is no row 2: rows are counted from 0 to 1."),
        (SEEN, (3, 2), "There is no column 2: columns are counted from 0 to 1."),
        (([0, -1], [0, 0], [1.0, 2.0]), (3, 3), "There is no row -1: rows are counted from 0 to 2."),
        (([0.0, 1.0], [0, 0], [1.0, 2.0]), (3, 3), "The row indices are of type float64 and shape (2,); give a vector"),
        (([0, 1], [[0, 0]], [1.0, 2.0]), (3, 3), "are of type int64 and shape (1, 2);"),
        (([0, 1], [0], [1.0, 2.0]), (3, 3), "There are 2 row and 1 column indices; give the same number of both"),
        (([0, 1], [0, 0], [1.0]), (3, 3), "The data has shape (1,), but there are 2 measurements"),
        (([0, 1], [0, 0], [1.0, np.nan]), (3, 3), "The data has 1 NaN or infinite numbers, the first at 1;"),
        (
            ([0, 1, 0], [2, 0, 2], [1.0, 2.0, 1.0]),
            (3, 3),
            "Entry (0, 2) is given more than once; give each entry once.",
        ),
        (np.full((3, 3), np.nan), None, "The matrix has no known entry; give at least one number."),
        (np.where(np.eye(3) > 0, np.inf, 1.0), None, "The matrix has 3 infinite entries, the first in row 0, column 0"),
        (np.ones(3), None, "The matrix has shape (3,), but a matrix has two dimensions;"),
        (np.ones((3, 3)), (3, 4), "The matrix has shape (3, 3), but shape is (3, 4); leave shape out."),
        ("text", None, "The matrix holds entries of type '<U4', not numbers;"),
        (1j * np.ones((3, 3)), None, "The matrix holds complex numbers;"),
        (scipy.sparse.eye_array(3), None, "The matrix is sparse, but a dense array is needed;"),
    ],
)
def test_completion_refuses(observed, shape, said):
    assert said in _message(completion, observed, shape=shape)


def test_completion_of_a_matrix_that_is_not_square_by_symmetric_factors():
    said = "The matrix is 4 x 3, not square; use parametrization='asymmetric'."
    assert _message(completion, SEEN, shape=(4, 3), parametrization="symmetric") == said
