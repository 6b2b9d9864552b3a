"""Lemma 3.2: stationary points and curvatures whose answer is known."""

import numpy as np
import pytest

import equipoise as eq
from equipoise.papers.du2018 import lemma3_2


def test_enumerated_points_fit_what_they_say():
    small = eq.problems.planted(lemma3_2.SHAPE, lemma3_2.RANK, values=lemma3_2.VALUES, seed=5)
    points, labels = lemma3_2.enumerated(small, 1, np.random.default_rng(0))
    partial = lemma3_2._partial(small)
    fitted = labels["fitted"][1]
    for (u, v), count in zip(points, fitted, strict=True):
        assert np.linalg.norm(u @ v.T - partial, axis=(1, 2)).min() < 1e-12
        assert np.linalg.matrix_rank(u @ v.T, tol=1e-8) == count


def test_curvature_of_the_formula_is_that_of_the_hessian():
    """Eq. (12) against the dense Hessian."""
    small = eq.problems.planted(lemma3_2.SHAPE, lemma3_2.RANK, values=lemma3_2.VALUES, seed=5)
    point = tuple(np.random.default_rng(1).standard_normal(shape) for shape in small.shapes)
    away = np.concatenate([w.ravel() for w in eq.theory.from_nearest_optimum(small.signal, point)])
    wanted = away @ np.asarray(eq.observables.dense_hessian(small, point)) @ away
    found = lemma3_2.curvature(lemma3_2.measured(small, [point]))
    assert float(found[0]) == pytest.approx(wanted, rel=1e-12)
