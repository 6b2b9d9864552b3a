import importlib.metadata
import io
import json
import os
import subprocess
import sys

import pytest

from equipoise.cli import app, main
from equipoise.core.errors import InputError


def test_claims_as_a_table_and_as_json(bench, capsys):
    assert main(["claims"]) == 0
    out, err = capsys.readouterr()
    assert "The one is ½." in out
    assert err == ""
    assert main(["claims", "fake", "--json"]) == 0
    claims = json.loads(capsys.readouterr().out)
    assert claims[1] == {
        "id": "two",
        "paper": "fake",
        "source": "Section two",
        "statement": "The two is ½.",
        "printed": "It is ½.",
    }


def test_info(bench, capsys):
    assert main(["info"]) == 0
    assert "native engine" in capsys.readouterr().out
    assert main(["info", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["versions"]["equipoise"] == importlib.metadata.version("equipoise")
    assert facts["native engine"]
    assert facts["devices"]
    assert {"python", "processor", "cores", "system"} <= set(facts)


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == importlib.metadata.version("equipoise")


@pytest.mark.parametrize("arguments", [["--help"], [], ["reproduce", "--help"], ["claims", "-h"], ["info", "--help"]])
def test_help(arguments, capsys):
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    assert "Usage: equipoise" in out
    assert err == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["fctor"], "Unknown command 'fctor'; see equipoise --help."),
        (["--nonsense"], "--nonsense"),
        (["reproduce"], "No paper is named; give the ids of papers"),
        (["reproduce", "fake", "--clam", "one"], "did you mean --claim"),
        (["reproduce", "fake", "--claim"], "--claim requires at least 1 element"),
        (["reproduce", "fake", "--claim", "three"], "no claim 'three'; choose from one, two."),
        (["reproduce", "liu"], "no paper 'liu'; choose from fake."),
        (["reproduce", "fake", "--quick=maybe"], '"maybe"'),
        (["reproduce", "fake", "--no-quick"], "Unknown option"),
        (["claims", "fake", "more"], "Too many arguments, from 'more' on"),
        (["claims", "liu", "--json"], "no paper 'liu'"),
    ],
)
def test_misuse_is_one_sentence_and_exit_code_2(bench, arguments, words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert words in err
    assert err.endswith(".\n")
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written(bench, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["reproduce", "fake", "--json", "--out", str(tmp_path / "file")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: Cannot write to the output folder")


@pytest.fixture
def command():
    """Put a command "act" into the program that calls the function given."""

    def put(function):
        app.command(lambda: function(), name="act")

    yield put
    del app["act"]


def _raise(error):
    raise error


def test_ctrl_c_in_a_command(command, capsys):
    command(lambda: _raise(KeyboardInterrupt))
    assert main(["act"]) == 130
    assert capsys.readouterr() == ("", "interrupted\n")


def test_input_errors_lose_their_line_breaks(command, capsys):
    command(lambda: _raise(InputError("Bad\n  matrix; mend it.")))
    assert main(["act"]) == 2
    assert capsys.readouterr().err == "error: Bad matrix; mend it.\n"


def test_errors_of_the_system_are_told(command, capsys):
    command(lambda: _raise(OSError(28, "No space left on device", "out/a.nc")))
    assert main(["act"]) == 2
    assert capsys.readouterr().err == "error: No space left on device: out/a.nc; free some space.\n"


def test_mistakes_of_ours_are_not_hidden(command):
    command(lambda: _raise(ZeroDivisionError("oh")))
    with pytest.raises(ZeroDivisionError):
        main(["act"])


def test_a_reader_who_leaves_is_no_error():
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "equipoise", "info", "--json"]
    ran = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert ran.stderr == ""
    assert ran.returncode == 141


def test_letters_that_the_terminal_lacks(bench, monkeypatch):
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", narrow)
    assert main(["claims"]) == 0
    assert main(["claims", "--json"]) == 0
    narrow.flush()
    text = narrow.buffer.getvalue().decode("ascii")
    assert "The one is ?." in text
    assert "The one is \\u00bd." in text


@pytest.mark.parametrize("command", [[], ["factor"], ["complete"]])
def test_help_imports_nothing_heavy(command):
    code = (
        f"import sys; from equipoise.cli import main; main({[*command, '--help']});"
        "heavy = {'jax', 'numpy', 'scipy', 'matplotlib', 'xarray', 'equinox', 'pandas'} & set(sys.modules);"
        "print(sorted(heavy), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stderr == "[]\n"
    assert "Usage: equipoise" in ran.stdout


def test_the_module_is_the_program():
    ran = subprocess.run([sys.executable, "-m", "equipoise", "--version"], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == importlib.metadata.version("equipoise")
