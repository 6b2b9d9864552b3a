import csv
import gzip
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from equipoise.datasets import read_labelled_matrix, read_matrix

finite = st.floats(allow_nan=False, allow_infinity=False)
matrices = arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=6), elements=finite)


def _same_bits(read, written) -> bool:
    return read.shape == written.shape and bool((read.view(np.int64) == written.view(np.int64)).all())


@settings(max_examples=40)
@given(
    matrix=matrices,
    tabs=st.booleans(),
    packed=st.booleans(),
    mark=st.booleans(),
    titled=st.booleans(),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    last=st.sampled_from(["", "one", "three", " "]),
)
def test_tables_come_back_exactly(folder, matrix, tabs, packed, mark, titled, quoting, line_end, last):
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t" if tabs else ",", quoting=quoting, lineterminator=line_end)
    rows = [[f"height, {i}\t" for i in range(matrix.shape[1])]] * titled + matrix.tolist()
    writer.writerows([[cell if isinstance(cell, str) else repr(cell) for cell in row] for row in rows])
    table = text.getvalue()
    table = {"": table.rstrip("\r\n"), "one": table, "three": table + 2 * line_end, " ": table + "  "}[last]
    content = table.encode("utf-8-sig" if mark else "utf-8")
    path = folder / f"table{'.tsv' if tabs else '.csv'}{'.gz' if packed else ''}"
    path.write_bytes(gzip.compress(content, 1) if packed else content)
    assert _same_bits(read_matrix(path), matrix)
    assert _same_bits(read_matrix(path, header=titled), matrix)


@settings(max_examples=60)
@given(
    cells=st.lists(
        st.lists(st.text("0123456789+-.eE_xnaif \u0661\xa0", max_size=5), min_size=2, max_size=2),
        min_size=1,
        max_size=2,
    )
)
def test_numbers_are_what_both_python_and_c_take_for_one(folder, cells):
    """The quick reader and the one that takes quoted cells agree, cell by cell."""
    cells = cells * 60  # the quick one takes long tables
    plain, quoted = folder / "plain.csv", folder / "quoted.csv"
    plain.write_text("\n".join(",".join(row) for row in cells), encoding="utf-8")
    quoted.write_text("\n".join(",".join(f'"{cell}"' for cell in row) for row in cells), encoding="utf-8")
    outcomes = []
    for path in (plain, quoted):
        try:
            outcomes.append(read_matrix(path, header=False, labels=False, separator=",", thousands="_").tolist())
        except ValueError as error:
            outcomes.append(str(error).replace(str(path), "file"))
    assert outcomes[0] == outcomes[1]


def _read(tmp_path, content: bytes, **options):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    return read_matrix(path, **options).tolist()


@pytest.mark.parametrize("content", [b"x,y\n1,2\n", b"x,2\n1,2\n", b'"x\ny",2\n1,2\n', b"x,\n1,2\n"])
def test_a_first_line_with_text_is_a_header(tmp_path, content):
    assert _read(tmp_path, content) == [[1.0, 2.0]]


def test_a_numeric_header_must_be_announced(tmp_path):
    assert _read(tmp_path, b"7,2020\n1,2\n") == [[7.0, 2020.0], [1.0, 2.0]]
    assert _read(tmp_path, b"2019,2020\n1,2\n", header=False) == [[2019.0, 2020.0], [1.0, 2.0]]
    assert _read(tmp_path, b"2019,2020\n1,2\n", header=True) == [[1.0, 2.0]]


@pytest.mark.parametrize("content", [b"1", b" 1 ", b'"1"\n', b"1\n\n \n\t\n"])
def test_one_cell_is_a_matrix(tmp_path, content):
    assert _read(tmp_path, content) == [[1.0]]


def test_capitals_in_the_extension(tmp_path):
    path = tmp_path / "A.B.CSV"
    path.write_bytes(b"1,2\n")
    assert read_matrix(str(path)).tolist() == [[1.0, 2.0]]


WRITE = "which is not a number; write a number there, or leave out its row or column."
EMPTY = "t.csv is empty; give it a table of numbers."
NO_ROWS = "t.csv holds a header line and no numbers below it; add the rows of the table."
CELLS = "give every row the same number of cells, or pass separator=, for commas were taken."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", EMPTY),
        (b"\n \n", EMPTY),
        (b"\xef\xbb\xbf", EMPTY),
        (b"# nothing\n", EMPTY),
        (b"x,y\n", NO_ROWS),
        (b"x\n\n", NO_ROWS),
        (b'"x\ny"\n', NO_ROWS),
    ],
)
def test_tables_without_numbers_are_refused(refusal, content, message):
    assert refusal("t.csv", content) == message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"1,2\n3,4,5\n", f"Row 2 of t.csv has 3 cells, but row 1 has 2; {CELLS}"),
        (b"1,2\n3\n", f"Row 2 of t.csv has 1 cell, but row 1 has 2; {CELLS}"),
        (b"x,y\n1,2\n3,4,5\n", f"Row 3 of t.csv has 3 cells, but row 1 has 2; {CELLS}"),
        (b"x,y\n1,2,3\n4,5,6,7\n", f"Row 2 of t.csv has 3 cells, but row 1 has 2; {CELLS}"),
        (b"# c\nx,y\n# d\n1,2\n3,4,5\n", f"Row 5 of t.csv has 3 cells, but row 2 has 2; {CELLS}"),
    ],
)
def test_ragged_rows_are_refused(refusal, content, message):
    assert refusal("t.csv", content) == message


