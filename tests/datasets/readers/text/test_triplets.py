import csv
import gzip
import importlib
import io

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from equipoise.core.errors import InputError
from equipoise.datasets import Triplets, read_triplets

repeatable = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])

finite = st.floats(allow_nan=False, allow_infinity=False)
whole = st.integers(-(2**63), 2**63 - 1)
words = st.text("ab0189+- é,\t\"'x", min_size=1, max_size=5).map(lambda text: "w" + text.strip())


@st.composite
def tables(draw, ids):
    """Rows of (row id, column id, value, timestamp), every place once."""
    places = draw(st.lists(st.tuples(draw(ids), draw(ids)), min_size=1, max_size=8, unique=True))
    return [(*place, draw(finite), draw(whole)) for place in places]


def _write(path, content: bytes):
    path.write_bytes(gzip.compress(content, 1) if path.suffix == ".gz" else content)
    return path


def _rows(triplets: Triplets) -> list[tuple]:
    columns = (triplets.users, triplets.items, triplets.values, triplets.timestamps)
    return list(zip(*(column.tolist() for column in columns if column is not None), strict=True))


def _text(rows, delimiter: str, header: bool, line_end: str, quoting: int) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=line_end)
    writer.writerows([("userId", "movieId", "rating", "Timestamp")] * header + rows)
    return text.getvalue().encode()


