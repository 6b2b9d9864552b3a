"""Monomials of the parameters up to a degree, as lists of the indices of their factors."""

import itertools

import numpy as np
from jaxtyping import Float, Int

Terms = list[Int[np.ndarray, "_ _"]]
"""For each degree from 1 on, the monomials θ_i, θ_iθ_j, … as rows of indices."""

Rows = Float[np.ndarray, "points parameters"]


def monomials(parameters: int, degree: int) -> Terms:
    """All monomials of degree 1 to `degree`."""
    return [
        np.array(list(itertools.combinations_with_replacement(range(parameters), k)), dtype=int).reshape(-1, k)
        for k in range(1, degree + 1)
    ]


def monomial_rates(theta: Rows, gradient: Rows, terms: Terms) -> Float[np.ndarray, "points terms"]:
    """The derivative of each monomial along the gradient, which is −1 times its rate under gradient flow."""
    parts = []
    for places in terms:
        factors = theta[:, places]
        slopes = gradient[:, places]
        degree = places.shape[1]
        parts.append(sum(slopes[..., k] * np.prod(np.delete(factors, k, axis=-1), axis=-1) for k in range(degree)))
    return np.concatenate(parts, axis=1)


def monomial_values(theta: Float[np.ndarray, " parameters"], terms: Terms) -> Float[np.ndarray, " terms"]:
    """Each monomial at θ."""
    return np.concatenate([np.prod(theta[places], axis=1) for places in terms])
