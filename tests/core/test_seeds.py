"""Streams by tags, and seeds of further runs."""

import enum

import numpy as np
import pytest

from equipoise.core.seeds import further_seed, generator


class Tag(enum.IntEnum):
    ONE = 1


@pytest.mark.parametrize("seed", [0, 1, 2021, 2**32, 2**62 + 5])
def test_without_tags_it_is_the_stream_of_the_bare_seed(seed):
    bare = np.random.default_rng(seed).integers(2**63, size=10)
    np.testing.assert_array_equal(generator(seed).integers(2**63, size=10), bare)


def test_a_tag_is_a_number_whatever_names_it():
    drawn = np.random.default_rng([7, 1, 3]).standard_normal(10)
    np.testing.assert_array_equal(generator(7, Tag.ONE, 3).standard_normal(10), drawn)


def test_streams_of_a_seed_differ():
    drawn = {float(generator(7, *tags).random()) for tags in ((), (1,), (2,), (1, 1), (1, 2), (2, 1))}
    assert len(drawn) == 6


def test_further_runs_count_on_from_their_offset():
    assert [further_seed(2021, Tag.ONE, number) for number in range(3)] == [2022, 2023, 2024]
    assert further_seed(2021, 10) == 2031
    assert type(further_seed(2021, Tag.ONE)) is int
