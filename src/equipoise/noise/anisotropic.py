"""Gaussian noise with given covariances."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, DTypeLike, Float

from equipoise.core.draws import standard_normal
from equipoise.core.errors import InputError
from equipoise.core.noise import AbstractNoise
from equipoise.core.types import AnyArray, Key, Shapes, StepIndex


def _roots(given: Any) -> tuple[np.ndarray, ...]:
    """The symmetric square root of each covariance; `InputError` for one not symmetric and positive semidefinite."""
    roots = []
    for number, covariance in enumerate(given, start=1):
        c = np.asarray(covariance, dtype=float)
        if c.ndim != 2 or c.shape[0] != c.shape[1] or not c.size or not np.allclose(c, c.T, rtol=1e-10, atol=0):
            raise InputError(f"Covariance {number} has shape {c.shape}; it must be a symmetric square matrix.")
        values, vectors = np.linalg.eigh(c)
        if values[0] < -1e-12 * max(values[-1], 0) or not np.all(np.isfinite(values)):
            raise InputError(f"Covariance {number} has the eigenvalue {values[0]:g}; none may be negative.")
        roots.append((vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T)
    return tuple(roots)


class AnisotropicGaussian(AbstractNoise):
    """ξ = C^½ Z K^½ for each factor, with Z standard normal.

    - `row_covariances`: C for each factor, rows x rows.
    - `column_covariances`: K for each factor, r x r. The unit of C K is the square of that of the factor.

    The smoothed objective depends on E[ξᵀξ] = tr(C) K alone: on the trace of the row covariance, and on the column
    covariance direction by direction. The fields hold the symmetric square roots. Raises `InputError` for a covariance
    that is not symmetric and positive semidefinite, and unless there are equally many of both.
    Source: Liu et al. (2021), Section 6; the details are ours.
    """

    row_roots: tuple[Float[AnyArray, "_ _"], ...]
    column_roots: tuple[Float[AnyArray, "_ _"], ...]

    def __init__(self, row_covariances: Any, column_covariances: Any) -> None:
        self.row_roots = _roots(row_covariances)
        self.column_roots = _roots(column_covariances)
        if len(self.row_roots) != len(self.column_roots):
            raise InputError(
                f"There are {len(self.row_roots)} row and {len(self.column_roots)} column covariances; "
                "give one of each for every factor."
            )

    def sample(self, key: Key, step: StepIndex, shapes: Shapes, dtype: DTypeLike) -> tuple[Array, ...]:
        """Fresh perturbations for one step."""
        self._check(shapes)
        drawn = standard_normal(key, shapes, dtype, step)
        roots = zip(self.row_roots, drawn, self.column_roots, strict=True)
        return tuple(jnp.asarray(c, dtype) @ z @ jnp.asarray(k, dtype) for c, z, k in roots)

    def second_moments(self, step: StepIndex, shapes: Shapes, dtype: DTypeLike) -> tuple[Array, ...]:
        """tr(C) K for each factor."""
        self._check(shapes)
        pairs = zip(self.row_roots, self.column_roots, strict=True)
        return tuple(jnp.asarray(np.sum(c**2) * (k @ k), dtype) for c, k in pairs)

    def _check(self, shapes: Shapes) -> None:
        sizes = tuple((c.shape[0], k.shape[0]) for c, k in zip(self.row_roots, self.column_roots, strict=True))
        if sizes != shapes:
            raise InputError(
                f"The noise covariances are for factors of shapes {sizes}, but the factors have shapes {shapes}; "
                "give covariances of these sizes."
            )
