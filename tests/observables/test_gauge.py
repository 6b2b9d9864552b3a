"""The gauge defect: which methods see the basis of the columns. Those of inner products do not."""

import jax.numpy as jnp
import numpy as np
import optax
import optax.contrib
import pytest

import equipoise as eq
from equipoise.dynamics import (
    AdaptiveSharpnessAware,
    BalancednessAware,
    GradientDescent,
    Hypentropy,
    LineSearch,
    MirrorDescent,
    Optax,
    ScaledGD,
    SharpnessAware,
)

PROBLEM = eq.problems.planted((5, 4), 2, factors=3, seed=2)
THETA = tuple(np.random.default_rng(9).standard_normal(shape) for shape in PROBLEM.shapes)
PLAIN = GradientDescent(0.01)


def _root(gram):
    """A^−¼ of a positive definite matrix."""
    values, vectors = jnp.linalg.eigh(gram)
    return (vectors * values**-0.25) @ vectors.T


def _shampoo():
    """Shampoo (V. Gupta, T. Koren and Y. Singer, 2018): L^−¼ G R^−¼ with L = εI + ΣGGᵀ and R = εI + ΣGᵀG."""

    def init(theta):
        return [tuple(1e-3 * jnp.eye(size) for size in w.shape) for w in theta]

    def update(gradient, state, theta=None):
        state = [(left + g @ g.T, right + g.T @ g) for g, (left, right) in zip(gradient, state, strict=True)]
        pairs = zip(gradient, state, strict=True)
        return tuple(-0.01 * _root(left) @ g @ _root(right) for g, (left, right) in pairs), state

    return optax.GradientTransformation(init, update)


KEEP = {
    "gradient descent": PLAIN,
    "momentum": Optax(optax.sgd(0.01, momentum=0.9)),
    "Nesterov": Optax(optax.sgd(0.01, momentum=0.9, nesterov=True)),
    "weight decay": Optax(optax.chain(optax.add_decayed_weights(0.1), optax.sgd(0.01))),
    "normalized": Optax(optax.chain(optax.contrib.normalize(), optax.sgd(0.01))),
    "Muon": Optax(optax.contrib.muon(0.01)),
    "Shampoo": Optax(_shampoo()),
    "scaled": ScaledGD(0.1),
    "line search": LineSearch(1.0),
    "sharpness-aware": SharpnessAware(PLAIN, 0.1),
    "balancedness-aware": BalancednessAware(0.01, 0.1),
}
SEE = {
    "Adam": Optax(optax.adam(0.01)),
    "AdamW": Optax(optax.adamw(0.01)),
    "AdaGrad": Optax(optax.adagrad(0.01)),
    "RMSProp": Optax(optax.rmsprop(0.01)),
    "Adafactor": Optax(optax.adafactor(0.01, min_dim_size_to_factor=2)),
    "Lion": Optax(optax.lion(0.01)),
    "sign": Optax(optax.sign_sgd(0.01)),
    "mirror": MirrorDescent(0.01, Hypentropy(0.5)),
    "adaptive sharpness-aware": AdaptiveSharpnessAware(PLAIN, 0.1),
}


def _defect(method, problem=PROBLEM, theta=THETA):
    return float(eq.evaluate(problem, theta, eq.observables.gauge_defect(method))["gauge_defect"])


@pytest.mark.parametrize("name", KEEP)
def test_what_is_made_of_inner_products_keeps_the_gauge(name):
    assert _defect(KEEP[name]) < 1e-9


@pytest.mark.parametrize("name", SEE)
def test_what_works_entry_by_entry_does_not(name):
    assert _defect(SEE[name]) > 0.02


def test_one_factor_used_twice_has_a_gauge_too():
    random = np.random.default_rng(3)
    problem = eq.problems.sensing(random.standard_normal((5, 4, 4)), np.ones(5), width=3)
    theta = (random.standard_normal((4, 3)),)
    assert _defect(PLAIN, problem, theta) < 1e-9
    assert _defect(Optax(optax.adam(0.01)), problem, theta) > 0.02


def test_it_can_be_recorded_along_a_run():
    """Adam's defect along the path of gradient descent."""
    record = eq.Record(every=5, observables=(eq.observables.gauge_defect(Optax(optax.adam(0.01))), "loss"))
    run = eq.simulate(PROBLEM, PLAIN, eq.initial.Given(THETA), seed=0, steps=5, record=record)
    assert run.dataset["gauge_defect"].values[0, 0] == pytest.approx(_defect(Optax(optax.adam(0.01))), rel=1e-9)


def test_impossible_settings_are_refused():
    with pytest.raises(eq.InputError, match="steps is 0"):
        eq.observables.gauge_defect(PLAIN, steps=0)
    problem = eq.problems.valley().with_signal()
    deep = eq.problems.sensing(np.ones((1, 3, 3)), [1.0], parametrization=eq.problems.DeepLinear((3, 2, 2, 3)))
    for wrong, words in (
        (deep, "has 3 factors"),
        (eq.problems.custom(lambda theta: theta[0].sum(), [(2, 2)]), "product"),
    ):
        with pytest.raises(eq.InputError, match=f"gauge_defect turns two factors, but .*{words}"):
            _defect(PLAIN, wrong, tuple(np.ones(shape) for shape in wrong.shapes))
    assert _defect(PLAIN, problem, (np.ones((1, 1)), np.full((1, 1), 0.5))) < 1e-9
