"""The compiled descent at known entries against NumPy, with every build, and what it refuses."""

import sys
from pathlib import Path

import numpy as np
import pytest

from equipoise.machine.native import compiled, missing
from equipoise.problems.observed import orders_of

sys.path.insert(0, str(Path(__file__).parent))
from completion_reference import descent

SHAPE, WIDTH, LIMIT = (11, 8), 5, 1e50
KEY = np.array([[5, 6], [7, 8]], np.uint32)
SIZE, DEVIATION, FACTOR = (0.02, 0.03), (0.1, 0.05), 1.5
OTHER_SIZE, OTHER_DEVIATION = (0.01, 0.04), (0.2, 0.0)


def _entries(dtype=np.float64):
    generator = np.random.default_rng(0)
    places = generator.permutation(SHAPE[0] * SHAPE[1])[:40]
    rows, columns = places // SHAPE[1], places % SHAPE[1]
    kept = (rows != 4) & (columns != 7)  # a row and a column without entries
    return rows[kept], columns[kept], generator.standard_normal(int(kept.sum())).astype(dtype)


def _arrays(dtype=np.float64):
    """What `KnownEntries` is made of, by name."""
    rows, columns, values = _entries(dtype)
    by_rows, by_columns = orders_of(rows, columns, SHAPE)
    return {
        "start": by_rows.start,
        "columns": by_rows.others,
        "values": values[by_rows.order],
        "start_of_columns": by_columns.start,
        "rows": by_columns.others,
        "values_by_columns": values[by_columns.order],
    }


def _known(dtype=np.float64, **changes):
    make = compiled().KnownEntries64 if dtype == np.float64 else compiled().KnownEntries32
    return make(**_arrays(dtype) | changes)


def _call(build="", dtype=np.float64, threads=1, **changes):
    """Run the compiled descent of two replicates with looks after 0, 3 and 7 steps; returns its arguments by name."""
    generator = np.random.default_rng(1)
    x, y = (generator.standard_normal((2, size, WIDTH)).astype(dtype) for size in SHAPE)
    arguments = {
        "x": x,
        "y": y,
        "keys": KEY,
        "ended": np.full(2, -1),
        "seen_x": np.zeros((3, *x.shape), dtype),
        "seen_y": np.zeros((3, *y.shape), dtype),
        "visits": np.array([0, 3, 7]),
        "known": _known(dtype),
        "step_sizes": np.array([[SIZE, OTHER_SIZE]], dtype),
        "deviations": np.array([[OTHER_DEVIATION, DEVIATION]], dtype),
        "of_case": np.array([0, 1]),
        "factor": FACTOR,
        "limit": LIMIT,
        "first": 4,
        "threads": threads,
        "build": build,
    } | changes
    compiled().complete(**arguments)
    return arguments


@pytest.mark.parametrize(("dtype", "near"), [(np.float64, 1e-14), (np.float32, 1e-5)])
@pytest.mark.parametrize("threads", [1, 3])
def test_it_is_what_numpy_computes(build, dtype, near, threads):
    generator = np.random.default_rng(1)
    x, y = (generator.standard_normal((2, size, WIDTH)).astype(dtype) for size in SHAPE)
    found = _call(build, dtype, threads)
    for i in range(2):
        given = {"key": KEY[i], "first": 4, "steps": 7, "factor": FACTOR}
        size, deviation = np.array((SIZE, OTHER_SIZE)[i], dtype), np.array((OTHER_DEVIATION, DEVIATION)[i], dtype)
        wanted = descent(x[i], y[i], _entries(dtype), size=size, deviation=deviation, **given)
        for look, taken in enumerate((0, 3, 7)):
            np.testing.assert_allclose(found["seen_x"][look, i], wanted[taken][0], atol=near)
            np.testing.assert_allclose(found["seen_y"][look, i], wanted[taken][1], atol=near)
        np.testing.assert_array_equal(found["x"][i], found["seen_x"][2, i])
    assert found["ended"].tolist() == [-1, -1]


def test_one_that_has_ended_does_not_move(build):
    found, before = _call(build, ended=np.array([-1, 3])), _call(build, visits=np.zeros(0, int))
    np.testing.assert_array_equal(found["x"][1], before["x"][1])
    assert not found["seen_x"][:, 1].any()
    assert (found["x"][0] != before["x"][0]).any()


needs_module = pytest.mark.skipif(bool(missing()), reason="installed without a C++ compiler")


@needs_module
@pytest.mark.parametrize(
    "changes",
    [
        {"x": np.zeros((2, 10, WIDTH))},
        {"y": np.zeros((2, 8, 4))},
        {"y": np.zeros((1, 8, WIDTH))},
        {"keys": KEY[:1]},
        {"ended": np.full(1, -1)},
        {"seen_x": np.zeros((2, 2, 11, WIDTH))},
        {"seen_y": np.zeros((3, 2, 11, WIDTH))},
        {"visits": np.array([3, 0, 7])},
        {"visits": np.array([-1, 3, 7])},
        {"step_sizes": np.zeros((0, 2, 2))},
        {"step_sizes": np.zeros((6, 2, 2))},
        {"step_sizes": np.zeros((1, 2, 3))},
        {"step_sizes": np.zeros((1, 1, 2))},
        {"deviations": np.zeros((6, 2, 2))},
        {"deviations": np.zeros((1, 3, 2))},
        {"of_case": np.array([0, 2])},
        {"of_case": np.array([-1, 0])},
        {"of_case": np.array([0])},
    ],
)
def test_sizes_that_do_not_belong_together_are_refused(changes):
    with pytest.raises(ValueError, match="do not belong together"):
        _call(**changes)


@needs_module
@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("start", lambda a: a[:0]),
        ("start", lambda a: a[:-1]),
        ("start", lambda a: a + 1),
        ("start", lambda a: np.where(np.arange(a.size) == 3, a[-1] + 9, a)),
        ("columns", lambda a: np.full_like(a, 8)),
        ("columns", lambda a: np.full_like(a, -1)),
        ("columns", lambda a: a[:-1]),
        ("values", lambda a: a[:-1]),
        ("start_of_columns", lambda a: a[::-1].copy()),
        ("rows", lambda a: np.full_like(a, 11)),
        ("values_by_columns", lambda a: np.append(a, 0.0)),
    ],
)
def test_places_outside_the_matrix_are_refused(name, change):
    with pytest.raises(ValueError, match="do not belong together"):
        _known(**{name: change(_arrays()[name])})