@pytest.mark.parametrize(
    ("content", "place", "held"),
    [
        (b"1,2\n3,abc\n", "Row 2, column 2", "'abc'"),
        (b"x,y\n1,2\n3,abc\n", "Row 3, column 2 ('y')", "'abc'"),
        (b'x,"y\nz"\n1,2\n3,a\n', r"Row 3, column 2 ('y\nz')", "'a'"),
        (b"x,\n1,a\n", "Row 2, column 2", "'a'"),
        (b"1,NA\n3,4\n", "Row 1, column 2", "'NA'"),
        (b"1,nan\n3,4\n", "Row 1, column 2", "'nan'"),
        (b"1\n2\n" + b"z" * 99, "Row 3, column 1", "'" + "z" * 40 + "...'"),
        (b"1\n1_0\n", "Row 2, column 1", "'1_0'"),
    ],
)
def test_text_is_refused_with_its_place(refusal, content, place, held):
    assert refusal("t.csv", content) == f"{place} of t.csv holds {held}, {WRITE}"


@pytest.mark.parametrize(
    ("name", "content", "place"),
    [
        ("t.csv", b"x,y\n1,2\n3,\n", "Row 3, column 2 ('y')"),
        ("t.csv", b"1,,2\n3,4,5\n", "Row 1, column 2"),
        ("t.csv", b"1,2\n,\n", "Row 2, column 1"),
        ("t.tsv", b"1\t2\n3\t\n", "Row 2, column 2"),
        ("t.tsv", b"1\t2\n\t\n", "Row 2, column 1"),
    ],
)
def test_empty_cells_are_refused_with_their_place(refusal, name, content, place):
    assert refusal(name, content) == (
        f"{place} of {name} is empty; write a number there, or leave out its row or column."
    )


@pytest.mark.parametrize(("content", "row"), [(b"1\n\n3\n", 2), (b"\n1,2\n", 1), (b"1,2\n \n\n3,4\n", 2)])
def test_blank_lines_before_the_end_are_refused(refusal, content, row):
    assert refusal("t.csv", content) == f"Row {row} of t.csv is blank, but rows follow it; delete the blank line."


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'1,2\n"3,4\n', "unexpected end of data"),
        (b'1\n"3"4\n', "',' expected after '\"'"),
        (b"1,2\n" + b"x" * 200_000, "field larger than field limit (131072)"),
    ],
)
def test_broken_cells_are_refused(refusal, content, said):
    assert refusal("t.csv", content) == f"Row 2 of t.csv cannot be split into cells ({said}); correct its quotes."


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            gzip.compress(b"1,2" * 99, mtime=0),
            "t.csv is not UTF-8 text (byte 2 is 0x8b); save it as UTF-8, pass encoding=,",
        ),
        (b"1,2\n3,\x814\n", "t.csv is not UTF-8 text (byte 7 is 0x81); save it as UTF-8, pass encoding=,"),
        (b"1,2\n3,\x004\n", r"t.csv is not text: line 2 holds the character '\x00'; correct its extension,"),
        (b"\xff\xfe1", "t.csv is not utf-16 text (byte 3 does not fit); save it again as UTF-8,"),
    ],
)
def test_what_is_no_text_is_refused(refusal, content, said):
    assert refusal("t.csv", content).startswith(said)


def test_an_encoding_of_the_users_own(tmp_path, refusal):
    (tmp_path / "m.csv").write_bytes("имя,x\nА,1\n".encode("koi8-r"))
    assert read_labelled_matrix(tmp_path / "m.csv", encoding="koi8-r").row_labels.tolist() == ["А"]
    assert refusal("t.csv", b"1\n", encoding="utf-99").startswith(
        "Python does not know the encoding 'utf-99' of t.csv;"
    )
    assert refusal("t.csv", b"\xff\n", encoding="ascii").startswith("t.csv is not ascii text (byte 1 does not fit);")


@pytest.mark.parametrize(
    ("content", "place"),
    [(b"1,1\n2,inf\n", "Row 2, column 2 of t.csv"), (b"x,y\n2,1e999\n", "Row 2, column 2 ('y') of")],
)
def test_numbers_that_are_not_finite_are_refused(refusal, content, place):
    message = refusal("t.csv", content)
    assert message.startswith(place)
    assert message.endswith("which is not finite or overflows float64; write a finite number there.")


@pytest.mark.parametrize(("content", "header"), [(b",x\n0,2\n1,3\n", None), (b",2019\n0,5\n", True)])
def test_an_index_column_is_no_data(tmp_path, content, header):
    (tmp_path / "t.csv").write_bytes(content)
    found = read_labelled_matrix(tmp_path / "t.csv", header=header)
    assert found.row_labels.tolist()[0] == 0
    assert found.matrix.shape[1] == 1
    assert read_matrix(tmp_path / "t.csv", header=header, labels=False).shape[1] == 2


def test_text_in_row_1_is_refused_where_no_header_is_allowed(refusal):
    message = refusal("t.csv", b"x,2\n3,4\n", header=False, labels=False)
    assert message == f"Row 1, column 1 of t.csv holds 'x', {WRITE}"


@pytest.mark.parametrize("cell", ["3.x", "", "1_0", "3,5"])
def test_trouble_behind_many_good_rows_is_found(refusal, cell):
    rows = ["1;2;3.5"] * 5000
    rows[4321] = f"1;2;{cell}"
    assert refusal("t.csv", "\n".join(rows).encode(), decimal=".").startswith("Row 4322, column 3 of t.csv ")
