"""What cannot be used is refused in one sentence."""

import numpy as np
import pytest

from equipoise.certified import minimum_nuclear_norm
from equipoise.core.errors import InputError
from equipoise.problems import DenseOperator, Entries

ZERO = np.zeros(1, dtype=int)
TILTED = np.array([[[1.0, 2.0], [0.0, 1.0]]])


@pytest.mark.parametrize(
    ("operator", "data", "psd", "words"),
    [
        (np.eye(3)[None], [1.0, 2.0], True, "There are 1 measurements, but data has 2 numbers"),
        (np.eye(3), [1.0], True, r"operator has shape \(3, 3\); give measurement matrices as an array m x d1 x d2"),
        (np.ones((1, 2, 3)), [1.0], True, "The matrix is 2 x 3, but psd needs a square one"),
        (np.eye(3)[None], [[1.0]], True, r"data has shape \(1, 1\)"),
        (np.eye(3)[None], [], True, r"data has shape \(0,\)"),
        (np.eye(3)[None], [np.nan], True, r"data is nan at \(0,\)"),
        (np.full((1, 2, 2), np.inf), [1.0], True, r"operator is inf at \(0, 0, 0\)"),
        (np.eye(3)[None], ["one"], True, "data does not consist of real numbers"),
        (np.eye(3)[None] * 1j, [1.0], True, "operator does not consist of real numbers"),
        (TILTED, [1.0], True, "Measurement matrix 0 is not symmetric"),
        (np.zeros((1, 2, 2)), [0.0], True, "Every measurement matrix is zero"),
        (np.zeros((1, 2, 2)), [1.0], True, "Measurement 0 is a combination of the others"),
        (np.stack([np.eye(2)] * 2), [1.0, 2.0], True, "contradicts theirs"),
        (([0, 0], [1, 1], (2, 3)), [1.0, 1.0], False, r"Entry \(0, 1\) is measured more than once; give"),
        (([0, 1], [1, 0], (2, 2)), [1.0, 1.0], True, r"Entry \(0, 1\) is measured more than once \(its mirror image"),
        (([0, 2], [1, 0], (2, 2)), [1.0, 1.0], False, r"Measurement 1 is entry \(2, 0\), outside the 2 x 2 matrix"),
        (([0, -1], [1, 0], (2, 2)), [1.0, 1.0], False, r"Measurement 1 is entry \(-1, 0\), outside"),
        (([0.5], [1], (2, 2)), [1.0], False, "not a triple of row indices"),
        (([0, 1], [1], (2, 2)), [1.0], False, r"have shapes \(2,\) and \(1,\)"),
        (([0], [1], (2, 2, 2)), [1.0], False, "not a triple of row indices"),
        (([0], [1], (2, 3)), [1.0], True, "The matrix is 2 x 3"),
        (([0], [1], (0, 2)), [1.0], False, "both sizes must be positive"),
        (DenseOperator(TILTED), [1.0, 2.0], False, "There are 1 measurements, but data has 2 numbers"),
        (DenseOperator(np.full((1, 2, 2), np.nan)), [1.0], False, r"Measurement matrix 0 is nan at \(0, 0\)"),
        (DenseOperator(np.ones((1, 2, 3))), [1.0], True, "The matrix is 2 x 3, but psd needs a square one"),
        (Entries(ZERO + 2, ZERO, (2, 2)), [1.0], False, r"Measurement 0 is entry \(2, 0\), outside the 2 x 2 matrix"),
        (Entries(np.zeros(2, int), np.ones(2, int), (2, 2)), [1.0, 1.0], False, r"Entry \(0, 1\) is measured more"),
        (Entries(np.arange(2), 1 - np.arange(2), (2, 2)), [1.0, 1.0], True, "its mirror image counts as the same"),
        (Entries(ZERO, ZERO, (2, 2), symmetric=True), [1.0], False, "give Entries with symmetric=False"),
    ],
)
def test_bad_input(operator, data, psd, words):
    with pytest.raises(InputError, match=words) as caught:
        minimum_nuclear_norm(operator, data, psd=psd)
    assert "\n" not in str(caught.value)


def test_a_matrix_that_is_not_symmetric_measures_a_rectangular_one():
    assert minimum_nuclear_norm(TILTED, [1.0], psd=False).converged


def test_mirrored_entries_are_two_of_a_matrix_that_is_not_symmetric():
    found = minimum_nuclear_norm(([0, 1], [1, 0], (2, 2)), [1.0, -1.0], psd=False)
    assert found.converged
    np.testing.assert_allclose(found.upper, 2)


def test_lists_and_integers_are_welcome():
    found = minimum_nuclear_norm([[[1, 0], [0, 1]]], [2], psd=True)
    np.testing.assert_allclose(found.upper, 2)


def test_operators_are_taken_as_they_are(scarce):
    matrices, data, _ = scarce
    for psd in (True, False):
        known = minimum_nuclear_norm(matrices, data, psd=psd).upper
        np.testing.assert_allclose(minimum_nuclear_norm(DenseOperator(matrices), data, psd=psd).upper, known, rtol=1e-7)
