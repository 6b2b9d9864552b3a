"""The page on `equipoise predict` names every option."""

import inspect
from pathlib import Path

import equipoise.cli.predict

PAGE = (Path(__file__).parents[2] / "docs" / "predict.md").read_text(encoding="utf-8")


def test_every_option_is_in_the_table():
    parameters = inspect.signature(equipoise.cli.predict.predict).parameters.values()
    options = [p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY and p.name != "reading"]
    names = ["--json" if name == "as_json" else "--" + name.replace("_", "-") for name in options]
    assert [name for name in names if f"`{name}`" not in PAGE] == []
