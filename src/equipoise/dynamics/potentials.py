"""Potentials of mirror descent: strictly convex functions of one number, summed over the entries of θ."""

import abc

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Shaped

from equipoise.core.checks import as_array, positive_number, real_number
from equipoise.core.types import AnyArray, Number, Scalar, Theta

Entries = Shaped[AnyArray, "..."]


class AbstractPotential(eqx.Module):
    """A potential φ(θ) = Σ φ(θᵢ), strictly convex, with φ' and its inverse.

    To add one, define the three members below.
    """

    @abc.abstractmethod
    def value(self, entries: Entries) -> Array:
        """φ, entry by entry."""

    @abc.abstractmethod
    def slope(self, entries: Entries) -> Array:
        """φ', entry by entry."""

    @abc.abstractmethod
    def inverse(self, slopes: Entries) -> Array:
        """The entries that have these slopes."""

    def divergence(self, theta: Theta, other: Theta) -> Scalar:
        """Bregman's D(θ, θ') = φ(θ) − φ(θ') − ⟨∇φ(θ'), θ − θ'⟩; the end of mirror descent minimizes it (see there).

        - `theta`, `other`: θ and θ', of the same shapes.
        """
        terms = [
            jnp.sum(self.value(w) - self.value(v) - self.slope(v) * (w - v)) for w, v in zip(theta, other, strict=True)
        ]
        return jnp.sum(jnp.stack(terms))


class Hypentropy(AbstractPotential):
    """φ(x) = x asinh(x/β) − √(x² + β²), with φ' = asinh(x/β): like |x| log|x| for |x| ≫ β, like x²/(2β) for |x| ≪ β.

    - `beta`: β, in the unit of θ.

    Gradient flow on u, v with w = u∘u − v∘v from u = v = α is mirror flow on w with β = 2α², at four times its speed.
    Raises `InputError` unless β is greater than 0.
    Source: U. Ghai, E. Hazan and Y. Singer, Exponentiated gradient meets gradient descent (2020); Woodworth et al.
    (2020) for the network.
    """

    beta: AnyArray

    def __init__(self, beta: Number) -> None:
        self.beta = as_array(positive_number("beta", beta))

    def value(self, entries: Entries) -> Array:
        """x asinh(x/β) − √(x² + β²)."""
        x, beta = jnp.asarray(entries), self._beta(entries)
        return x * jnp.arcsinh(x / beta) - jnp.sqrt(x**2 + beta**2)

    def slope(self, entries: Entries) -> Array:
        """asinh(x/β)."""
        return jnp.arcsinh(jnp.asarray(entries) / self._beta(entries))

    def inverse(self, slopes: Entries) -> Array:
        """β sinh(s)."""
        return self._beta(slopes) * jnp.sinh(jnp.asarray(slopes))

    def _beta(self, like: Entries) -> Array:
        return jnp.asarray(self.beta, like.dtype)


class Entropy(AbstractPotential):
    """φ(x) = x log x − x for x > 0, with φ' = log x: mirror descent multiplies θ by exp(−η ∇loss(θ)).

    A start must be positive; a replicate whose start is not ends as diverged.
    Source: J. Kivinen and M. Warmuth, Exponentiated gradient versus gradient descent for linear predictors (1997).
    """

    def value(self, entries: Entries) -> Array:
        """x log x − x."""
        x = jnp.asarray(entries)
        return x * jnp.log(x) - x

    def slope(self, entries: Entries) -> Array:
        """log x."""
        return jnp.log(jnp.asarray(entries))

    def inverse(self, slopes: Entries) -> Array:
        """exp(s)."""
        return jnp.exp(jnp.asarray(slopes))


class PowerPotential(AbstractPotential):
    """φ(x) = |x|ᵖ/p, with φ' = sign(x)|x|^(p−1); p = 2 is gradient descent.

    - `exponent`: p, above 1. Just above 1 it favors sparse ends.

    Raises `InputError` unless the exponent is finite and above 1.
    Source: N. Azizan and B. Hassibi, Stochastic gradient/mirror descent: minimax optimality and implicit regularization
    (2019).
    """

    exponent: AnyArray

    def __init__(self, exponent: Number) -> None:
        self.exponent = as_array(real_number("exponent", exponent, above=1))

    def value(self, entries: Entries) -> Array:
        """|x|ᵖ/p."""
        p = jnp.asarray(self.exponent, entries.dtype)
        return jnp.abs(jnp.asarray(entries)) ** p / p

    def slope(self, entries: Entries) -> Array:
        """sign(x)|x|^(p−1)."""
        return self._signed_power(entries, jnp.asarray(self.exponent, entries.dtype) - 1)

    def inverse(self, slopes: Entries) -> Array:
        """sign(s)|s|^(1/(p−1))."""
        return self._signed_power(slopes, 1 / (jnp.asarray(self.exponent, slopes.dtype) - 1))

    def _signed_power(self, x: Entries, power: Array) -> Array:
        return jnp.sign(jnp.asarray(x)) * jnp.abs(jnp.asarray(x)) ** power
