"""Whatever the package offers is in the registry, and so is run by the conformance tests."""

import inspect

import numpy as np
import pytest

import equipoise as eq


def _concrete(module, base):
    return {
        value
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, base) and not inspect.isabstract(value)
    }


def _parts(thing):
    """`thing` and every module among its fields, however deep."""
    yield type(thing)
    for value in vars(thing).values() if hasattr(thing, "__dataclass_fields__") else ():
        yield from _parts(value)


def _registered(registry):
    made = [make() for make in registry.problems.values()]
    made += [
        problem.product(tuple(np.ones(s) for s in problem.shapes)) for problem in made if hasattr(problem, "product")
    ]
    shapes = made[0].shapes
    made += [make(shapes, 0.1) for make in (*registry.methods.values(), *registry.noises.values())]
    return {kind for thing in made for kind in _parts(thing)}


@pytest.mark.parametrize(
    ("module", "base"),
    [
        (eq.problems, eq.problems.AbstractProblem),
        (eq.problems, eq.problems.AbstractTarget),
        (eq.problems, eq.problems.AbstractProduct),
        (eq.problems, eq.problems.AbstractOperator),
        (eq.problems, eq.problems.AbstractMeasurement),
        (eq.problems, eq.problems.AbstractParametrization),
        (eq.dynamics, eq.dynamics.AbstractDynamics),
        (eq.noise, eq.noise.AbstractNoise),
    ],
)
def test_everything_is_registered(registry, module, base):
    offered = _concrete(module, base)
    assert offered
    assert offered <= _registered(registry)


@pytest.mark.parametrize("module", [eq.dynamics, eq.problems, eq.noise, eq.initial])
def test_arguments_have_the_names_of_the_base_class(module):
    bases = {cls for cls in vars(module).values() if inspect.isclass(cls) and inspect.isabstract(cls)}
    assert bases
    for base in bases:
        for method in base.__abstractmethods__:
            declared = getattr(base, method)
            if isinstance(declared, property):
                continue
            for cls in _concrete(module, base):
                assert list(inspect.signature(getattr(cls, method)).parameters) == list(
                    inspect.signature(declared).parameters
                ), f"{cls.__name__}.{method}"


def test_methods_have_a_time_unless_their_steps_have_none_known(registry):
    shapes = next(iter(registry.made.values())).shapes
    clocks = {name: make(shapes, 0.125).clock() for name, make in registry.methods.items()}
    assert {name for name, clock in clocks.items() if clock is None} == {"LineSearch", "Optax"}
    assert {float(clock) for clock in clocks.values() if clock is not None} == {0.125}


def test_entries_are_there_in_both_forms(registry):
    operators = [getattr(getattr(make(), "measurement", None), "operator", None) for make in registry.problems.values()]
    entries = [operator for operator in operators if isinstance(operator, eq.problems.Entries)]
    assert {operator.forms_product for operator in entries} == {True, False}


def test_no_two_problems_or_methods_share_what_they_are(registry):
    assert len(registry.problems) == len(set(registry.problems.values()))
    assert len(registry.methods) >= len(registry.noises) + 1


def test_methods_refuse_what_they_are_not_made_for_and_nothing_else(registry):
    """Told by the problems' names, so that a method cannot refuse a problem for its own ease."""
    suited = {
        name: {key[0] for key, problem in registry.made.items() if not make(problem.shapes, 0.1).refusal(problem)}
        for name, make in registry.methods.items()
    }
    everything = {key[0] for key in registry.problems}
    pairs = {*("pairs-asymmetric", "entries-asymmetric"), *("dense", "factored", "sparse", "planted", "valley")}
    expected = dict.fromkeys(registry.methods, everything)
    for name in ("ProjectedGradient", "TimeOrderedExponential", "MatrixFlow"):
        expected[name] = {"array-direct"}
    expected |= dict.fromkeys(("Minibatch", "LabelNoise", "LabelNoise-epoch"), everything - {"penalized", "custom"})
    expected["LineSearch"] = everything - {
        *("penalized", "array-deep", "custom", "custom-points", "network", "array-hadamard", "entries-tensor")
    }
    expected["RegularizedGD"] = pairs | {"penalized"}
    expected["ScaledGD"] = (
        pairs | {name for name in everything if "symmetric" in name} | {"penalized", "entries-gathered"}
    )
    expected["BalancednessAware"] = pairs | {"penalized", "custom", "custom-points", "network"}
    assert suited == expected
