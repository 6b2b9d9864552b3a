"""The table of formats: its rows are sound, and a new one takes one reader and one line."""

import dataclasses
import gzip

import numpy as np
import pytest

from equipoise.core.errors import InputError
from equipoise.datasets import FORMATS, EntryTable, Format, Layout, open_file, read_matrix, read_triplets
from equipoise.datasets.formats import extensions, holding, in_brief, resolved


def read_words(file, options):
    """As many ones in a row as there are words in a line."""
    del options
    return [[1.0] * len(line.split()) for line in file.stream.read().splitlines()]


def read_sentences(file, options):
    """Lines such as `ann gives heat 4`."""
    del options
    words = [line.decode().split() for line in file.stream.read().splitlines()]
    rows, columns = (np.array([each[k] for each in words], object) for k in (0, 2))
    return EntryTable(rows, columns, np.array([float(each[3]) for each in words]), None, Layout(file.name))


def decide(content, found):
    assert found.delimiter == " "
    return "triplets" if b"gives" in content else "matrix"


TOY = Format(
    (".toy", ".words"),
    "words",
    matrix=read_words,
    triplets=read_sentences,
    decide=decide,
    delimiter=" ",
    compressible=True,
)
WITH_TOY = (*FORMATS, TOY)


def test_a_new_format_is_read(tmp_path):
    (tmp_path / "m.toy").write_text("one two\nthree four\n")
    np.testing.assert_array_equal(read_matrix(tmp_path / "m.toy", formats=WITH_TOY), np.ones((2, 2)))
    (tmp_path / "t.WORDS.gz").write_bytes(gzip.compress(b"ann gives heat 4\nbob gives alien 3\n"))
    triplets = read_triplets(tmp_path / "t.WORDS.gz", formats=WITH_TOY)
    assert triplets.users.tolist() == ["ann", "bob"]
    assert triplets.items.tolist() == ["heat", "alien"]
    assert triplets.values.tolist() == [4.0, 3.0]


@pytest.mark.parametrize(("content", "kind"), [("one two\n", "matrix"), ("ann gives heat 4\n", "triplets")])
def test_a_new_format_decides_what_a_file_holds(tmp_path, content, kind):
    (tmp_path / "any.toy").write_text(content)
    with open_file(tmp_path / "any.toy", formats=WITH_TOY) as file:
        assert (file.kind, file.format) == (kind, TOY)
        assert file.stream.read().decode() == content


def test_a_new_format_is_known_to_the_messages(refusal):
    assert ".toy[.gz], .words[.gz], or pass format='csv'" in refusal("m.doc", b"", formats=WITH_TOY)
    with_titles = dataclasses.replace(TOY, options=("header",))
    assert ", .toy and .words files, not for m.mtx; leave it out." in refusal(
        "m.mtx", b"", header=True, formats=(*FORMATS, with_titles)
    )
    assert refusal("m.toy", b"x", header=True, formats=WITH_TOY).endswith(
        ".xlsx, .xlsm and .ods files, not for m.toy; leave it out."
    )


def test_what_a_new_reader_returns_is_checked_as_all_is(refusal, triplets_refusal):
    assert refusal("m.toy", b"one two\nthree\n", formats=WITH_TOY).startswith("m.toy cannot be made an array (")
    assert triplets_refusal("t.toy", b"ann gives heat nan\n", formats=WITH_TOY).startswith(
        "Row 1, column 3 of t.toy holds nan, which is not finite;"
    )
    assert triplets_refusal("t.toy", b"a gives b 1\na gives b 2\n", formats=WITH_TOY).startswith(
        "Rows 1 and 2 of t.toy both give a value for row id 'a' and column id 'b';"
    )
    assert triplets_refusal("t.toy", b"", formats=WITH_TOY).startswith(
        "Cannot read t.toy (its columns have 0, 0 and 0 entries); "
    )


def test_ids_that_are_neither_numbers_nor_text(tmp_path):
    def read(file, options):
        return EntryTable(np.array([0.5, 1.0]), np.arange(2), np.ones(2), None, Layout(file.name))

    (tmp_path / "t.toy").touch()
    with pytest.raises(InputError, match=r"^The ids of the rows are neither all whole numbers nor all text;"):
        read_triplets(tmp_path / "t.toy", formats=(Format((".toy",), "words", triplets=read),))