@repeatable
@given(
    rows=tables(st.sampled_from([whole, words])),
    tabs=st.booleans(),
    packed=st.booleans(),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_tables_come_back_in_order(folder, rows, tabs, packed, quoting, line_end):
    name = f"t{'.tsv' if tabs else '.csv'}{'.gz' if packed else ''}"
    path = _write(folder / name, _text(rows, "\t" if tabs else ",", True, line_end, quoting))
    read = _rows(read_triplets(path, separator="\t" if tabs else ","))
    numeric = [all(not isinstance(row[k], str) or _canonical(row[k]) for row in rows) for k in (0, 1)]
    expected = [(*(int(row[k]) if numeric[k] else str(row[k]) for k in (0, 1)), *row[2:]) for row in rows]
    assert read == expected


def _canonical(text: str) -> bool:
    return text.lstrip("-").isdigit() and text.isascii() and str(int(text or 0)) == text if text != "-" else False


@repeatable
@given(rows=tables(st.just(whole)), extension=st.sampled_from([".data", ".base", ".test", ".dat"]))
def test_movielens_own_formats(folder, rows, extension):
    content = _text(rows, "\t", False, "\n", csv.QUOTE_MINIMAL)
    path = _write(folder / f"u{extension}", content.replace(b"\t", b"::") if extension == ".dat" else content)
    assert _rows(read_triplets(path)) == rows
    packed = _write(folder / f"u{extension}.gz", path.read_bytes())
    assert _rows(read_triplets(packed)) == rows


@repeatable
@given(cells=st.lists(st.tuples(*[st.text("0123456789+-.eE_xnai \u0661\x0b", max_size=4)] * 3), min_size=1, max_size=3))
def test_both_readers_agree(folder, cells):
    """The quick reader and the one that takes quoted cells give the same triplets or the same sentence."""
    plain, quoted = folder / "plain.csv", folder / "quoted.csv"
    cells = [
        (*cells[k % len(cells)][:2], cells[k % len(cells)][2]) for k in range(150)
    ]  # the quick one takes long tables
    plain.write_text("\n".join(",".join(row) for row in cells), encoding="utf-8")
    quoted.write_text("\n".join(",".join(f'"{cell}"' for cell in row) for row in cells), encoding="utf-8")
    outcomes = []
    for path in (plain, quoted):
        try:
            outcomes.append(_rows(read_triplets(path, header=False, separator=",", decimal=".", duplicates="last")))
        except InputError as error:
            outcomes.append(str(error).replace(str(path), "file"))
    assert outcomes[0] == outcomes[1]


def _read(tmp_path, content: bytes, name: str = "t.csv", **options) -> Triplets:
    path = tmp_path / name
    path.write_bytes(content)
    return read_triplets(path, **options)


def test_ids_are_sorted_as_numbers_if_all_are(tmp_path):
    triplets = _read(tmp_path, b"10,b,1\n9,a,2\n-1,b,3\n")
    assert triplets.row_ids.tolist() == [-1, 9, 10]
    assert triplets.column_ids.tolist() == ["a", "b"]
    assert triplets.rows.tolist() == [2, 1, 0]
    assert triplets.columns.tolist() == [1, 0, 1]
    assert triplets.shape == (3, 2)
    assert triplets.source == str(tmp_path / "t.csv")


@pytest.mark.parametrize("odd", ["007", "+7", "-0", "7.0", "7e0", "9223372036854775808", "x"])
def test_ids_that_are_no_plain_whole_numbers_are_text(tmp_path, odd):
    triplets = _read(tmp_path, f"10,1,1\n9,1,2\n{odd},1,3\n".encode())
    assert triplets.users.tolist() == ["10", "9", odd]
    assert triplets.row_ids.tolist() == sorted(["10", "9", odd])


def test_headers_are_found_by_the_value(tmp_path):
    assert _read(tmp_path, b"a,b,1\nc,b,2\n").users.tolist() == ["a", "c"]
    assert _read(tmp_path, b"a,b,rating\nc,b,2\n").users.tolist() == ["c"]
    assert _read(tmp_path, b"1,2,3\n4,2,2\n", header=True).users.tolist() == [4]


def test_columns_are_chosen_by_title(tmp_path):
    content = b"index,rating,when,film,person\n0,4.5,11,heat,ann\n1,3,12,alien,bob\n"
    triplets = _read(tmp_path, content, columns=("person", "film", "rating"))
    assert _rows(triplets) == [("ann", "heat", 4.5), ("bob", "alien", 3.0)]
    triplets = _read(tmp_path, content, columns=["person", "film", "rating", "when"])
    assert triplets.timestamps.tolist() == [11, 12]


def test_columns_of_numbers_are_chosen_by_title(tmp_path):
    """By the quick reader, in another order than they stand."""
    content = b"rating,when,note,film,person\n4.5,11,a,7,8\n3,12,b,6,9\n"
    triplets = _read(tmp_path, content, columns=("person", "film", "rating", "when"))
    assert _rows(triplets) == [(8, 7, 4.5, 11), (9, 6, 3.0, 12)]


def test_other_columns_are_ignored(tmp_path):
    assert _rows(_read(tmp_path, b"u,i,r,note\n1,2,3,fine\n")) == [(1, 2, 3.0)]
    assert _rows(_read(tmp_path, b"1,2,3,4\n")) == [(1, 2, 3.0)]
    assert _rows(_read(tmp_path, b"1\t2\t3\n", "u.data")) == [(1, 2, 3.0)]


def test_duplicates_are_settled(tmp_path):
    content = b"u,i,r,timestamp\n1,1,1e308,5\n2,1,4,6\n1,1,1.5e308,7\n1,2,3,8\n"
    last = _read(tmp_path, content, duplicates="last")
    assert _rows(last) == [(2, 1, 4.0, 6), (1, 1, 1.5e308, 7), (1, 2, 3.0, 8)]
    assert _rows(_read(tmp_path, content, duplicates="mean")) == [(2, 1, 4.0, 6), (1, 1, 1.25e308, 7), (1, 2, 3.0, 8)]


def test_the_first_duplicate_is_named(triplets_refusal):
    content = b"u,i,r\nann,1,1\nbob,2,1\nbob,2,2\nann,1,3\n"
    assert triplets_refusal("t.csv", content) == (
        "Rows 3 and 4 of t.csv both give a value for row id 'bob' and column id 2; "
        "delete one, or pass duplicates='mean', 'last' or 'sum'."
    )


DELETE = "or delete the row."
EMPTY = "is empty; give it a table of numbers."
CELLS = "give every row the same number of cells, or pass separator=, for"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", b"", f"t.csv {EMPTY}"),
        ("t.csv", b"\n\n", f"t.csv {EMPTY}"),
        ("t.csv", b"u,i,r\n", "t.csv holds a header line and no numbers below it; add the rows of the table."),
        ("t.csv", b"1,2\n", "t.csv has 2 columns; triplets need three: row id, column id, value."),
        ("u.data", b"1\n", "u.data has 1 column; triplets need three: row id, column id, value."),
        ("t.csv", b"1,2,3\n1,3\n", f"Row 2 of t.csv has 2 cells, but row 1 has 3; {CELLS} commas were taken."),
        (
            "t.dat",
            b"1::2::3\n1::3::4::5\n",
            f"Row 2 of t.dat has 4 cells, but row 1 has 3; {CELLS} double colons were taken.",
        ),
        ("t.csv", b"1,2,3\n\n1,3,3\n", "Row 2 of t.csv is blank, but rows follow it; delete the blank line."),
        (
            "t.csv",
            b"u,i,r\n1,2,3\n1,3,x\n",
            f"Row 3, column 3 ('r') of t.csv holds 'x', which is not a number; write a number there, {DELETE}",
        ),
        ("t.csv", b"1,2,3\n1,3,\n", f"Row 2, column 3 of t.csv is empty; write a number there, {DELETE}"),
        ("t.csv", b"1,2,3\n,3,1\n", f"Row 2, column 1 of t.csv is empty; write the row id there, {DELETE}"),
        ("t.csv", b"1,2,3\n1, ,1\n", f"Row 2, column 2 of t.csv is empty; write the column id there, {DELETE}"),
        (
            "t.csv",
            b"1,2,3\n1,3,inf\n",
            f"Row 2, column 3 of t.csv holds inf, which is not finite; write a finite number there, {DELETE}",
        ),
        (
            "t.csv",
            b"u,i,r\na,3,nan\nb,3,1\n",
            f"Row 2, column 3 ('r') of t.csv holds 'nan', which is not a number; write a number there, {DELETE}",
        ),
        (
            "u.data",
            b"1\t2\t3\t4.5\n",
            "Row 1, column 4 of u.data holds '4.5', which is not a timestamp; "
            "write whole seconds or a date such as 2024-05-01 there, or choose three columns with columns=.",
        ),
        (
            "t.csv",
            b"1,2,\x00\xff\n",
            "t.csv is not UTF-8 text (byte 6 is 0xff); save it as UTF-8, pass encoding=, or correct its extension.",
        ),
        (
            "t.csv",
            b'1,2,"3\n',
            "Row 1 of t.csv cannot be split into cells (unexpected end of data); correct its quotes.",
        ),
        (
            "t.csv.gz",
            b"1,2,3\n",
            "t.csv.gz is not a complete gzip file (Not a gzipped file (b'1,')); "
            "compress it again, or remove .gz from its name if it is not compressed.",
        ),
    ],
)
def test_tables_that_are_no_triplets(triplets_refusal, name, content, message):
    assert triplets_refusal(name, content) == message


