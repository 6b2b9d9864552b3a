"""Replicates spread over the devices that JAX sees."""

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from equipoise.simulation.batch import Batch

_AXIS = "replicates"


def spread(batch: Batch) -> Batch:
    """The batch with equal shares of its replicates on as many devices as divide their number; paths stay the same.

    With one device, or a number of replicates without a common divisor, it stays on the first device.
    """
    count, devices = batch.status.shape[0], jax.local_devices()
    used = max(d for d in range(1, len(devices) + 1) if count % d == 0)
    if used == 1:
        return batch
    mesh = Mesh(np.array(devices[:used]), (_AXIS,))
    return jax.device_put(batch, NamedSharding(mesh, PartitionSpec(_AXIS)))
