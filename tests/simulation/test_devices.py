"""Replicates on several devices take the paths that they take on one."""

import json
import os
import subprocess
import sys

import pytest

PROGRAM = """
import json
import os
import jax
import equipoise as eq
import jax.numpy as jnp
from equipoise.simulation.batch import Batch
from equipoise.simulation.devices import spread
def used(count):
    keys, zeros = jax.random.split(jax.random.key(0), count), jnp.zeros(count, int)
    batch = spread(Batch((jnp.zeros((count, 2)),), None, keys, zeros, zeros))
    return [len(array.sharding.device_set) for array in (*batch.theta, batch.noise_key, batch.status)]
problem = eq.problems.planted((6, 5), 2)
method = eq.dynamics.PerturbedGD(0.02, eq.noise.Gaussian(0.05))
found = {"devices": len(jax.devices()), "used": [used(count) for count in (8, 6, 5)]}
for replicates in (8, 6, 5):
    record = eq.Record(10, ("loss", "balance", "nuclear_norm"))
    run = eq.simulate(problem, method, eq.initial.Gaussian(0.1), seed=3, steps=40, replicates=replicates, record=record,
                      engine="xla", stop=eq.StopWhen("loss", below=0.05), progress=False)
    found[replicates] = {name: run.dataset[name].values.tolist() for name in ("loss", "balance", "nuclear_norm")}
    found[f"theta {replicates}"] = [w.tolist() for w in run.theta]
print(json.dumps(found))
"""


def on(devices):
    options = {"XLA_FLAGS": f"--xla_force_host_platform_device_count={devices}"}

    result = subprocess.run(
        [sys.executable, "-c", PROGRAM], env={**os.environ, **options}, capture_output=True, text=True, timeout=300
    )
    assert result.returncode == 0, result.stderr[-2000:]
    return json.loads(result.stdout.splitlines()[-1])


def test_any_number_of_devices_gives_the_same_paths():
    one, four = on(1), on(4)
    assert (one.pop("devices"), four.pop("devices")) == (1, 4)
    assert one.pop("used") == [[1] * 3] * 3
    assert four["used"] == [[4] * 3, [3] * 3, [1] * 3]  # as many as divide the number of replicates
    for name, values in one.items():
        assert _flat(four[name]) == pytest.approx(_flat(values), rel=1e-12, abs=1e-14), name


def _flat(values):
    if isinstance(values, dict):
        return [x for part in values.values() for x in _flat(part)]
    return [x for part in values for x in _flat(part)] if isinstance(values, list) else [values]