def test_decimal_commas_between_double_colons(tmp_path):
    assert _read(tmp_path, b"1::2::3\n1::3::3,5\n", "t.dat").values.tolist() == [3.0, 3.5]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            ("u", "i", "x"),
            "t.csv has no column 'x'; choose among 'u', 'i', 'r', 'r', and give each title to one column only.",
        ),
        (
            ("u", "i", "r"),
            "t.csv has several columns 'r'; choose among 'u', 'i', 'r', 'r', and give each title to one column only.",
        ),
    ],
)
def test_titles_that_are_not_there_once(triplets_refusal, columns, message):
    assert triplets_refusal("t.csv", b"u,i,r,r\n1,2,3,4\n", columns=columns) == message


@pytest.mark.usefixtures("unchecked")
@pytest.mark.parametrize("columns", ["uir", ("u", "i"), ("u", "i", "u"), (0, 1, 2), 3])
def test_columns_are_three_or_four_titles(tmp_path, columns):
    with pytest.raises(
        InputError, match=r"^columns= is .*; give the titles of the row ids, the column ids, the values"
    ):
        _read(tmp_path, b"u,i,r\n", columns=columns)


def test_options_that_contradict_the_file(tmp_path):
    with pytest.raises(InputError, match=r"^columns= needs the titles in a header line, but header=False"):
        _read(tmp_path, b"u,i,r\n1,2,3\n", columns=("u", "i", "r"), header=False)
    with pytest.raises(InputError, match=r"^header= is only for \.csv, .* files, not for .*; leave it out\.$"):
        _read(tmp_path, b"PAR1", "t.parquet", header=True)


@pytest.mark.usefixtures("unchecked")
def test_a_policy_that_is_none(tmp_path):
    with pytest.raises(InputError, match=r"^duplicates= is 'first'; it must be 'error', 'mean', 'last' or 'sum'"):
        _read(tmp_path, b"1,2,3\n", duplicates="first")


def test_a_missing_file(tmp_path):
    path = tmp_path / "none.csv"
    with pytest.raises(InputError) as caught:
        read_triplets(path)
    assert str(caught.value) == f"There is no file {path}; correct the path."


FUZZED = (".csv", ".tsv", ".txt", ".data", ".dat", ".csv.gz")
PIECES = st.sampled_from(
    [b"1", b"22", b"-3.5", b"nan", b"x", b",", b"\t", b"::", b"\n", b"\r", b'"', b" ", b"\xff", b"\x00"]
)


@pytest.mark.parametrize("extension", FUZZED)
@settings(parent=repeatable, max_examples=60)
@given(data=st.data())
def test_any_bytes(folder, capfd, extension, data):
    """Whatever a file holds, the outcome is finite triplets or one sentence."""
    opening = data.draw(st.sampled_from([b"", b"1,2,3\n", b"1\t2\t3\t4\n", b"1::2::3::4\n", b"u,i,r,timestamp\n"]))
    content = opening + data.draw(st.one_of(st.binary(max_size=100), st.lists(PIECES, max_size=25).map(b"".join)))
    path = folder / f"any{extension}"
    path.write_bytes(gzip.compress(content, 1) if data.draw(st.booleans()) else content)
    _outcome_is_clean(path, data.draw(st.sampled_from(["error", "mean", "last"])))
    assert capfd.readouterr() == ("", "")


def _outcome_is_clean(path, duplicates: str) -> None:
    try:
        triplets = read_triplets(path, duplicates=duplicates)
    except InputError as error:
        message = str(error)
        assert message.isprintable()
        assert message.endswith(".")
        assert str(path) in message
    else:
        assert len(triplets) > 0
        assert np.isfinite(triplets.values).all()
        assert triplets.rows.max() < triplets.shape[0]


def test_parquet_without_pyarrow(triplets_refusal, monkeypatch):
    known = importlib.import_module

    def refuse(name: str, *rest):
        if name.startswith("pyarrow"):
            raise ModuleNotFoundError(name)
        return known(name, *rest)

    monkeypatch.setattr(importlib, "import_module", refuse)
    assert triplets_refusal("t.parquet", b"PAR1") == (
        "Reading t.parquet needs pyarrow, which is not installed; "
        "install it (pip install 'equipoise[datasets]'), or save the table as .csv."
    )
