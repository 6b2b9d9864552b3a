import numpy as np
import pytest

import equipoise as eq
from equipoise.core.errors import InputError
from equipoise.landscape import gauge_orbit, plane_through, random_plane, values_on
from equipoise.theory import sharpness


@pytest.fixture(scope="module")
def problem():
    return eq.problems.planted((4, 3), 2, values=(2.0, 1.0))


def minimum(problem, alpha=1.0):
    return eq.theory.global_minimum(problem.with_signal().signal, alpha)


def test_values_are_those_of_the_loss_at_each_point(problem):
    plane = random_plane(minimum(problem), seed=0)
    x, y = np.linspace(-1, 1, 5), np.linspace(0, 2, 3)
    values = values_on(problem, plane, x, y)
    assert values.dims == ("y", "x")
    assert (values.name, values.attrs["units"]) == ("loss", "[M]²")
    direct = [[float(problem.loss(plane.at(a, b))) for a in x] for b in y]
    np.testing.assert_allclose(values, direct, rtol=1e-12, atol=1e-15)
    assert float(values.sel(x=0, y=0)) == pytest.approx(0, abs=1e-28)


def test_another_observable_and_another_problem():
    network = eq.problems.planted_network((2, 3, 1), points=6, seed=0)
    theta = tuple(np.ones(shape) for shape in network.shapes)
    plane = random_plane(theta, seed=1)
    values = values_on(network, plane, np.array([0.0, 0.5]), np.array([0.0]), observable="loss")
    assert float(values[0, 1]) == pytest.approx(float(network.loss(plane.at(0.5, 0.0))))

    def size(problem, theta):
        """the size of θ"""
        return sum((w**2).sum() for w in theta)

    found = values_on(network, plane, np.array([0.0]), np.array([0.0]), observable=size)
    assert float(found[0, 0]) == sum(w.size for w in theta)


def test_along_the_gauge_orbit_the_loss_stays_and_the_sharpness_is_that_of_lemma_2(problem):
    balances = np.array([0.25, 1.0, 4.0])
    theta = minimum(problem, 1.7)
    found = gauge_orbit(problem, theta, balances)
    np.testing.assert_allclose(found["loss"], 0, atol=1e-25)
    assert found["balance"].values.tolist() == balances.tolist()
    np.testing.assert_allclose(found["sharpness"], [sharpness(np.sqrt(b), 2.0) for b in balances], rtol=1e-6)


def test_what_has_no_picture_is_refused(problem):
    theta = minimum(problem)
    plane = random_plane(theta, seed=0)
    one = np.array([0.0])
    wide = plane_through(*(tuple(np.full((5, 2), k**p) for p in (1, 2)) for k in (1.0, 2.0, 4.0)))
    with pytest.raises(InputError, match="The plane is in the space of the shapes"):
        values_on(problem, wide, one, one)
    with pytest.raises(InputError, match="not a single number"):
        values_on(problem, plane, one, one, observable="singular_values")
    with pytest.raises(InputError, match="positive numbers"):
        gauge_orbit(problem, theta, np.array([1.0, 0.0]))
    with pytest.raises(InputError, match="needs two factors"):
        gauge_orbit(problem, theta[:1], np.array([1.0]))
    with pytest.raises(InputError, match="A factor is 0"):
        gauge_orbit(problem, (0 * theta[0], theta[1]), np.array([1.0]))
    with pytest.raises(InputError, match="not a single number"):
        gauge_orbit(problem, theta, np.array([1.0]), observables=("singular_values",))

    def loss(theta):
        return ((theta[0] + 1.0) ** 2).sum() + (theta[1] ** 2).sum()

    own = eq.problems.custom(loss, shapes=((2, 1), (2, 1)))
    with pytest.raises(InputError, match="this is no gauge orbit"):
        gauge_orbit(own, (np.ones((2, 1)), np.ones((2, 1))), np.array([1.0, 2.0]), observables=("loss",))
