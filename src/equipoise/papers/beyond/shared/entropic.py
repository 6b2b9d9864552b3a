"""The limit of gradient flow for commuting measurements without the flow, and its expansion for small starts.

In the common eigenbasis X = diag(x) and the flow from x = αβ moves along x = αβ exp(aᵀs). So its limit is the one point
of this form with a x = y, which also minimizes Σ xₖ (log(xₖ/(αβₖ)) − 1) under a x = y.
"""

import numpy as np

_ROUNDING, _STEPS = 1e-13, 500


def limits(spectra: np.ndarray, data: np.ndarray, beta: np.ndarray, alphas: np.ndarray) -> np.ndarray:
    """x for each α, by Newton's method on the convex dual Σ αβ exp(aᵀs) − sᵀy; (α, n).

    - `spectra`: a, m x n: the eigenvalues of the measurements.
    - `data`: y, m numbers.
    - `beta`: the start over α, n positive numbers.
    - `alphas`: descending; each begins from the last.
    """
    s, rows = np.zeros(len(data)), []
    for alpha in alphas:
        s = _solved(spectra, data, np.log(alpha * beta), s)
        rows.append(np.exp(np.log(alpha * beta) + spectra.T @ s))
    return np.array(rows)


def _solved(spectra: np.ndarray, data: np.ndarray, logs: np.ndarray, s: np.ndarray) -> np.ndarray:
    def value(at: np.ndarray) -> float:
        return float(np.exp(np.minimum(logs + spectra.T @ at, 700)).sum() - at @ data)

    for _ in range(_STEPS):
        x = np.exp(logs + spectra.T @ s)
        missing = data - spectra @ x
        if np.abs(missing).max() <= _ROUNDING * np.abs(data).max():
            break
        step, length = np.linalg.solve((spectra * x) @ spectra.T, missing), 1.0
        while value(s + length * step) > value(s) + 1e-12 * abs(value(s)) and length > 1e-10:
            length /= 2
        s = s + length * step
    return s


def expansion(
    spectra: np.ndarray, solution: np.ndarray, beta: np.ndarray, alphas: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(slacks, excess): what the least excess Σ slackₖ cₖ α^slackₖ/Σx* says for each α, and the slacks 1 − aᵀν.

    Here x* is the minimum, positive at as many entries as there are measurements; aᵀν = 1 there gives the dual ν; and
    cₖ = βₖ exp(aₖᵀw) off the support, with exp(aₖᵀw) = x*ₖ/βₖ on it.
    """
    on = solution > 0
    dual = np.linalg.solve(spectra[:, on].T, np.ones(on.sum()))
    w = np.linalg.solve(spectra[:, on].T, np.log(solution[on] / beta[on]))
    slacks, constants = (1 - spectra.T @ dual)[~on], (beta * np.exp(spectra.T @ w))[~on]
    return slacks, (slacks * constants * alphas[:, None] ** slacks).sum(axis=1) / solution.sum()
