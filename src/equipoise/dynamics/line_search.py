"""Gradient descent with exact line search."""

import jax
import jax.numpy as jnp
from jaxtyping import Array

from equipoise.core.checks import as_array, positive_number
from equipoise.core.dynamics import AbstractDynamics
from equipoise.core.precision import numerics
from equipoise.core.problem import AbstractFactorization, AbstractProblem
from equipoise.core.types import AnyArray, Key, RealNumber, Scalar, StepIndex, Theta

_NEAR, _POLISHED = 1e-3, 6
_FAR = 1e3  # the largest root against the others, beyond which those are found on their own


class LineSearch(AbstractDynamics):
    """θ ← θ − η ∇loss(θ) with the η in (0, maximum] that minimizes the loss along the ray, found exactly.

    - `maximum`: the largest η, a limit for the sake of stability, in the unit θ²/loss.

    For a product of two factors the residual is quadratic in η and the loss is quartic, so its minimizer is a root of a
    cubic. The residual is formed. Raises `InputError` for a maximum that is not greater than 0, for a problem whose
    loss is not a squared residual, and for more than two factors or a matrix of a degree above 2 in θ.
    Source: Gunasekar et al. (2017), Section 2.
    """

    maximum: AnyArray

    def __init__(self, maximum: RealNumber) -> None:
        self.maximum = as_array(positive_number("maximum", maximum))

    def init(self, problem: AbstractProblem, theta: Theta) -> None:
        """None: the method needs no state."""

    def step(
        self, problem: AbstractProblem, theta: Theta, state: None, key: Key, step: StepIndex
    ) -> tuple[Theta, None]:
        """One step; `key` is not used."""
        self.check(problem)
        gradient = problem.gradient(theta)
        # scaled by its largest entry, ∇loss neither overflows for a large θ nor underflows for a small residual
        length = jnp.max(jnp.stack([jnp.max(jnp.abs(g)) for g in gradient]))
        direction = tuple(g / jnp.where(length > 0, length, 1) for g in gradient)
        maximum = jnp.asarray(self.maximum, length.dtype) * length
        size = _best(along_ray(problem, theta, direction), maximum)
        return tuple(w - size * d for w, d in zip(theta, direction, strict=True)), None

    def refusal(self, problem: AbstractProblem) -> str:
        """Empty for a least-squares problem in one or two factors."""
        name, count = type(problem).__name__, len(problem.shapes)
        if not isinstance(problem, AbstractFactorization) or not _is_least_squares(problem):
            return f"LineSearch needs a least-squares problem, but {name} is not one; use GradientDescent."
        if count > 2:
            return f"LineSearch needs one or two factors, but the problem has {count}; use GradientDescent."
        if problem.degree is not None and problem.degree > 2:
            return (
                f"LineSearch needs a matrix of degree 1 or 2 in θ, but here it has degree {problem.degree}; use "
                "GradientDescent."
            )
        return ""


def _is_least_squares(problem: AbstractFactorization) -> bool:
    """Whether the loss is the squared length of a residual."""
    with numerics():
        theta = tuple(jax.ShapeDtypeStruct(shape, problem.dtype) for shape in problem.shapes)
        return jax.eval_shape(lambda at: problem.residual(at), theta) is not None


@jax.jit
def _best(quartic: Array, maximum: Scalar) -> Scalar:
    """The η of least loss among `maximum` and the stationary points of the quartic, clipped to the interval."""
    candidates = jnp.append(jnp.clip(cubic_roots(derivative(quartic)), 0.0, maximum), maximum)
    return candidates[jnp.argmin(jnp.polyval(quartic, candidates))]


def along_ray(problem: AbstractProblem, theta: Theta, direction: Theta) -> Array:
    """The coefficients of loss(θ − η D) − loss(θ) as a polynomial in η, the highest power first.

    With the residual r₀ + η r₁ + η² r₂ they are ‖r₂‖², 2⟨r₁, r₂⟩, ‖r₁‖² + 2⟨r₀, r₂⟩, 2⟨r₀, r₁⟩, 0.
    """
    assert isinstance(problem, AbstractFactorization)
    start, tangent = tuple(jnp.asarray(w) for w in theta), tuple(-jnp.asarray(d) for d in direction)

    def slope(at: Theta) -> tuple[Array, Array]:
        return jax.jvp(problem.residual, (at,), (tangent,))

    (r0, r1), (_, twice_r2) = jax.jvp(slope, (start,), (tangent,))
    r2 = twice_r2 / 2
    products = (r2 @ r2, 2 * (r1 @ r2), r1 @ r1 + 2 * (r0 @ r2), 2 * (r0 @ r1))
    return jnp.stack([*products, jnp.zeros_like(products[0])])


