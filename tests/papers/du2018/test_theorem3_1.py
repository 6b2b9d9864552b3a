"""Theorem 3.1: each part of Lemma 3.1 breaks where a condition of the paper is broken."""

import pytest

import equipoise as eq
from equipoise.papers.du2018 import theorem3_1
from equipoise.papers.du2018.shared.factorization import gaussian, instance, norm_of
from equipoise.papers.machinery.extremes import largest

EPSILON = 0.1


@pytest.fixture(scope="module")
def problem():
    return instance(1, seed=1)


def _extremes(problem, schedule, start, steps=300):
    return theorem3_1.extremes(problem, schedule, start, EPSILON, [(steps, 1)], 0)


def test_an_unbalanced_start_breaks_the_first_part_of_lemma_3_1(problem):
    schedule = theorem3_1.schedules(norm_of(problem), 1, EPSILON)[theorem3_1.PRINTED]
    found = _extremes(problem, schedule, eq.initial.Gaussian((0.2, 0.01)))
    assert largest(found["largest_gap"]) > 1


def test_a_step_size_that_is_too_large_breaks_the_second(problem):
    found = _extremes(problem, eq.dynamics.PowerDecay(1.5, 0.0), theorem3_1.start(EPSILON))
    assert largest(found["largest_increase"]) > 0


def test_a_start_that_is_too_large_breaks_the_third(problem):
    schedule = theorem3_1.schedules(norm_of(problem), 1, EPSILON)[theorem3_1.PRINTED]
    found = _extremes(problem, schedule, gaussian(1.0))
    assert largest(found["largest_norm"]) > 1
    assert largest(found["first_loss"]) > 1
