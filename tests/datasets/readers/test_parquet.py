import io

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from equipoise.core.errors import InputError
from equipoise.datasets import read_triplets

pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is optional")
parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is optional")


def _bytes(columns: dict) -> bytes:
    stream = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), stream)
    return stream.getvalue()


GOOD = {"user": ["b", "a"], "item": [10, 9], "rating": [1.5, 2.0], "timestamp": [7, 8], "note": ["x", "y"]}


def _read(tmp_path, table: dict, **options):
    path = tmp_path / "t.parquet"
    path.write_bytes(_bytes(table))
    return read_triplets(path, **options)


def test_tables_come_back_in_order(tmp_path):
    triplets = _read(tmp_path, GOOD)
    assert triplets.users.tolist() == ["b", "a"]
    assert triplets.items.tolist() == [10, 9]
    assert triplets.column_ids.tolist() == [9, 10]
    assert triplets.values.tolist() == [1.5, 2.0]
    assert triplets.timestamps.tolist() == [7, 8]


def test_columns_are_chosen_by_title(tmp_path):
    triplets = _read(tmp_path, GOOD, columns=("note", "item", "timestamp"))
    assert triplets.users.tolist() == ["x", "y"]
    assert triplets.values.tolist() == [7.0, 8.0]
    assert triplets.timestamps is None


def test_categories_and_small_types(tmp_path):
    columns = {
        "user": pyarrow.array(["b", "a", "b"]).dictionary_encode(),
        "item": pyarrow.array([1, 2, 3], pyarrow.uint8()),
        "rating": pyarrow.array([1, 2, 3], pyarrow.int8()),
    }
    triplets = _read(tmp_path, columns)
    assert triplets.users.tolist() == ["b", "a", "b"]
    assert triplets.values.dtype == np.float64


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"rating": [1.0, None]},
            "Row 2, column 3 ('rating') of t.parquet is empty; write a number there, or delete the row.",
        ),
        (
            {"user": [None, "a"]},
            "Row 1, column 1 ('user') of t.parquet is empty; write the row id there, or delete the row.",
        ),
        (
            {"rating": ["1", "2"]},
            "Row 1, column 3 ('rating') of t.parquet holds '1', which is not a number; "
            "write a number there, or delete the row.",
        ),
        (
            {"item": [1.5, 2.0]},
            "Column 2 ('item') of t.parquet has ids that are no whole numbers; convert it to whole numbers or text.",
        ),
        (
            {"rating": [1.0, np.inf]},
            "Row 2, column 3 ('rating') of t.parquet holds inf, which is not finite; "
            "write a finite number there, or delete the row.",
        ),
        (
            {"user": ["a", "a"], "item": [1, 1]},
            "Rows 1 and 2 of t.parquet both give a value for row id 'a' and column id 1; "
            "delete one, or pass duplicates='mean', 'last' or 'sum'.",
        ),
    ],
)
def test_tables_that_are_no_triplets(triplets_refusal, changes, message):
    assert triplets_refusal("t.parquet", _bytes({**GOOD, **changes})) == message


def test_a_table_without_rows(triplets_refusal):
    content = _bytes({"user": pyarrow.array([], pyarrow.int64()), "item": [], "rating": []})
    assert triplets_refusal("t.parquet", content) == ("t.parquet has columns but no rows; add some.")


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_files(folder, data):
    content = _bytes(GOOD)
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(start + 8, len(content))))
    path = folder / "damaged.parquet"
    path.write_bytes(content[:start] + data.draw(st.binary(max_size=9)) + content[end:])
    try:
        triplets = read_triplets(path)
    except InputError as error:
        message = str(error)
        assert message.isprintable()
        assert message.endswith(".")
        assert str(path) in message
    else:
        assert np.isfinite(triplets.values).all()