def derivative(polynomial: Array) -> Array:
    """The coefficients of the derivative, the highest power first."""
    return polynomial[:-1] * jnp.arange(polynomial.size - 1, 0, -1, dtype=polynomial.dtype)


def cubic_roots(polynomial: Array) -> Array:
    """Three numbers that include the real roots of a cubic, of a quadratic, or of a line; unused places hold 0.

    They come from the formulas of Cardano and Viète, in a unit in which the coefficients are at most 1, followed by
    steps of Newton's method. Where one root is far larger than the others, that unit drowns the others in rounding
    error; they are then the roots of the quadratic that remains without the large one. A complex pair is replaced by
    its real part.
    """
    a, b, c, d = polynomial
    lead = jnp.where(a == 0, 1.0, a)
    unit = jnp.max(jnp.abs(jnp.stack([b / lead, jnp.sqrt(jnp.abs(c / lead)), jnp.cbrt(d / lead)])))
    unit = jnp.where(unit > 0, unit, 1.0)
    b, c, d = b / lead / unit, c / lead / unit / unit, d / lead / unit / unit / unit
    shift = b / 3
    p = c - 3 * shift**2
    q = d - shift * c + 2 * shift**3
    one, three = _one_real_root(p, q), _three_real_roots(p, q)
    single = (q / 2) ** 2 + (p / 3) ** 3 > 0
    roots = unit * (jnp.where(single, jnp.stack([one, -one / 2, -one / 2]), three) - shift)
    roots = _polished(polynomial, roots, unit)
    largest = jnp.where((a == 0) | ~jnp.all(jnp.isfinite(roots)), jnp.inf, roots[jnp.argmax(jnp.abs(roots))])
    others = _other_roots(polynomial, largest)
    others = _polished(polynomial, others, jnp.abs(others))
    far = jnp.abs(largest) > _FAR * jnp.max(jnp.where(jnp.isfinite(others), jnp.abs(others), 0.0))
    roots = jnp.where(far, jnp.append(others, largest), roots)
    return jnp.where(jnp.isfinite(roots), roots, 0.0)


def _polished(polynomial: Array, roots: Array, size: Array) -> Array:
    """The roots after steps of Newton's method that are small next to `size` and make the polynomial smaller."""
    for _ in range(_POLISHED):
        value, slope = jnp.polyval(polynomial, roots), jnp.polyval(derivative(polynomial), roots)
        moved = roots - value / jnp.where(slope == 0, 1.0, slope)
        # near a multiple root the slope is mere rounding error, and the step may lead anywhere, even to another root
        better = jnp.abs(jnp.polyval(polynomial, moved)) < jnp.abs(value)
        roots = jnp.where(better & (jnp.abs(moved - roots) <= _NEAR * size), moved, roots)
    return roots


def _other_roots(polynomial: Array, largest: Scalar) -> Array:
    """The two roots of the quadratic that is left when the cubic is divided by 1 − x / largest, an infinite one too."""
    _, b, c, d = polynomial
    c = c + d / largest
    b = b + c / largest
    root = jnp.sqrt(jnp.maximum(c**2 - 4 * b * d, 0.0))
    q = -(c + jnp.where(c < 0, -root, root)) / 2  # of the two signs, the one without cancellation
    pair = c**2 < 4 * b * d
    return jnp.where(pair, -c / (2 * b), jnp.stack([q / b, d / q]))


def _one_real_root(p: Scalar, q: Scalar) -> Scalar:
    """Cardano's real root of t³ + pt + q, without cancellation."""
    root = jnp.sqrt(jnp.maximum((q / 2) ** 2 + (p / 3) ** 3, 0.0))
    u = jnp.cbrt(-q / 2 - jnp.where(q < 0, -root, root))
    return u - p / (3 * jnp.where(u == 0, 1.0, u))


def _three_real_roots(p: Scalar, q: Scalar) -> Array:
    """Viète's three roots of t³ + pt + q."""
    radius = 2 * jnp.sqrt(jnp.maximum(-p / 3, 0.0))
    cosine = jnp.clip(3 * q / jnp.where(p == 0, 1.0, p * radius), -1.0, 1.0)
    return radius * jnp.cos((jnp.arccos(cosine) - 2 * jnp.pi * jnp.arange(3)) / 3)
