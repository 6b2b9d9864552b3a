"""A transformer to the factors of a low-rank approximation."""

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.extmath import safe_sparse_dot
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from equipoise.core.errors import InputError
from equipoise.estimators.factor import Factorization, factor
from equipoise.estimators.scikit_learn.endings import seed_of, tell
from equipoise.theory import canonical_factors


class LowRankFactorization(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """M ≈ XYᵀ by Perturbed GD, as a transformer from the rows of M to those of X; see `equipoise.estimators.factor`.

    - `rank`: the number R of columns of X and Y; 2 by default.
    - `gamma`: the balance ‖X‖_F/‖Y‖_F to end at; 1 by default.
    - `steps`, `step_size`, `noise`, `start_balance`, `start_scale`, `replicates`: as in `factor`; chosen by default.
    - `random_state`: the seed of the start and the noise, a whole number, a NumPy RandomState, or None; 0 by default.
    - `progress`: whether to show a progress bar on stderr; False by default, and None for only on a terminal.

    Fitted attributes:

    - `components_` (R x features): Yᵀ, with rows ordered by singular value and signs fixed by a rule.
    - `singular_values_` (R): those of XYᵀ, descending.
    - `balance_`, `nuclear_norm_`, `relative_error_`: ‖X‖_F/‖Y‖_F, ‖XYᵀ‖_* and ‖XYᵀ − M‖_F/‖M‖_F.
    - `history_`: the recorded "step", "loss" and "balance", as arrays.
    - `n_iter_`: the steps taken.
    - `notes_`: one sentence for each thing that is not as it should be.
    - `n_features_in_`, `feature_names_in_`: as everywhere in scikit-learn.

    Sparse input is a matrix with zeros, not one with missing entries. A fit that has not converged gives a
    `ConvergenceWarning`. Ctrl-C keeps what is reached as the fit, and is passed on. Source: Liu et al. (2021).
    """

    def __init__(
        self,
        rank: Any = 2,
        *,
        gamma: Any = 1.0,
        steps: Any = None,
        step_size: Any = None,
        noise: Any = None,
        start_balance: Any = 100.0,
        start_scale: Any = None,
        replicates: Any = 1,
        random_state: Any = 0,
        progress: Any = False,
    ) -> None:
        self.rank = rank
        self.gamma = gamma
        self.steps = steps
        self.step_size = step_size
        self.noise = noise
        self.start_balance = start_balance
        self.start_scale = start_scale
        self.replicates = replicates
        self.random_state = random_state
        self.progress = progress

    def fit(self, X: Any, y: Any = None) -> "LowRankFactorization":
        """Factor the matrix `X` (samples x features), dense or sparse; `y` is not used.

        Raises `InputError`, a ValueError, for numbers out of range and a method that diverges.
        """
        matrix = validate_data(self, X, accept_sparse=("csr", "csc"), dtype=np.float64)
        self._keep(factor(matrix, self.rank, seed=seed_of(self.random_state), **self._wishes()))
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Any:
        """Fit to `X` and return X of XYᵀ: the least-squares factors of its rows, as `transform` has them."""
        return self.fit(X, y).transform(X)

    def transform(self, X: Any) -> Any:
        """The factors (samples x R) of new rows: the least ‖row − factor · Yᵀ‖, and of several the shortest."""
        check_is_fitted(self)
        matrix = validate_data(self, X, accept_sparse=("csr", "csc"), dtype=np.float64, reset=False)
        return safe_sparse_dot(matrix, np.linalg.pinv(self.components_))

    def inverse_transform(self, X: Any) -> Any:
        """The rows (samples x features) that have these factors: X Yᵀ."""
        check_is_fitted(self)
        factors = check_array(X, dtype=np.float64)
        if factors.shape[1] != self.components_.shape[0]:
            raise InputError(
                f"The factors have {factors.shape[1]} columns, but the fit has {self.components_.shape[0]}; "
                "give what transform returns."
            )
        return factors @ self.components_

    @property
    def _n_features_out(self) -> int:
        return self.components_.shape[0]

    def _wishes(self) -> dict[str, Any]:
        names = ("gamma", "steps", "step_size", "noise", "start_balance", "start_scale", "replicates", "progress")
        return {name: getattr(self, name) for name in names}

    def _keep(self, found: Factorization) -> None:
        """Set the fitted attributes, and tell how the fit ended."""
        score, recorded = found.score, found.run.dataset.isel(replicate=found.best)
        x, y = canonical_factors(found.x, found.y)
        self.singular_values_ = np.linalg.norm(x, axis=0) * np.linalg.norm(y, axis=0)
        self.balance_, self.components_ = float(score.balance), y.T
        self.nuclear_norm_ = float(score.nuclear_norm)
        self.relative_error_ = float(score.relative_error)
        self.history_ = {name: np.array(recorded[name].values) for name in ("step", "loss", "balance")}
        self.n_iter_ = int(score.steps or 0)
        self.notes_ = found.notes
        unconverged = "" if found.converged else " ".join(found.notes) or "The factorization has not converged."
        tell(unconverged, interrupted=found.interrupted)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
