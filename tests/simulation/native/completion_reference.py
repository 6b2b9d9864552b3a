"""The compiled descent at known entries in NumPy: with the product formed, and the noise of jax.random."""

import jax
import numpy as np


def normals(key, step, count, dtype):
    """The numbers of one step of the replicate with this key."""
    with jax.enable_x64(True), jax.threefry_partitionable(True):
        of_step = jax.random.fold_in(jax.random.wrap_key_data(key, impl="threefry2x32"), step)
        return np.asarray(jax.random.normal(of_step, (count,), dtype))


def descent(x, y, entries, *, key, first, steps, size, deviation, factor):
    """(X, Y) after each of the steps of one replicate."""
    rows, columns, values = entries
    passed = [(x, y)]
    for step in range(first, first + steps):
        z = normals(key, step, x.size + y.size, x.dtype)
        p = x + deviation[0] * z[: x.size].reshape(x.shape)
        q = y + deviation[1] * z[x.size :].reshape(y.shape)
        residual = np.zeros((x.shape[0], y.shape[0]), x.dtype)
        np.add.at(residual, (rows, columns), (p @ q.T)[rows, columns] - values)
        x, y = x - size[0] * factor * residual @ q, y - size[1] * factor * residual.T @ p
        passed.append((x, y))
    return passed
