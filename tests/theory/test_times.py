"""The time of each phase, against an ensemble of Perturbed GD."""

import numpy as np
import pytest

import equipoise as eq

SHAPE, STEPS, START = (20, 30), (5e-3, 1e-2), 1e-2


def first_step(data, reached):
    """The first recorded step at which each path has `reached`, of (replicate, step)."""
    assert reached.any(axis=1).all()
    return data["step"].values[np.argmax(reached, axis=1)]


def test_the_phases_of_a_run():
    """Medians of 100 paths of figure 2 (c), whose standard errors are about 10, 20 and 150 steps; within 5 of them."""
    problem, noise = eq.problems.planted(SHAPE, 1), eq.noise.balanced(1.0, 0.05, SHAPE)
    signal = problem.with_signal().known_signal()
    predicted = eq.theory.phases(signal, noise, problem.shapes, step_size=STEPS, start_std=START, tolerance=0.05)
    data = eq.simulate(
        problem, eq.dynamics.PerturbedGD(STEPS, noise), eq.initial.Gaussian(START), seed=0, replicates=100, steps=5000,
        record=eq.Record(10, ("balance", "singular_values")), progress=False,
    ).dataset  # fmt: skip
    size = data["singular_values"].values[..., 0]
    half = np.median(first_step(data, size > 0.5 * 0.925))
    whole = np.median(first_step(data, size > 0.95 * 0.925))
    # the mean of the paths, since single ones fluctuate
    level = data["balance"].mean("replicate").values[None]
    balanced = first_step(data, level > 0.95)[0]
    assert half == pytest.approx(predicted.escape, abs=50)
    assert whole - half == pytest.approx(predicted.descent, abs=100)
    assert balanced == pytest.approx(predicted.total, rel=0.1)
    assert predicted.drift > 2 * predicted.escape > 2 * predicted.descent


def test_what_the_noise_adds_before_the_escape():
    """From a start far below it the median time is that of the noise alone; 400 paths, standard error 8 steps."""
    problem, noise = eq.problems.planted(SHAPE, 1), eq.noise.balanced(1.0, 0.05, SHAPE)
    signal = problem.with_signal().known_signal()
    predicted = eq.theory.phases(signal, noise, problem.shapes, step_size=1e-2, start_std=1e-6).escape
    data = eq.simulate(
        problem, eq.dynamics.PerturbedGD(1e-2, noise), eq.initial.Gaussian(1e-6), seed=0, replicates=400, steps=2000,
        record=eq.Record(10, ("singular_values",)), progress=False,
    ).dataset  # fmt: skip
    half = np.median(first_step(data, data["singular_values"].values[..., 0] > 0.5 * 0.925))
    assert half == pytest.approx(predicted, abs=45)
    quiet = eq.theory.phases(
        signal, eq.noise.balanced(1.0, 1e-8, SHAPE), problem.shapes, step_size=1e-2, start_std=1e-6
    )
    assert quiet.escape > predicted + 400


def test_errors():
    signal = eq.problems.planted(SHAPE, 1).with_signal().known_signal()
    noise, shapes = eq.noise.balanced(1.0, 0.05, SHAPE), ((20, 1), (30, 1))
    with pytest.raises(eq.InputError, match="smaller start_std"):
        eq.theory.phases(signal, noise, shapes, step_size=0.01, start_std=2.0)
    with pytest.raises(eq.InputError, match="no singular value of M above 0"):
        eq.theory.phases(signal, eq.noise.balanced(1.0, 0.5, SHAPE), shapes, step_size=0.01, start_std=0.01)
