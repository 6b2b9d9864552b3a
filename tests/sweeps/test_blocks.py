"""Blocks: every path once, within one program, and the same after an interruption."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.sweeps.blocks import Size, block_size, blocks_to_do


@given(
    programs=st.lists(st.integers(0, 2), min_size=1, max_size=12),
    replicates=st.integers(1, 9),
    size=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    seed=st.integers(0, 1000),
)
def test_blocks_hold_what_is_missing_once_and_nothing_else(programs, replicates, size, seed):
    steps = 10
    done = np.random.default_rng(seed).choice([-1, 0, 5, 10], (len(programs), replicates))
    seen = np.zeros(done.shape, int)
    for block in blocks_to_do(done, programs, steps, Size(*size)):
        part = done[slice(*block.rows), slice(*block.replicates)]
        assert (part == block.done).all()
        assert len({programs[row] for row in range(*block.rows)}) == 1
        assert block.paths <= size[0] * size[1]
        seen[slice(*block.rows), slice(*block.replicates)] += 1
    assert (seen == (done < steps)).all()


def test_blocks_left_are_those_of_the_whole():
    programs, size = [0] * 5 + [1] * 4, Size(2, 3)
    nothing = np.full((9, 7), -1)
    whole = list(blocks_to_do(nothing, programs, 10, size))
    for block in whole[::2]:
        nothing[slice(*block.rows), slice(*block.replicates)] = 10
    assert list(blocks_to_do(nothing, programs, 10, size)) == whole[1::2]


@pytest.mark.parametrize(
    ("points", "replicates", "steps", "size"),
    [
        (1600, 50, 5000, (20, 50)),  # many paths: about a thousand in a block
        (6, 50, 5000, (1, 50)),  # few: a block for each point
        (1, 10**5, 1000, (1, 1021)),  # one point: its replicates are divided
        (4, 2, 10, (4, 2)),  # tiny: one block
    ],
)
def test_the_size_of_a_block_follows_the_study(points, replicates, steps, size):
    assert block_size(points, replicates, steps, 1000) == size


def test_a_block_is_bounded_in_steps_and_bytes():
    assert block_size(100, 50, 10**7, 1000).points == 1
    few = block_size(100, 50, 100, 2**24)
    assert few.points * few.replicates * 2**24 <= 2**26
