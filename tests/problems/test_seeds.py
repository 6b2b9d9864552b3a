"""What the package's own instances draw from their seed is what it always was."""

import numpy as np

import equipoise as eq
from equipoise.problems.seeds import Stream

NINE_DIGITS = 1e-9


def test_no_instance_has_changed():
    planted = eq.problems.planted((3, 2), 1, seed=5).signal
    left, right = [-0.511427511, -0.844602922, -0.158391307], [0.336727624, -0.941602096]
    np.testing.assert_allclose(planted.left[:, 0], left, atol=NINE_DIGITS)
    np.testing.assert_allclose(planted.right[:, 0], right, atol=NINE_DIGITS)
    measured = eq.problems.gaussian_measurements(2, 1, seed=5)
    np.testing.assert_allclose(measured[0], [[1.953855763, 0.558507147], [0.558507147, 0.311594794]], atol=NINE_DIGITS)
    rows, columns = eq.problems.random_entries((9, 9), 4, seed=5)
    assert (rows.tolist(), columns.tolist()) == ([0, 3, 5, 7], [4, 6, 7, 8])


def test_no_network_has_changed():
    network = eq.problems.planted_network((1, 2, 1), 2, seed=5)
    np.testing.assert_allclose(np.ravel(network.inputs), [-0.317563109, -0.289357266], atol=NINE_DIGITS)
    np.testing.assert_allclose(np.ravel(network.targets), [0.054830705, 0.049960662], atol=NINE_DIGITS)


def test_every_stream_has_its_number():
    assert [stream.name for stream in sorted(Stream)] == [
        "LEFT_BASIS",
        "RIGHT_BASIS",
        "MEASUREMENTS",
        "ENTRIES",
        "NETWORK",
        "BLOCK",
    ]
