import numpy as np
import pytest

from equipoise.core.errors import InputError
from equipoise.landscape import Plane, path_on, plane_of_path, plane_through, random_plane
from equipoise.landscape.plane import minus, product


def point(seed, shapes=((4, 2), (3, 2))):
    rng = np.random.default_rng(seed)
    return tuple(rng.standard_normal(shape) for shape in shapes)


def is_orthonormal(plane):
    products = [product(a, b) for a in (plane.first, plane.second) for b in (plane.first, plane.second)]
    np.testing.assert_allclose(products, [1, 0, 0, 1], atol=1e-14)


def test_a_plane_through_three_points_holds_them():
    points = [point(seed) for seed in range(3)]
    plane = plane_through(*points)
    is_orthonormal(plane)
    found = np.array([plane.coordinates(each) for each in points])
    np.testing.assert_allclose(found[0], 0, atol=1e-14)
    assert found[1, 0] == pytest.approx(np.sqrt(product(minus(points[1], points[0]), minus(points[1], points[0]))))
    np.testing.assert_allclose(found[:, 2], 0, atol=1e-7)
    np.testing.assert_allclose(found[1, 1], 0, atol=1e-14)
    assert found[2, 1] > 0
    for each, (x, y, _) in zip(points, found, strict=True):
        for w, v in zip(plane.at(x, y), each, strict=True):
            np.testing.assert_allclose(w, v, atol=1e-13)


def test_the_distance_is_that_from_the_plane():
    plane = plane_through(*(point(seed) for seed in range(3)))
    away = random_plane(plane.at(0.3, -0.2), seed=1)
    beyond = minus(away.at(0.0, 2.0), plane.at(0.3, -0.2))
    inside = [product(beyond, e) for e in (plane.first, plane.second)]
    x, y, distance = plane.coordinates(away.at(0.0, 2.0))
    np.testing.assert_allclose([x - 0.3, y + 0.2], inside)
    assert distance**2 == pytest.approx(4 - np.sum(np.square(inside)))


def test_the_plane_of_a_path_is_the_one_that_it_moves_in():
    plane = random_plane(point(5), seed=2)
    angle = np.linspace(0, 3, 20)
    thetas = [plane.at(4 * np.cos(t), np.sin(t)) for t in angle]
    found = plane_of_path(thetas)
    is_orthonormal(found)
    path = path_on(found, thetas)
    assert float(path["distance"].max()) < 1e-6
    assert (float(path["x"][-1]), float(path["y"][-1])) == pytest.approx((0, 0), abs=1e-12)
    assert float(path["x"][0]) < 0
    assert path["step"].values.tolist() == list(range(20))


def test_random_directions_have_the_proportions_of_the_factors():
    x, y = point(7)
    plane = random_plane((100 * x, y), seed=3)
    is_orthonormal(plane)
    sizes = [[np.linalg.norm(w) for w in direction] for direction in (plane.first, plane.second)]
    wanted = np.linalg.norm(100 * x) / np.linalg.norm(y)
    assert sizes[0][0] / sizes[0][1] == pytest.approx(wanted)
    even = random_plane((100 * x, y), seed=3, by_factor=False)
    assert np.linalg.norm(even.first[0]) / np.linalg.norm(even.first[1]) < 5
    again = random_plane((100 * x, y), seed=3)
    np.testing.assert_array_equal(again.second[0], plane.second[0])


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda p: plane_through(p, p, point(2)), "Two of the points are the same"),
        (lambda p: plane_through(p, tuple(2 * w for w in p), tuple(3 * w for w in p)), "lie on one line"),
        (lambda p: plane_through(p, point(1), point(2, ((4, 2), (3, 1)))), "they must agree"),
        (lambda p: plane_of_path([p, p]), "2 points; give at least three"),
        (lambda p: plane_of_path([tuple(t * w for w in p) for t in range(4)]), "lies on one line"),
        (lambda p: random_plane(tuple(0 * w for w in p), seed=0), "by_factor=False"),
        (lambda p: Plane(p, p, p).coordinates(p[:1]), "they must agree"),
    ],
)
def test_what_spans_no_plane_is_refused(make, said):
    with pytest.raises(InputError, match=said):
        make(point(0))
