"""Settings as plain data."""

import json

import jax.numpy as jnp
import numpy as np
import optax
import pytest

import equipoise as eq
from equipoise.core.describe import describe


def test_modules_become_their_class_and_fields():
    dynamics = eq.dynamics.PerturbedGD(step_size=(0.1, 0.2), noise=eq.noise.StudentT(0.3, degrees_of_freedom=4))
    assert describe(dynamics) == {
        "class": "equipoise.dynamics.perturbed.PerturbedGD",
        "step_size": [0.1, 0.2],
        "noise": {"class": "equipoise.noise.student_t.StudentT", "scale": 0.3, "degrees_of_freedom": 4.0},
    }


@pytest.mark.parametrize("array", [np.arange(16.0), jnp.arange(16)])
def test_short_arrays_are_listed(array):
    assert describe(array) == np.asarray(array).tolist()


def test_long_arrays_have_a_fingerprint():
    array = np.arange(20.0).reshape(4, 5)
    found = describe(array)
    assert (found["shape"], found["dtype"], len(found["sha256"])) == ([4, 5], "float64", 64)
    assert describe(array.copy(order="F")) == found
    assert describe(array + 1e-12)["sha256"] != found["sha256"]
    assert describe(array.T)["sha256"] != found["sha256"]


def test_numbers_and_text():
    plain = {"a": 1, "b": [2.5, None, True, "text"], "c": (1, 2)}
    assert describe(plain) == {"a": 1, "b": [2.5, None, True, "text"], "c": [1, 2]}
    assert describe(np.float64(0.5)) == 0.5
    assert describe(object()).startswith("<object object")


def test_signals_are_named():
    assert describe(eq.problems.valley().signal) == {
        "class": "Signal",
        "left": [[1.0]],
        "values": [1.0],
        "right": [[1.0]],
    }


SCHEDULES = [
    optax.exponential_decay(0.1, transition_steps=10, decay_rate=0.9),
    optax.exponential_decay(0.1, transition_steps=20, decay_rate=0.9),
    optax.linear_schedule(0.1, 0.01, 100),
    optax.linear_schedule(0.1, 0.02, 100),
    optax.cosine_decay_schedule(0.1, 100),
    optax.constant_schedule(0.1),
    optax.constant_schedule(0.2),
    lambda step: 0.1 / (1 + step),
]


def test_schedules_are_told_apart():
    """Those that hold an empty cell of their closure included, as exponential decay does."""
    found = [json.dumps(describe(eq.dynamics.GradientDescent(schedule))) for schedule in SCHEDULES]
    assert len(set(found)) == len(SCHEDULES)
    assert '"decay_rate": 0.9' in found[0]


def test_everything_registered_is_json(problem, perturbed, start):
    for thing in (problem, perturbed, start, eq.StopWhen("loss", below=1.0), eq.problems.planted((40, 30), 2)):
        assert json.loads(json.dumps(describe(thing))) == describe(thing)


def test_builtin_callables_have_a_name():
    assert describe(abs) == {"function": "builtins.abs"}
