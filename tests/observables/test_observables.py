"""Each observable against its formula in NumPy."""

import functools

import numpy as np
import pytest

import equipoise as eq
from equipoise.observables import BY_NAME, resolve

ANYWHERE = [name for name, observable in BY_NAME.items() if not {"noise", "state"} & set(observable.asks)]
"""What needs no run; `noise` and `state` exist only along one."""


@pytest.fixture(scope="module")
def planted():
    return eq.problems.planted((6, 5), 2, values=(3.0, 1.0), seed=1)


@pytest.fixture(scope="module")
def theta():
    generator = np.random.default_rng(2)
    return generator.standard_normal((6, 2)), generator.standard_normal((5, 2))


def _matrix(problem):
    with eq.numerics():
        return np.asarray(problem.measurement.target.matmul(np.eye(problem.shapes[1][0])))


def _at(problem, theta, *observables):
    return {name: np.asarray(value) for name, value in eq.evaluate(problem, theta, observables).items()}


def _turn(seed, size=2):
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((size, size)))[0]


def test_loss_and_error(planted, theta):
    found = _at(planted, theta, "loss", "relative_error")
    residual = theta[0] @ theta[1].T - _matrix(planted)
    assert found["loss"] == pytest.approx(0.5 * np.sum(residual**2), rel=1e-13)
    assert found["relative_error"] == pytest.approx(np.linalg.norm(residual) / np.sqrt(10), rel=1e-13)


def test_balance(planted, theta):
    found = _at(planted, theta, "balance", "matrix_gap")
    x, y = theta
    assert found["norm_x"] == pytest.approx(np.linalg.norm(x), rel=1e-14)
    assert found["norm_y"] == pytest.approx(np.linalg.norm(y), rel=1e-14)
    assert found["balance"] == pytest.approx(np.linalg.norm(x) / np.linalg.norm(y), rel=1e-14)
    assert found["matrix_gap"] == pytest.approx(np.linalg.norm(x.T @ x - y.T @ y), rel=1e-13)


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
def test_the_matrix_gap_vanishes_at_its_balance(planted, gamma):
    optimum = planted.signal.factors(gamma)
    assert _at(planted, optimum, eq.observables.matrix_gap(gamma))["matrix_gap"] < 1e-14
    assert _at(planted, optimum, eq.observables.matrix_gap(3 * gamma))["matrix_gap"] > 1


def test_singular_values_are_those_of_the_dense_product(planted, theta):
    found = _at(planted, theta, "singular_values", "nuclear_norm", "effective_rank")
    values = np.linalg.svd(theta[0] @ theta[1].T)[1]
    np.testing.assert_allclose(found["singular_values"], values[:2], rtol=1e-12)
    assert found["nuclear_norm"] == pytest.approx(values.sum(), rel=1e-12)
    share = values[:2] / values[:2].sum()
    assert found["effective_rank"] == pytest.approx(np.exp(-np.sum(share * np.log(share))), rel=1e-12)


def test_small_singular_values_survive():
    """From the eigenvalues of Gram matrices, everything below 1e-8 of the largest would be rounding."""
    values = np.array([1.0, 1e-5, 1e-10])
    left, right = _turn(1, 6)[:, :3], _turn(2, 5)[:, :3]
    problem = eq.problems.factorization(np.ones((6, 5)), rank=3)
    theta = left * np.sqrt(values), right * np.sqrt(values)
    np.testing.assert_allclose(_at(problem, theta, "singular_values")["singular_values"], values, rtol=1e-5)


def test_effective_rank_counts_equal_singular_values():
    problem = eq.problems.factorization(np.ones((6, 5)), rank=3)
    for count in (1, 2, 3):
        theta = tuple(np.eye(d, 3) * (np.arange(3) < count) for d in (6, 5))
        assert _at(problem, theta, "effective_rank")["effective_rank"] == pytest.approx(count, rel=1e-12)
    zeros = tuple(np.zeros(s) for s in problem.shapes)
    found = _at(problem, zeros, "effective_rank", "nuclear_norm", "singular_values")
    assert found["effective_rank"] == 0
    assert found["nuclear_norm"] == 0
    assert found["singular_values"].tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("seed", range(3))
def test_the_distance_vanishes_at_every_rotation_of_its_optimum(planted, gamma, seed):
    turn = _turn(seed)
    optimum = tuple(side @ turn for side in planted.signal.factors(gamma))
    assert _at(planted, optimum, eq.observables.distance(gamma))["distance"] < 1e-14
    assert _at(planted, optimum, eq.observables.distance(2 * gamma))["distance"] > 0.5


def test_the_distance_is_the_least_over_all_rotations(planted, theta):
    """Against 4000 rotations and reflections of the plane, none nearer and one as near as their spacing allows."""
    found = float(_at(planted, theta, "distance")["distance"])
    u, v = planted.signal.factors()
    angles = np.linspace(0, 2 * np.pi, 2000)
    distances = []
    for sign in (1, -1):
        for angle in angles:
            c, s = np.cos(angle), np.sin(angle)
            turn = np.array([[c, -s], [s, c]]) * [1, sign]
            distances.append(np.hypot(np.linalg.norm(theta[0] - u @ turn), np.linalg.norm(theta[1] - v @ turn)))
    assert found <= min(distances) * (1 + 1e-13)
    assert found == pytest.approx(min(distances), rel=1e-5)
    assert max(distances) > 1.2 * found


@pytest.mark.parametrize("seed", range(3))
def test_the_distance_does_not_see_rotations(planted, theta, seed):
    turned = tuple(w @ _turn(seed) for w in theta)
    first, second = (_at(planted, point, "distance")["distance"] for point in (theta, turned))
    assert first == pytest.approx(second, rel=1e-13)


