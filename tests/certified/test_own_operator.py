"""An operator of one's own: four members, and problems and certificates both take it."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest

import equipoise as eq


class RowSums(eq.problems.AbstractFormedOperator):
    """A(W) = W 1, the sums of the rows."""

    shape: tuple[int, int] = eqx.field(static=True)

    @property
    def count(self):
        return self.shape[0]

    def apply(self, product):
        return product.matmul(jnp.ones((self.shape[1], 1)))[:, 0]

    def adjoint(self, weights):
        return eq.problems.LowRank(jnp.asarray(weights)[:, None], jnp.ones((self.shape[1], 1)))


DATA = np.array([3.0, -1.0, 2.0])


def test_a_problem_of_it_is_solved_and_certified():
    """‖y‖/√d2 = ⟨y, X1⟩/(‖y‖√d2) ≤ ‖X‖_* for every X with X1 = y, and y1ᵀ/d2 attains it."""
    problem = eq.problems.sensing(RowSums((3, 4)), DATA, parametrization="direct")
    start = eq.initial.Given((np.zeros((3, 4)),))
    record = eq.Record(every=1, observables=("loss",))
    run = eq.simulate(problem, eq.dynamics.GradientDescent(0.1), start, seed=0, steps=60, record=record)
    limit = run.theta[0][0]
    np.testing.assert_allclose(limit, np.outer(DATA, np.ones(4)) / 4, atol=1e-10)
    operator = problem.measurement.operator
    least = eq.certified.minimum_nuclear_norm(operator, DATA, psd=False)
    assert least.converged
    assert least.upper == pytest.approx(np.linalg.norm(DATA) / 2, rel=1e-7)
    assert eq.certified.certify(operator, DATA, limit, psd=False).optimal(1e-6)
    assert not eq.certified.certify(operator, DATA, limit + np.eye(3, 4) - np.eye(3, 4, 1), psd=False).optimal(1e-2)


def test_over_the_cone_it_is_the_symmetric_parts_of_its_matrices():
    operator, truth = RowSums((3, 3)), np.outer(DATA, DATA)
    sums = truth.sum(axis=1)
    found = eq.certified.minimum_nuclear_norm(operator, sums, psd=True)
    matrices = np.einsum("ki,j->kij", np.eye(3), np.ones(3))
    known = eq.certified.minimum_nuclear_norm((matrices + matrices.transpose(0, 2, 1)) / 2, sums, psd=True)
    assert found.converged
    assert (found.lower, found.upper) == pytest.approx((known.lower, known.upper), rel=1e-12)
    assert found.upper <= np.trace(truth)
    kkt = eq.certified.kkt_residuals(operator, sums, found.matrix, found.dual, True)
    assert max(kkt.feasibility, kkt.dual_feasibility, kkt.cone) < 1e-8


@pytest.mark.usefixtures("double")
def test_it_is_seen_in_part():
    problem = eq.problems.sensing(RowSums((3, 4)), DATA, parametrization="asymmetric", width=2)
    theta = tuple(np.random.default_rng(0).standard_normal(shape) for shape in problem.shapes)
    single = [float(problem.batch(jnp.array([i])).loss(theta)) for i in range(3)]
    assert np.mean(single) == pytest.approx(float(problem.loss(theta)), rel=1e-12)
