"""What a run records of its problem and method, and that it comes back from a file."""

import json

import jax.numpy as jnp
import numpy as np
import pytest

import equipoise as eq
from equipoise import dynamics, problems


def corner(w):
    return w[:1, :1].ravel()


def back(z):
    return jnp.zeros((3, 3), z.dtype).at[0, 0].set(z[0])


_A = np.random.default_rng(0).standard_normal((2, 3, 3))
PAIRS = {
    "functions": (
        lambda: problems.sensing(problems.FunctionOperator(corner, back, (3, 3), 1), [1.0], signal=np.eye(3)),
        dynamics.LineSearch(0.1),
    ),
    "matrices": (
        lambda: problems.sensing(_A, [1.0, 2.0], parametrization="direct", signal=np.eye(3)),
        dynamics.TimeOrderedExponential(0.01),
    ),
    "entries": (
        lambda: problems.completion(
            ([0, 2], [1, 2], [1.0, 2.0]),
            shape=(3, 3),
            parametrization=problems.DeepLinear((3, 2, 2, 3)),
            signal=np.eye(3),
        ),
        dynamics.GradientFlow(0.1),
    ),
}


@pytest.mark.parametrize("name", PAIRS)
def test_settings_are_recorded_and_come_back(name, tmp_path):
    make, method = PAIRS[name]
    record = eq.Record(every=1, observables=("loss", "relative_error", "reconstruction_error"))
    start = eq.initial.GaussianOfNorm(0.1)
    run = eq.simulate(make(), method, start, seed=0, steps=2, replicates=2, record=record)
    loaded = eq.load(run.save(tmp_path / "run.nc"))
    assert loaded.dataset.identical(run.dataset)
    for one, other in zip(loaded.theta, run.theta, strict=True):
        np.testing.assert_array_equal(one, other)
    found = json.loads(loaded.dataset.attrs["settings"])
    text = json.dumps(found)
    kinds = [type(part) for part in (make().measurement.operator, make().parametrization, method, start)]
    assert all(f"{kind.__module__}.{kind.__qualname__}" in text for kind in kinds)
    if name == "functions":
        assert corner.__qualname__ in text
        assert back.__qualname__ in text