def test_the_first_of_two_formats_with_one_extension_is_taken(tmp_path):
    (tmp_path / "m.csv").write_text("one two\n")
    other = Format((".csv",), "words", matrix=read_words)
    assert read_matrix(tmp_path / "m.csv", formats=(other, *FORMATS)).tolist() == [[1.0, 1.0]]


def test_the_longest_extension_is_taken(tmp_path):
    (tmp_path / "m.words.csv").write_text("one two\n")
    other = Format((".words.csv",), "words", matrix=read_words)
    assert read_matrix(tmp_path / "m.words.csv", formats=(*FORMATS, other)).tolist() == [[1.0, 1.0]]


def test_a_package_that_is_not_there_is_told(refusal):
    missing = Format((".toy",), "words", matrix=read_words, package="equipoise_no_such_package")
    assert refusal("m.toy", b"one\n", formats=(missing,)) == (
        "Reading m.toy needs equipoise_no_such_package, which is not installed; "
        "install it (pip install equipoise_no_such_package)."
    )
    assert refusal("m.toy", b"one\n", formats=(*FORMATS, missing)).endswith(", or save the table as .csv.")


@pytest.mark.parametrize(
    ("readers", "said"),
    [({}, "holds nothing"), ({"matrix": read_words, "triplets": read_sentences}, "can hold either; give decide=")],
)
def test_rows_that_cannot_be(readers, said):
    with pytest.raises(ValueError, match=said):
        Format((".toy",), "words", **readers)


def test_every_row_has_its_functions_and_its_own_extensions():
    for each in FORMATS:
        functions = [*each.readers.values(), *filter(None, (each.decide, each.table))]
        assert all(callable(resolved(function)) for function in functions)
        assert each.content
        assert all(name.startswith(".") and name == name.lower() for name in each.names)
    assert len(set(extensions())) == len(extensions())


def test_the_formats_in_brief():
    assert in_brief(FORMATS[:4]) == ".npy, .npz, .csv[.gz], .tsv[.gz], .tab[.gz]"
    assert holding("matrix") == FORMATS
    assert holding("auto") == FORMATS


@pytest.mark.parametrize(("content", "kind"), [("1,2,3\n1,3,4\n2,2,1\n", "triplets"), ("1,2\n", "matrix")])
def test_a_file_is_opened_once_to_be_decided_and_read(tmp_path, monkeypatch, content, kind):
    path = tmp_path / "any.csv"
    path.write_text(content)
    opened, true = [], type(path).open

    def counted(path, *mode):
        opened.append(path)
        return true(path, *mode)

    monkeypatch.setattr(type(path), "open", counted)
    with open_file(path) as file:
        assert file.kind == kind
        assert file.read() is file.table
    assert opened == [path]


def test_the_content_of_a_broken_table_is_no_reason_to_guess(tmp_path):
    (tmp_path / "t.csv").write_bytes(b'1,2,"3\n')
    with pytest.raises(InputError, match="cannot be split into cells"), open_file(tmp_path / "t.csv"):
        pass


def test_an_unknown_extension_lists_all_that_fit(tmp_path):
    (tmp_path / "m.doc").touch()
    with pytest.raises(InputError) as caught, open_file(tmp_path / "m.doc"):
        pass
    assert f"use one of {in_brief()}, or pass format='csv'" in str(caught.value)


def test_a_format_can_be_named(tmp_path):
    (tmp_path / "table.one").write_text("1,2\n3,4\n")
    assert read_matrix(tmp_path / "table.one", format="csv").tolist() == [[1.0, 2.0], [3.0, 4.0]]
    with pytest.raises(InputError, match=r"^There is no format 'cvs'; did you mean 'csv'\?$"):
        read_matrix(tmp_path / "table.one", format="cvs")


def test_options_that_are_none(tmp_path):
    with pytest.raises(InputError, match=r"^There is no option separater=; did you mean separator=\?$"):
        read_matrix(tmp_path / "m.csv", separater=",")
    with pytest.raises(InputError, match=r"^There is no skip_everything=; use one of separator, decimal,"):
        read_matrix(tmp_path / "m.csv", skip_everything=1)
    for option, value in (("separator", "ab"), ("decimal", ";"), ("thousands", "x"), ("comment", " ")):
        with pytest.raises(InputError, match=f"^{option}= is "):
            read_matrix(tmp_path / "m.csv", **{option: value})
    with pytest.raises(InputError, match="are both"):
        read_matrix(tmp_path / "m.csv", decimal=",", thousands=",")
