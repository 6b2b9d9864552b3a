"""Endings are names for programs and sentences for people."""

import numpy as np
import pytest

import equipoise as eq


def test_statuses_are_sentences():
    assert {status.name for status in eq.Status} == {"completed", "stopped", "diverged", "interrupted"}
    for status in eq.Status:
        assert str(status) == status.value
        assert str(status).endswith(".")
        assert str(status)[0].isupper()


@pytest.mark.parametrize("status", eq.Status)
def test_codes_go_back_and_forth(status):
    assert eq.Status.of_code(status.code) is status
    assert eq.Status.of_code(np.int64(status.code)) is status


def test_codes_are_those_of_saved_batches():
    assert [eq.Status.of_code(i).name for i in range(4)] == ["completed", "stopped", "diverged", "interrupted"]
