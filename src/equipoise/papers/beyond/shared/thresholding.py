"""Soft thresholding of singular values."""

import numpy as np


def soft_thresholded(matrix: np.ndarray, level: float) -> np.ndarray:
    """The matrix with its singular values lowered by `level`, or to 0."""
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    return (left * np.clip(values - level, 0, None)) @ right
