"""Tables as people have them: what they are read as, and what is said where two readings remain."""

import numpy as np
import pytest

from equipoise.core.errors import InputError
from equipoise.datasets import matrix_in, open_file, triplets_in


def _lines(*rows) -> str:
    return "".join(",".join(map(str, row)) + "\n" for row in rows)


RATINGS = [(u, i, (u * 7 + i * 3) % 5 + 1) for u in range(12) for i in range(9) if (u + 2 * i) % 3]
PIVOT = [[u, *("" if (u + 2 * i) % 3 == 0 else float((u * 7 + i * 3) % 5 + 1) for i in range(9))] for u in range(12)]


def _read(tmp_path, text, name="t.csv", **options):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with open_file(path, **options) as file:
        return matrix_in(file, missing="allowed") if file.kind == "matrix" else triplets_in(file)


def _refusal(tmp_path, text, name="t.csv", **options) -> str:
    with pytest.raises(InputError) as caught:
        _read(tmp_path, text, name, **options)
    message = str(caught.value)
    assert message.isprintable()
    assert message.endswith(".")
    return message.replace(str(tmp_path / name), name)


@pytest.mark.parametrize(
    ("titles", "order"),
    [
        ("user,item,rating", "uir"),
        ("user,item,timestamp,rating", "uitr"),
        ("rating,user,item", "rui"),
        ("userId,movieId,rating,timestamp", "uirt"),
        ("user_id,movie_id,rating,hour,device", "uirxx"),
        ("User-ID,ISBN,Book-Rating", "uir"),
        ("reviewerID,asin,overall,unixReviewTime", "uirt"),
        ("index,stars,age,product_id,customer_id", "xrxiu"),
        ("i,j,value", "uir"),
        ("u,i,r", "uir"),
        ("timestamp,movie,user,score", "tiur"),
    ],
)
def test_titles_say_which_column_is_which(tmp_path, titles, order):
    pick = {"u": lambda u, i, r: u, "i": lambda u, i, r: i, "r": lambda u, i, r: r}
    pick |= {"t": lambda u, i, r: 881250949 + u, "x": lambda u, i, r: u % 3}
    found = _read(tmp_path, titles + "\n" + _lines(*([pick[each](*row) for each in order] for row in RATINGS)))
    assert list(zip(found.users.tolist(), found.items.tolist(), found.values.tolist(), strict=True)) == RATINGS
    assert (found.timestamps is not None) == ("t" in order)


def test_timestamps_without_titles_are_no_values(tmp_path):
    found = _read(tmp_path, _lines(*((u, i, 881250949 + u, r) for u, i, r in RATINGS)))
    assert found.values.tolist() == [r for _, _, r in RATINGS]
    assert found.timestamps[0] == 881250949


def test_dates_become_seconds(tmp_path):
    found = _read(tmp_path, "user,item,rating,timestamp\n1,2,3,2024-05-01\n2,2,4,2024-05-01T00:01:00Z\n")
    assert found.timestamps.tolist() == [1714521600, 1714521660]


def test_an_empty_rating_is_named(tmp_path):
    rows = [(u, i, "" if k == 17 else r) for k, (u, i, r) in enumerate(RATINGS)]
    assert _refusal(tmp_path, "user,item,rating\n" + _lines(*rows)) == (
        "Row 19, column 3 ('rating') of t.csv is empty; write a number there, or delete the row."
    )


def test_a_user_called_na(tmp_path):
    rows = [("NA" if u == 3 else f"u{u}", i, r) for u, i, r in RATINGS]
    found = _read(tmp_path, "user,item,rating\n" + _lines(*rows))
    assert "NA" in found.row_ids.tolist()
    assert len(found) == len(RATINGS)


