"""Records that wait, and are summarized many at a time."""

import numpy as np
import pytest

from equipoise.adapters.arithmetic import LayerArrays, Library, matrix_invariants, observed
from equipoise.adapters.history import Engine, History
from equipoise.adapters.pairs import Pair
from equipoise.adapters.plan import Shape, checked_limits, make_plan
from equipoise.core.errors import InputError

NUMPY = Library(lambda array: array.astype(np.float64), np.concatenate)


def _history(**options):
    pairs = (Pair("a", "b"), Pair("b", "c", linear=True))
    plan = make_plan(pairs, {"a": Shape(5, 4, 1), "b": Shape(3, 5, 1), "c": Shape(2, 3, 1)}, checked_limits(1, 64, 128))
    engine = Engine(
        lambda layers: matrix_invariants(NUMPY, layers, plan.links),
        lambda layers, start: observed(NUMPY, layers, plan.links, start),
        np.stack,
    )
    return History(plan, engine, **options)


def _layers(seed):
    generator = np.random.default_rng(seed)
    return [LayerArrays(generator.standard_normal(shape), None) for shape in ((5, 4, 1), (3, 5, 1), (2, 3, 1))]


def test_many_records_are_summarized_in_between():
    whole, parts = _history(), _history(most_records=4)
    for step in range(10):
        whole.add(step, _layers(step))
        parts.add(step, _layers(step))
    for name, values in whole.records.summaries().items():
        assert values.shape[0] == 10
        np.testing.assert_array_equal(parts.records.summaries()[name], values)


def test_steps_increase_and_something_is_recorded():
    history = _history()
    with pytest.raises(InputError, match=r"^Nothing is recorded yet; call record first\.$"):
        history.records.summaries()
    history.add(3, _layers(0))
    with pytest.raises(InputError, match=r"^Step 3 comes after step 3; record steps in increasing order\.$"):
        history.add(3, _layers(1))
