"""The recursion of the four strengths: when it arrives, and what its starts are drawn like."""

import numpy as np

import equipoise as eq
from equipoise.papers.du2018.shared import stages


def test_passages_are_first_steps():
    start = eq.theory.Strengths(np.array([0.1]), np.array([0.1]), np.array([0.0]), np.array([0.0]))
    (found,) = stages.passages(start, 0.1, np.array([0.5]), 200)
    now, step = start, 0
    while float(now.distance(stages.VALUE)[0]) > 0.5 * stages.VALUE:
        now, step = now.after_step(0.1 / stages.VALUE, stages.VALUE), step + 1
    assert found[0] == step
    assert np.isnan(stages.passages(start, 0.1, np.array([0.5]), step - 1)).all()


def test_what_is_drawn_in_law_is_what_factors_have():
    """Means of α², α⊥² over many starts, in law and drawn as factors: within 5 standard errors."""
    count, d = 20_000, 12
    random = np.random.default_rng(0)
    in_law = stages.drawn(count, float(d), random)
    std = stages.C_INIT * (stages.VALUE / d) ** 0.5
    factors = std * random.standard_normal((2, count, d))
    for on, off, side in ((in_law.alpha, in_law.alpha_off, 0), (in_law.beta, in_law.beta_off, 1)):
        for found, wanted in ((on**2, factors[side, :, 0] ** 2), (off**2, (factors[side, :, 1:] ** 2).sum(axis=1))):
            error = np.hypot(found.std(), wanted.std()) / count**0.5
            assert abs(found.mean() - wanted.mean()) < 5 * error
