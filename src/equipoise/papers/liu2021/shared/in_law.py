"""Perturbed GD at rank 1 in four numbers per replicate: exact in law, with six random numbers a step."""

from typing import Any

import numpy as np

import equipoise as eq

Strengths = eq.theory.Strengths


def after_step(
    now: Strengths,
    step_size: Any,
    stds: tuple[float, float],
    shape: tuple[int, int],
    random: np.random.Generator,
) -> Strengths:
    """The four strengths after one step of Perturbed GD on ½‖xyᵀ − u*v*ᵀ‖², with Gaussian noise.

    Of ξ₁ only three parts matter: along u*, along x⊥, and the length of the rest, a χ number of d1 − 2 degrees of
    freedom. The same holds for ξ₂.
    """
    sides = [
        _perturbed(on, off, std, dimension, random)
        for on, off, std, dimension in (
            (now.alpha, now.alpha_off, stds[0], shape[0]),
            (now.beta, now.beta_off, stds[1], shape[1]),
        )
    ]
    (on_x, off_x, rest_x), (on_y, off_y, rest_y) = sides
    square_x, square_y = (on**2 + off**2 + rest**2 for on, off, rest in sides)
    # x ← x − η(x̃‖ỹ‖² − u*(v*ᵀỹ)), and y likewise
    return Strengths(
        now.alpha - step_size * (square_y * on_x - on_y),
        now.beta - step_size * (square_x * on_y - on_x),
        np.hypot(now.alpha_off - step_size * square_y * off_x, step_size * square_y * rest_x),
        np.hypot(now.beta_off - step_size * square_x * off_y, step_size * square_x * rest_y),
    )


def _perturbed(on: Any, off: Any, std: float, dimension: int, random: np.random.Generator) -> tuple[Any, Any, Any]:
    """x̃ along u*, along x⊥, and the length of its part across both."""
    along, across = random.standard_normal((2, np.size(on)))
    rest = np.sqrt(random.chisquare(dimension - 2, np.size(on)))
    return on + std * along, off + std * across, std * rest