def test_a_table_of_names_and_numbers_is_a_matrix_with_labels(tmp_path):
    rows = [(f"C{i}", 100 + 7 * i, (i * 37) % 50 + 1) for i in range(40)]
    found = _read(tmp_path, "country,gdp,population\n" + _lines(*rows))
    assert found.matrix.shape == (40, 2)
    assert found.row_labels[:2].tolist() == ["C0", "C1"]
    assert found.column_labels.tolist() == ["gdp", "population"]


@pytest.mark.parametrize("corner", ["user", "", '""', "Unnamed: 0"])
def test_a_pivoted_table_has_its_ids_in_the_first_line_and_column(tmp_path, corner):
    found = _read(tmp_path, _lines([corner, *range(9)], *PIVOT))
    assert found.matrix.shape == (12, 9)
    assert (found.row_labels.tolist(), found.column_labels.tolist()) == (list(range(12)), list(range(9)))


def test_a_pivoted_table_without_row_ids(tmp_path):
    found = _read(tmp_path, _lines(range(9), *(row[1:] for row in PIVOT)))
    assert (found.matrix.shape, found.row_labels, found.column_labels.tolist()) == ((12, 9), None, list(range(9)))


@pytest.mark.parametrize("corner", ["country", "", "Country Name"])
def test_years_are_titles(tmp_path, corner):
    found = _read(tmp_path, f"{corner},1990,1991,1992\nFrance,1.5,2,\nSpain,3,4,5\n")
    assert (found.matrix.shape, found.column_labels.tolist()) == ((2, 3), [1990, 1991, 1992])
    found = _read(tmp_path, "1990,1991,1992\n1.5,2.5,3.5\n2.5,2.5,\n")
    assert (found.matrix.shape, found.column_labels.tolist()) == ((2, 3), [1990, 1991, 1992])


def test_years_behind_two_columns_of_names(tmp_path):
    text = "Country Name,Country Code,1990,1991\nFrance,FRA,1.5,2.5\nSpain,ESP,2.5,3.5\n"
    assert "Row 2, column 2 ('Country Code') of t.csv holds 'FRA', which is not a number" in _refusal(tmp_path, text)


@pytest.mark.parametrize("cell", ["€ 5", "5%", "5 kg"])
def test_a_unit_does_not_make_ids(tmp_path, cell):
    message = _refusal(tmp_path, f"name;a;b\nx;{cell};2\ny;6;3\n")
    assert f"Row 2, column 2 ('a') of t.csv holds '{cell}', which is not a number" in message


def test_a_matrix_of_zeros_and_ones_is_one_where_a_matrix_is_expected(tmp_path):
    text = "0 1 1\n1 0 0\n1 0 0\n"
    assert _read(tmp_path, text, "m.txt", lean="matrix").matrix.shape == (3, 3)


def test_a_separator_at_the_end_of_every_line(tmp_path):
    for rows in (2, 300):
        found = _read(tmp_path, "a,b,c,d,e\n" + "1,2,3,4,5.5,\n" * rows)
        assert (found.matrix.shape, found.column_labels.tolist()) == ((rows, 5), ["a", "b", "c", "d", "e"])


def test_a_separator_announced_for_excel(tmp_path):
    assert _read(tmp_path, "sep=;\na;b\n1,5;2\n3;4\n").matrix.tolist() == [[1.5, 2], [3, 4]]


