import json
import os

import pytest

from equipoise.cli import main


def test_writes_and_tells(bench, tmp_path, capsys):
    assert main(["reproduce", "fake", "--out", str(tmp_path / "o")]) == 0
    out, _ = capsys.readouterr()
    assert "✓ holds" in out
    assert "✗ does not hold" in out
    assert "one, as printed: does not hold. It is 1." in out
    assert "2 claims measured; as printed 0 hold, 2 do not." in out
    assert str(tmp_path / "o" / "index.html") in out.replace("\n", "")
    assert (tmp_path / "o" / "claims.json").is_file()


def test_json_is_all_there_is_on_stdout(bench, tmp_path, capsys):
    assert main(["reproduce", "fake", "--quick", "--json", "--out", str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["paper"] == "fake"
    assert document["quick"] is True
    assert document["out"] == str(tmp_path)
    assert document["holds"] is True
    assert [claim["id"] for claim in document["claims"]] == ["one", "two"]
    claim = document["claims"][0]
    assert (claim["measured"], claim["expected"], claim["tolerance"], claim["holds"]) == (
        {"value": 1.0},
        {"value": 1.0},
        {"value": 0.1},
        True,
    )
    assert claim["printed"] == {
        "says": "It is ½.",
        "verdict": "does not hold",
        "because": "It is 1.",
        "name": "value",
        "measured": 1.0,
    }
    assert "noise on stdout" in err


def test_a_failed_claim_is_exit_code_1_and_strict_json(bench, tmp_path, capsys):
    bench.final = 2.0
    assert main(["reproduce", "fake", "--json", "--out", str(tmp_path)]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["holds"] is False
    assert document["claims"][0]["measured"] == {"value": 2.0, "no number": None}


def test_claims_are_chosen_in_either_way(bench, tmp_path, capsys):
    for words in (["--claim", "two", "one"], ["--claim", "two", "--claim", "one"]):
        assert main(["reproduce", "fake", *words, "--json", "--out", str(tmp_path)]) == 0
        assert len(json.loads(capsys.readouterr().out)["claims"]) == 2
    for option in ("--claim", "--figure"):
        assert main(["reproduce", "fake", option, "two", "--json", "--out", str(tmp_path)]) == 0
        assert [claim["id"] for claim in json.loads(capsys.readouterr().out)["claims"]] == ["two"]


def test_the_seed_is_the_papers_own_or_the_one_asked_for(bench, tmp_path, capsys):
    assert main(["reproduce", "fake", "--json", "--out", str(tmp_path)]) == 0
    assert [claim["seed"] for claim in json.loads(capsys.readouterr().out)["claims"]] == [0, 0]
    assert main(["reproduce", "fake", "--seed", "8", "--json", "--out", str(tmp_path)]) == 0
    assert [claim["seed"] for claim in json.loads(capsys.readouterr().out)["claims"]] == [8, 8]
    assert bench.seeds == [0, 0, 8, 8]
    assert "equipoise reproduce fake --seed 8 --out" in (tmp_path / "index.html").read_text()


@pytest.mark.parametrize(
    ("option", "value"),
    [("seed", "-1"), ("seed", "1.5"), ("seed", "many"), ("jobs", "0"), ("jobs", "1.5"), ("jobs", "many")],
)
def test_a_number_that_is_none_is_one_sentence(bench, tmp_path, capsys, option, value):
    assert main(["reproduce", "fake", f"--{option}", value, "--out", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert option in err
    assert value in err
    assert not bench.seeds


def test_redraw_uses_the_data(bench, tmp_path, capsys):
    assert main(["reproduce", "fake", "--redraw", "--out", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: There is no data of one")
    assert err.count("\n") == 1
    main(["reproduce", "fake", "--out", str(tmp_path)])
    bench.final = 5.0
    assert main(["reproduce", "fake", "--redraw", "--out", str(tmp_path)]) == 0


def test_ctrl_c_keeps_what_is_finished(bench, tmp_path, capsys):
    bench.interrupt = True
    assert main(["reproduce", "fake", "--json", "--out", str(tmp_path)]) == 130
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["interrupted"] is True
    assert [claim["id"] for claim in document["claims"]] == ["one"]
    assert "interrupted; 1 of 2 claims" in err.replace("\n", " ")


def test_the_report_quotes_the_command(bench, tmp_path, capsys):
    folder = tmp_path / "with space"
    main(["reproduce", "fake", "--quick", "--claim", "one", "--out", str(folder)])
    text = (folder / "index.html").read_text()
    assert "equipoise reproduce fake --claim one --quick --out &#39;" in text


@pytest.mark.parametrize("quick", [True, False])
def test_the_quick_form_runs_in_one_thread(bench, tmp_path, monkeypatch, quick):
    monkeypatch.delenv("PJRT_NPROC", raising=False)
    main(["reproduce", "fake", *["--quick"] * quick, "--out", str(tmp_path)])
    assert bench.threads == ["1" if quick else None] * 2
    assert "PJRT_NPROC" not in os.environ


@pytest.mark.parametrize("named", [["fake", "other"], ["all"]])
def test_several_papers_have_a_folder_each(two_benches, tmp_path, capsys, named):
    assert main(["reproduce", *named, "--quick", "--out", str(tmp_path)]) == 0
    out, _ = capsys.readouterr()
    assert out.count("2 claims measured") == 2
    for name in ("fake", "other"):
        assert len(json.loads((tmp_path / name / "claims.json").read_text())) == 2
        assert f"equipoise reproduce {name} --quick --out " in (tmp_path / name / "index.html").read_text()


def test_one_that_fails_fails_all(two_benches, tmp_path, capsys):
    two_benches[0].final = 2.0
    assert main(["reproduce", "all", "--json", "--out", str(tmp_path)]) == 1
    documents = json.loads(capsys.readouterr().out)["papers"]
    assert [(each["paper"], each["holds"]) for each in documents] == [("fake", False), ("other", True)]


def test_ctrl_c_ends_all_papers(two_benches, tmp_path, capsys):
    two_benches[0].interrupt = True
    assert main(["reproduce", "fake", "other", "--out", str(tmp_path)]) == 130
    assert not two_benches[1].seeds
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "No paper is named; "),
        (["fake", "other", "--claim", "one"], "--claim chooses among the claims of one paper, and 2 are named; "),
        (["fake", "fake"], "The paper fake is named twice; "),
        (["fake", "nobody"], "There is no paper 'nobody'; "),
    ],
)
def test_papers_that_cannot_be_told_are_one_sentence(two_benches, tmp_path, capsys, words, said):
    assert main(["reproduce", *words, "--out", str(tmp_path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {said}")
    assert err.count("\n") == 1
    assert not two_benches[0].seeds
