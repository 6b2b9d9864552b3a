import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.core.places import repeated_places

repeatable = settings(max_examples=200)
places = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=9)


def _pairs(entries, dtype=np.int64) -> list[tuple[int, ...]]:
    rows, columns = np.array(entries, dtype).reshape(-1, 2).T
    return [tuple(pair) for pair in repeated_places(rows, columns).tolist()]


@repeatable
@given(entries=places, dtype=st.sampled_from([np.int32, np.int64, np.int8]))
def test_every_entry_whose_place_was_taken_is_paired_with_the_last_one_there(entries, dtype):
    expected, last = [], {}
    for position, place in enumerate(entries):
        if place in last:
            expected.append((last[place], position))
        last[place] = position
    assert _pairs(entries, dtype) == expected


def test_large_indices_do_not_overflow():
    most = 2**31 - 1
    assert _pairs([(most, most), (most - 1, most), (most, 0)], np.int32) == []
    assert _pairs([(most, most), (0, most), (most, most)], np.int32) == [(0, 2)]
