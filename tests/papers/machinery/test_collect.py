"""The claims of a paper, with what was measured of their false alarms."""

import sys
import types

from equipoise.papers.machinery.collect import claims_of, false_alarms, in_words


def test_what_was_measured_becomes_sentences():
    measured = {"quick": {"a": {"statement": "0 of 24 fail"}}, "full": {"a": {"statement": "1 of 3 fails"}}}
    assert in_words(measured, "a") == "Quick form: 0 of 24 fail. Full form: 1 of 3 fails."
    assert in_words({**measured, "full": {}}, "a") == "Quick form: 0 of 24 fail."
    assert in_words(measured, "b") == ""


def test_the_words_come_from_the_file_of_the_paper(bench, tmp_path, monkeypatch):
    package = types.ModuleType("paper2020")
    package.__path__ = [str(tmp_path)]
    module = types.ModuleType("paper2020.first")
    module.CLAIM = bench.paper.claims[0]
    monkeypatch.setitem(sys.modules, "paper2020", package)
    monkeypatch.setitem(sys.modules, "paper2020.first", module)
    (tmp_path / "__init__.py").touch()
    (tmp_path / "false_alarms.json").write_text('{"quick": {"first": {"statement": "0 of 9 fail"}}, "full": {}}')
    monkeypatch.setattr("importlib.resources.files", lambda name: tmp_path)
    (claim,) = claims_of("paper2020", ["first"])
    assert claim.false_alarm == "Quick form: 0 of 9 fail."
    (tmp_path / "false_alarms.json").unlink()
    assert false_alarms("paper2020") == {"quick": {}, "full": {}}