def test_the_distance_has_no_floor_near_the_optimum(planted):
    """From norms it would cancel below √ε ~ 1e-8."""
    u, v = planted.signal.factors()
    off = np.zeros_like(u)
    off[5, 0] = 1e-11
    off -= planted.signal.left @ (planted.signal.left.T @ off)
    found = _at(planted, (u + off, v), "distance")["distance"]
    assert found == pytest.approx(np.linalg.norm(off), rel=1e-3)


def test_columns_beyond_the_optimum_count_as_distance():
    problem = eq.problems.planted((6, 5), 1, factors=3)
    x, y = (np.eye(d, 3) * [1.0, 0.0, 0.0] for d in (6, 5))
    assert _at(problem, (x, y), "distance")["distance"] < 1e-15
    y[3, 2] = 0.25
    assert _at(problem, (x, y), "distance")["distance"] == pytest.approx(0.25, rel=1e-13)


def test_an_optimum_of_greater_rank_is_refused():
    problem = eq.problems.planted((6, 5), 2, factors=1)
    message = r"^The known optimum has rank 2, but the factors have only width 1; attach another optimum\.$"
    with pytest.raises(eq.InputError, match=message):
        _at(problem, (np.ones((6, 1)), np.ones((5, 1))), "distance")


def test_projections(planted, theta):
    found = _at(planted, theta, "projections")
    signal = planted.signal
    for name, side, w in (("x", signal.left, theta[0]), ("y", signal.right, theta[1])):
        assert found[f"on_signal_{name}"] == pytest.approx(np.linalg.norm(side.T @ w), rel=1e-13)
        assert found[f"off_signal_{name}"] == pytest.approx(np.linalg.norm(w - side @ side.T @ w), rel=1e-13)
        total = np.hypot(found[f"on_signal_{name}"], found[f"off_signal_{name}"])
        assert total == pytest.approx(np.linalg.norm(w), rel=1e-13)
    wanted = np.trace(theta[0].T @ _matrix(planted) @ theta[1])
    assert found["alignment"] == pytest.approx(wanted, rel=1e-12)


RECOVERY = {
    "asymmetric": {"parametrization": "asymmetric", "width": 2},
    "direct": {"parametrization": "direct"},
    "deep": {"parametrization": eq.problems.DeepLinear((5, 3, 4, 6))},
}


@pytest.mark.parametrize("name", RECOVERY)
def test_the_reconstruction_error(planted, name):
    sought = _matrix(planted)
    problem = eq.problems.completion(sought, signal=sought, **RECOVERY[name])
    point = tuple(np.random.default_rng(d).standard_normal(shape) for d, shape in enumerate(problem.shapes))
    with eq.numerics():
        w = np.asarray(problem.product(point).dense())
    wanted = np.linalg.norm(w - sought) / np.linalg.norm(sought)
    found = _at(problem, point, "reconstruction_error")["reconstruction_error"]
    assert found == pytest.approx(wanted, rel=1e-12)
    assert _at(problem, problem.point(sought), "reconstruction_error")["reconstruction_error"] < 1e-14


def test_the_reconstruction_error_needs_the_matrix_sought(planted):
    problem = eq.problems.completion(_matrix(planted), width=2)
    with pytest.raises(eq.InputError, match=r"^The true matrix is not known from its measurements; pass it as signal="):
        _at(problem, planted.signal.factors(), "reconstruction_error")


@pytest.mark.parametrize("name", ANYWHERE)
def test_every_observable_declares_what_it_gives(planted, theta, name):
    observable = BY_NAME[name]
    assert observable.name == name
    found = observable(planted, theta)
    assert set(found) == {variable.name for variable in observable.variables}
    for variable in observable.variables:
        assert np.ndim(found[variable.name]) == len(variable.axes)
        assert variable.meaning
        assert variable.formula


@pytest.mark.parametrize("name", ANYWHERE)
def test_single_precision_stays(name):
    matrix = np.random.default_rng(0).standard_normal((4, 3))
    problem = eq.problems.factorization(matrix, rank=1, dtype=np.float32)
    theta = np.ones((4, 1), np.float32), np.ones((3, 1), np.float32)
    assert {str(v.dtype) for v in eq.evaluate(problem, theta, (name,)).values()} == {"float32"}


def test_evaluate_attaches_the_optimum_and_takes_lists(theta):
    problem = eq.problems.factorization(np.random.default_rng(4).standard_normal((6, 5)), rank=2)
    lists = tuple(w.tolist() for w in theta)
    found = eq.evaluate(problem, tuple(np.array(w) for w in lists), "distance")
    assert float(found["distance"]) > 0
    assert problem.known_signal() is None
    assert set(eq.evaluate(problem, theta)) == {"loss", "balance", "norm_x", "norm_y"}


def test_evaluate_refuses_other_shapes(planted, theta):
    with pytest.raises(eq.InputError, match="theta has shapes") as caught:
        eq.evaluate(planted, theta[:1])
    assert str(caught.value) == "theta has shapes ((6, 2),), but the problem's are ((6, 2), (5, 2))."


def test_user_functions(planted, theta):
    def largest(problem, theta):
        return np.max(np.abs(theta[0]))

    assert float(eq.evaluate(planted, theta, (largest,))["largest"]) == np.max(np.abs(theta[0]))
    assert resolve(largest).variables[0].meaning == "largest"
    assert resolve(largest) == resolve(largest)
    assert resolve("loss") is BY_NAME["loss"]
    assert resolve(eq.observables.loss) is eq.observables.loss


@pytest.mark.parametrize("given", [lambda problem, theta: 1.0, functools.partial(len)])
def test_functions_without_a_name(given):
    with pytest.raises(eq.InputError, match=r"^An observable is a name or a named function"):
        resolve(given)
