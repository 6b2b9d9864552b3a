"""Whatever a text holds, it is read as a matrix or as entries, or one sentence says why not."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from equipoise.core.errors import InputError
from equipoise.datasets import matrix_in, open_file, triplets_in

NUMBERS = ["", "1", "2", "0", "-3", "1.5", "1,5", "1,234", "1.234,5", "NA", "nan", "1e999"]
CELLS = st.sampled_from([*NUMBERS, "x", "user", "rating", "2024-05-01"])
MARKS = st.sampled_from([",", ";", "\t", " ", "::", "|"])
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"])


@pytest.mark.parametrize("lean", ["neither", "matrix"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.integers(1, 5).flatmap(lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=6)),
    mark=MARKS,
    encoding=ENCODINGS,
    extra=st.sampled_from(["", "# note\n", "sep=;\n", '"', "x\n", "\n\n"]),
)
def test_any_table(folder, lean, rows, mark, encoding, extra):
    path = folder / "any.csv"
    path.write_bytes((extra + "\n".join(mark.join(row) for row in rows)).encode(encoding))
    try:
        with open_file(path, lean=lean) as file:
            found = matrix_in(file, missing="allowed") if file.kind == "matrix" else triplets_in(file)
    except InputError as error:
        message = str(error)
        assert message.isprintable()
        assert message.endswith((".", "?"))
        assert "is damaged" not in message  # the sentence for what no reader has thought of
        return
    values = found.values if file.kind == "triplets" else found.matrix
    assert not np.isinf(values).any()
    if file.kind == "matrix":
        for labels, length in zip((found.row_labels, found.column_labels), found.matrix.shape, strict=True):
            assert labels is None or labels.size == length