def test_a_column_of_times_in_front_labels_the_rows(tmp_path):
    found = _read(tmp_path, "time,a,b,c\n1.7e9,1,2,3.5\n1.70000006e9,4,5,6\n")
    assert (found.matrix.shape, found.row_labels.tolist()) == ((2, 3), [1700000000, 1700000060])
    found = _read(tmp_path, "date,a,b,c\n2024-05-01,1,2,3.5\n2024-05-02,4,5,6\n")
    assert found.row_labels.tolist() == ["2024-05-01", "2024-05-02"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "1990,1991,1992\n1,2,3\n7,5,1\n",
            "can hold titles or numbers of the matrix; pass header=True",
        ),
        (
            "height,weight,age\n1,2,3\n1,2,5\n2,1,1\n",
            "can be read as entries (row id, column id, value) or as",
        ),
        ("1,2,3\n4,5,6\n7,8,9\n", "can be read as entries (row id, column id, value) or as"),
        ("1,2,3,4\n1,2,6,7\n", "The 4 columns of t.csv can be read as entries"),
        ("user,a,b\n1,2,3\n1,4,4\n", "may hold labels of the rows, some of them twice, or numbers"),
        ("a;b\n1,234;2,345\n", "'1,234', which is 1.234 with a decimal comma and 1234 with commas between thousands;"),
        ('a,b\n"1,234","12"\n', "pass decimal=',' or thousands=','."),
        ("a;b\n1,5;1,234.5\n", "write all numbers alike"),
    ],
)
def test_where_two_readings_remain_both_are_said(tmp_path, text, said):
    kind = "matrix" if "user" in text or "19" in text else "auto"
    assert said in _refusal(tmp_path, text, kind=kind)


def test_duplicates_are_told_with_what_settles_them(tmp_path):
    assert _refusal(tmp_path, "1,2,3\n1,2,4\n") == (
        "Rows 1 and 2 of t.csv both give a value for row id 1 and column id 2; delete one, or pass duplicates='mean', "
        "'last' or 'sum'; if every row is one of a matrix, pass kind='matrix'."
    )


@pytest.mark.parametrize(
    ("name", "text", "matrix"),
    [
        ("m.csv", "1,5;2\n3;4\n", [[1.5, 2], [3, 4]]),
        ("m.csv", "a;b\n1,5;2,5\n", [[1.5, 2.5]]),
        ("m.csv", "1;2\n3;4\n", [[1, 2], [3, 4]]),
        ("m.csv", '"1,5","2"\n"3","4"\n', [[1.5, 2], [3, 4]]),
        ("m.csv", "1.234.567,5;2\n3;4\n", [[1234567.5, 2], [3, 4]]),
        ("m.csv", '"1,234.5","2"\n"3","1,000"\n', [[1234.5, 2], [3, 1000]]),
        ("m.csv", "1 234,5;2\n3;4\n", [[1234.5, 2], [3, 4]]),
        ("m.csv", "1\u00a0234,5;2\n3;4\n", [[1234.5, 2], [3, 4]]),
        ("m.csv", "1'234.5;2\n3;4\n", [[1234.5, 2], [3, 4]]),
        ("m.csv", "1\t2\n3\t4\n", [[1, 2], [3, 4]]),
        ("m.csv", "1|2|3\n3|4|5\n", [[1, 2, 3], [3, 4, 5]]),
        ("m.txt", "1 2\n3 4\n", [[1, 2], [3, 4]]),
        ("m.txt", "  1.5   2\n  3     4\n", [[1.5, 2], [3, 4]]),
        ("m.dat", "1 2\n3 4\n", [[1, 2], [3, 4]]),
        ("m.csv", "1,5 2,5\n3,5 4,5\n", [[1.5, 2.5], [3.5, 4.5]]),
        ("m.csv", "# by hand\n1,2\n3,4\n", [[1, 2], [3, 4]]),
        ("m.csv", "1,2\n# in between\n3,4\n", [[1, 2], [3, 4]]),
        ("m.csv", "% by hand\n1,2\n3,4\n", [[1, 2], [3, 4]]),
        ("m.csv", "\ufeff1,2\r\n3,4\r\n", [[1, 2], [3, 4]]),
        ("m.csv", "1,2\n3,4\n".encode("utf-16"), [[1, 2], [3, 4]]),
        ("m.csv", "1,2\n3,4\n".encode("utf-16-le"), [[1, 2], [3, 4]]),
        ("m.csv", "1,2\n3,4\n".encode("utf-32"), [[1, 2], [3, 4]]),
    ],
)
def test_how_numbers_may_be_written(tmp_path, name, text, matrix):
    assert _read(tmp_path, text, name, kind="matrix").matrix.tolist() == matrix


