"""A dual point for a given matrix."""

import numpy as np
import scipy.linalg
import scipy.sparse.linalg
from jaxtyping import Float

from equipoise.certified.measurements import DENSE, Measurements
from equipoise.certified.types import Matrix, Vector

Side = Float[np.ndarray, "_ rank"]

# Relative singular values below _NEGLIGIBLE (of X) and _DEPENDENT (of the equations) count as 0.
_NEGLIGIBLE = 1e-12
_DEPENDENT = 1e-10


def fitted_dual(measurements: Measurements, matrix: Matrix, *, psd: bool, dense: int = DENSE) -> Vector:
    """The shortest ν that best fits A*(ν)X = X in Frobenius norm; for rectangular X, A*(ν)|X| = X and |Xᵀ|A*(ν) = X.

    - `dense`: the most numbers of equations that are formed; larger ones are solved by products alone.

    It need not satisfy A*(ν) ⪯ I, even if X is optimal, so scale it. Source: Gunasekar et al. (2017), Eq. (6).
    """
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    rank = int(np.count_nonzero(values > _NEGLIGIBLE * values[0])) if values[0] > 0 else 0
    if rank == 0:
        return np.zeros(measurements.count)
    on_right, on_left = right[:rank].T * values[:rank], left[:, :rank] * values[:rank]
    # a symmetric X is VΣUᵀ as well (U holds the signs of its eigenvalues), so A*(ν)X = X is A*(ν)VΣ = VΣ
    wanted = on_right.ravel() if psd else np.concatenate([on_left.ravel(), on_right.ravel()])
    d1, d2 = measurements.shape
    if measurements.count * max(d1 * d2, rank * (d1 + d2)) <= dense:
        return _dense(measurements, on_left, on_right, wanted, psd=psd)
    return _iterative(measurements, on_left, on_right, wanted, psd=psd)


def _dense(measurements: Measurements, on_left: Side, on_right: Side, wanted: np.ndarray, *, psd: bool) -> Vector:
    matrices = measurements.operator.formed()
    blocks = [(matrices @ on_right).reshape(measurements.count, -1)]
    if not psd:
        blocks.append((matrices.transpose(0, 2, 1) @ on_left).reshape(measurements.count, -1))
    return scipy.linalg.lstsq(np.hstack(blocks).T, wanted, cond=_DEPENDENT, check_finite=False)[0]


def _iterative(measurements: Measurements, on_left: Side, on_right: Side, wanted: np.ndarray, *, psd: bool) -> Vector:
    d1, d2 = measurements.shape
    rank = on_right.shape[1]

    def forward(dual: Vector) -> Float[np.ndarray, " k"]:
        adjoint = measurements.adjoint(dual)
        first = (adjoint @ on_right).ravel()
        return first if psd else np.concatenate([first, (adjoint.T @ on_left).ravel()])

    def backward(error: Float[np.ndarray, " k"]) -> Vector:
        onto = error[: d1 * rank].reshape(d1, rank) @ on_right.T
        if not psd:
            onto += on_left @ error[d1 * rank :].reshape(d2, rank).T
        return measurements.apply(onto)

    linear = scipy.sparse.linalg.LinearOperator(
        (wanted.size, measurements.count), matvec=forward, rmatvec=backward, dtype=float
    )
    return scipy.sparse.linalg.lsmr(linear, wanted, atol=1e-12, btol=1e-12, maxiter=500)[0]
