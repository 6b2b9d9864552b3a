"""The singular values of the matrix: all of them, or those that can be had in seconds."""

import math
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from equipoise.core.errors import InputError
from equipoise.core.problem import Signal
from equipoise.core.types import Shapes
from equipoise.estimators.factor.leading import as_numpy
from equipoise.estimators.factor.target import Target, target_of
from equipoise.noise import Gaussian
from equipoise.problems import Full
from equipoise.theory.stability import largest_stable_step_size_with_noise
from equipoise.theory.stationary.setting import Setting

_SHORT, _ENTRIES = 1000, 2**24
_WEAK = 1e-8
"""The rate at which noise restores the balance, as a share of λmax, below which it cannot be told from 0."""
_MOST = 2500
"""The number of coordinates of the kept directions up to which the law is computed: 2 x kept x rank."""


class Spectrum(NamedTuple):
    """What a prediction depends on.

    - `target`: the matrix as a problem, with its leading triplets.
    - `values`: the singular values that are known and not 0, descending.
    - `is_whole`: whether these are all.
    """

    target: Target
    values: Float[np.ndarray, " k"]
    is_whole: bool

    @property
    def shape(self) -> tuple[int, int]:
        """(d1, d2)."""
        return self.target.shape

    @property
    def rank(self) -> int:
        """R, the number of columns of X and Y."""
        return self.target.problem.rank

    @property
    def shapes(self) -> Shapes:
        """((d1, R), (d2, R))."""
        return self.target.problem.shapes

    @property
    def rest(self) -> float:
        """Σ σ² of the values that are not known."""
        return 0.0 if self.is_whole else self.target.rest

    @property
    def signal(self) -> Signal:
        """The values in a basis of singular vectors, where they are a diagonal."""
        identity = np.eye(self.values.size)
        return Signal(identity, self.values, identity)

    def largest_steps(self, of: Setting) -> tuple[float, float]:
        """The largest stable step sizes in the proportion of those given, at the smoothed minimum."""
        middle = math.sqrt(of.steps[0]) * math.sqrt(of.steps[1])
        proportions = of.steps[0] / middle, of.steps[1] / middle
        noise = Gaussian(std=of.stds)
        largest = largest_stable_step_size_with_noise(self.signal, noise, self.shapes, proportions=proportions)
        return largest * proportions[0], largest * proportions[1]

    def without_law(self, of: Setting) -> str:
        """Why the stationary law is not computed, as a sentence; empty if it is."""
        b, a = of.penalties
        size = math.sqrt(a / b) + math.sqrt(b / a)
        if 4 * math.sqrt(a) * math.sqrt(b) < _WEAK * size**2 * float(of.values[0]):
            return "The noise is so weak for its balance that its effect is lost in rounding; give more."
        if 2 * of.kept * of.rank > _MOST:
            return f"The spread and what the step size adds are not computed for {of.kept} components; it takes long."
        return ""


def spectrum_of(matrix: Any, rank: int) -> Spectrum:
    """The spectrum of `matrix`; raises `InputError` for what `target_of` refuses."""
    target = target_of(matrix, rank)
    is_whole = min(target.shape) <= _SHORT and math.prod(target.shape) <= _ENTRIES
    values = np.asarray(target.leading.values)
    if is_whole:
        assert isinstance(target.problem.measurement, Full)
        entries: Any = as_numpy(target.problem.measurement.target)
        dense = entries if isinstance(entries, np.ndarray) else entries.toarray()
        values = np.linalg.svd(dense, compute_uv=False)
    values = values[values > max(target.shape) * np.finfo(float).eps * values[0]]
    if not values.size:
        raise InputError("The matrix has no singular value above rounding; give another one.")
    return Spectrum(target, values, is_whole)