@pytest.mark.parametrize(
    ("text", "rows", "columns"),
    [
        ('"","mpg"\n"car",21\n', ["car"], ["mpg"]),
        ('"mpg","cyl"\n"Mazda RX4",21,6\n"Datsun",22.8,4\n', ["Mazda RX4", "Datsun"], ["mpg", "cyl"]),
        ('"mpg" "cyl"\n"Mazda RX4" 21 6\n"Datsun" 22.8 4\n', ["Mazda RX4", "Datsun"], ["mpg", "cyl"]),
        ('"";"a"\n"x";"13,2"\n', ["x"], ["a"]),
        (",a,b\n0,1,2\n1,3,4\n", [0, 1], ["a", "b"]),
        ("Stra\xdfe,a\nK\xf6ln,1.5\n".encode("latin-1"), ["K\xf6ln"], ["a"]),
        ("France,1,2\nSpain,3,4\n", ["France", "Spain"], None),
        ("# x y\n1 2.5\n3 4\n", None, ["x", "y"]),
    ],
)
def test_labels_and_titles(tmp_path, text, rows, columns):
    found = _read(tmp_path, text, kind="matrix")
    assert (found.row_labels if rows is None else found.row_labels.tolist()) == rows
    assert (found.column_labels if columns is None else found.column_labels.tolist()) == columns


@pytest.mark.parametrize("width", [81, 500])
def test_many_columns(tmp_path, width):
    titles = ",".join(["id", *(f"c{k}" for k in range(width))])
    rows = [[f"r{n}", *((n * k) % 7 + 0.5 for k in range(width))] for n in range(4)]
    found = _read(tmp_path, titles + "\n" + _lines(*rows))
    assert found.matrix.tolist() == [row[1:] for row in rows]


@pytest.mark.parametrize("rows", [3, 400])
@pytest.mark.parametrize("separator", [",", ";", "\t", " ", "|"])
def test_the_quick_and_the_slow_reader_agree(tmp_path, rows, separator):
    """A table of many rows is read by the quick one, and one of few by the slow one."""
    numbers = np.random.default_rng(0).standard_normal((rows, 5))
    numbers[0, 0] = np.nan if separator != " " else 0.0
    lines = [separator.join("" if np.isnan(x) else repr(float(x)) for x in row) for row in numbers]
    np.testing.assert_array_equal(_read(tmp_path, "\n".join(lines) + "\n").matrix, numbers)


def test_cells_of_the_users_own_that_are_missing(tmp_path):
    from equipoise.datasets.options import ReadOptions

    options = ReadOptions(missing_cells=("-999", "void"))
    found = _read(tmp_path, "a,b,c,d,e\n1,-999,3,4,5\n-999.0,2,void,4,5\n", options=options)
    np.testing.assert_array_equal(found.matrix, [[1, np.nan, 3, 4, 5], [np.nan, 2, np.nan, 4, 5]])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b,c,d,e\n1,,3,4,5\n1,,3,4,5\n", "Column 2 ('b') of t.csv has no number at all; leave it out."),
        ("1,2,3,4,5,\n1,2,3,4,6,\n", "Column 6 of t.csv has no number at all; leave it out."),
        (
            "a,b,c,d,e\n1,2,3,4,1e999\n",
            "Row 2, column 5 of t.csv holds '1e999', which is not finite or",
        ),
        ("user,item,rating\n1,2,1e999\n", "Row 2, column 3 of t.csv holds inf, which is not finite"),
        ("user,item,rating\n1,2,\n1,3,\n", "Row 2, column 3 ('rating') of t.csv is empty"),
        ("a,b,c,d,e\n# x\n1,2,3,4,x\n", "Row 3, column 5 ('e') of t.csv holds 'x', which is not a number;"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, said):
    message = _refusal(tmp_path, text)
    assert said.split(" of t.csv")[0].split(" (")[0] in message
    assert said.split(" of t.csv")[1] in message
