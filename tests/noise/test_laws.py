"""What the laws' settings mean, and which are refused. Their samples are tested in tests/statistical."""

import jax
import numpy as np
import pytest

import equipoise as eq
from equipoise.noise import AnisotropicGaussian, Gaussian, StudentT, Uniform, balanced

pytestmark = pytest.mark.usefixtures("double")

SHAPES = ((4, 2), (3, 2))
LAWS = {
    "Gaussian": lambda scale: Gaussian(std=scale),
    "Uniform": lambda scale: Uniform(std=scale),
    "StudentT": lambda scale: StudentT(scale, degrees_of_freedom=5),
}


def _sample(law, step=0):
    return law.sample(jax.random.key(0, impl="threefry2x32"), step, SHAPES, np.float64)


@pytest.mark.parametrize("make", LAWS.values(), ids=LAWS)
def test_scales_multiply_each_factor(make):
    unit, scaled = _sample(make(1.0)), _sample(make((2.0, 0.5)))
    np.testing.assert_allclose(scaled[0], 2.0 * unit[0], rtol=1e-14)
    np.testing.assert_allclose(scaled[1], 0.5 * unit[1], rtol=1e-14)


@pytest.mark.parametrize("make", LAWS.values(), ids=LAWS)
def test_schedules_depend_on_the_step(make):
    law = make((lambda step: 1.0 / (1 + step), 1.0))
    first, later = _sample(law, 0), _sample(law, 3)
    np.testing.assert_allclose(later[0], first[0] / 4, rtol=1e-14)
    np.testing.assert_array_equal(later[1], first[1])
    moments = [law.second_moments(step, SHAPES, np.float64)[0] for step in (0, 3)]
    np.testing.assert_allclose(moments[1], moments[0] / 16, rtol=1e-14)


@pytest.mark.parametrize("make", LAWS.values(), ids=LAWS)
def test_isotropic_moments_are_rows_times_variance(make):
    factor = 5 / 3 if make is LAWS["StudentT"] else 1.0
    first, second = make((0.2, 0.1)).second_moments(0, SHAPES, np.float64)
    np.testing.assert_allclose(first, 4 * 0.04 * factor * np.eye(2), rtol=1e-14)
    np.testing.assert_allclose(second, 3 * 0.01 * factor * np.eye(2), rtol=1e-14)


@pytest.mark.parametrize("make", LAWS.values(), ids=LAWS)
@pytest.mark.parametrize("scale", [-0.1, np.nan, (0.1, -0.1)])
def test_scales_out_of_range(make, scale):
    with pytest.raises(eq.InputError, match=r"it must be finite and 0 or greater\.$"):
        make(scale)


@pytest.mark.parametrize("nu", [0.0, -1.0, np.nan, np.inf])
def test_degrees_of_freedom_out_of_range(nu):
    with pytest.raises(eq.InputError, match=r"^degrees_of_freedom is .*; it must be finite and greater than 0\.$"):
        StudentT(0.1, degrees_of_freedom=nu)


def test_anisotropic_moments_are_traces_times_column_covariances():
    rows = (np.diag([1.0, 2.0, 3.0, 4.0]), np.eye(3))
    columns = (np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([[1.0, 0.0], [0.0, 0.0]]))
    law = AnisotropicGaussian(rows, columns)
    first, second = law.second_moments(0, SHAPES, np.float64)
    np.testing.assert_allclose(first, 10 * columns[0], rtol=1e-13)
    np.testing.assert_allclose(second, 3 * columns[1], rtol=1e-13, atol=1e-15)
    assert np.all(np.asarray(_sample(law)[1])[:, 1] == 0)


def test_isotropic_covariances_give_gaussian_noise():
    law = AnisotropicGaussian([0.04 * np.eye(4), 0.01 * np.eye(3)], [np.eye(2)] * 2)
    for found, wanted in zip(_sample(law), _sample(Gaussian(std=(0.2, 0.1))), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-13)


@pytest.mark.parametrize(
    ("covariance", "said"),
    [
        (np.ones((2, 3)), "Covariance 1 has shape (2, 3); it must be a symmetric square matrix."),
        (np.ones(2), "Covariance 1 has shape (2,)"),
        (np.zeros((0, 0)), "Covariance 1 has shape (0, 0)"),
        (np.array([[1.0, 0.5], [0.4, 1.0]]), "it must be a symmetric square matrix"),
        (np.array([[1.0, np.nan], [np.nan, 1.0]]), "it must be a symmetric square matrix"),
        (np.array([[1.0, 2.0], [2.0, 1.0]]), "Covariance 1 has the eigenvalue -1; none may be negative."),
    ],
)
def test_covariances_that_are_refused(covariance, said):
    with pytest.raises(eq.InputError) as caught:
        AnisotropicGaussian([covariance], [np.eye(2)])
    assert said in str(caught.value)


def test_as_many_row_as_column_covariances():
    with pytest.raises(eq.InputError, match=r"^There are 2 row and 1 column covariances; give one of each"):
        AnisotropicGaussian([np.eye(4), np.eye(3)], [np.eye(2)])


def test_a_semidefinite_covariance_may_have_rounding_below_zero():
    vector = np.array([1.0, 1e-3, 0.3])
    law = AnisotropicGaussian([np.outer(vector, vector)], [np.eye(2)])
    np.testing.assert_allclose(law.row_roots[0] @ law.row_roots[0], np.outer(vector, vector), atol=1e-15)


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
def test_balanced_noise(gamma):
    """γ² = d1 s1² / (d2 s2²), Lemma 3."""
    law = balanced(gamma, 0.05, shape=(20, 30))
    first, second = law.second_moments(0, ((20, 1), (30, 1)), np.float64)
    assert float(first[0, 0] / second[0, 0]) == pytest.approx(gamma**2, rel=1e-14)
    assert float(second[0, 0]) == pytest.approx(30 * 0.05**2, rel=1e-14)


def test_balanced_noise_may_decay():
    law = balanced(2.0, lambda step: 0.1 / (1 + step), shape=(4, 3))
    for step in (0, 5):
        first, second = law.second_moments(step, SHAPES, np.float64)
        assert float(first[0, 0] / second[0, 0]) == pytest.approx(4.0, rel=1e-14)
        assert float(second[0, 0]) == pytest.approx(3 * (0.1 / (1 + step)) ** 2, rel=1e-14)


@pytest.mark.parametrize("gamma", [0.0, -1.0, np.nan, np.inf])
def test_ratios_out_of_range(gamma):
    with pytest.raises(eq.InputError, match=r"^gamma is .*; it must be finite and greater than 0\.$"):
        balanced(gamma, 0.1, shape=(4, 3))


def test_settings_of_the_papers_figure_2():
    """Figure 2 (a): s1 = √1.5 · 0.05 for 20 x 30 is balanced noise."""
    law = balanced(1.0, 0.05, shape=(20, 30))
    assert [float(v) for v in law.std.values] == pytest.approx([np.sqrt(1.5) * 0.05, 0.05], rel=1e-14)
