"""`equipoise info`."""

from typing import Any

from equipoise.cli.options import AsJson
from equipoise.cli.output import only_results_on_stdout, print_json, print_table


def info(*, as_json: AsJson = False) -> int:
    """Show versions, devices, the native engine and the papers.

    Parameters
    ----------
    as_json
        Print one JSON document on stdout.
    """
    with only_results_on_stdout():
        facts = _facts()
    if as_json:
        print_json(facts)
        return 0
    flat = {**facts["versions"], **{name: fact for name, fact in facts.items() if name != "versions"}}
    print_table(("", ""), [(name, _text(fact)) for name, fact in flat.items()])
    return 0


def _facts() -> dict[str, Any]:
    """Versions, the machine, what is compiled, and the papers."""
    from equipoise.machine import machine, versions
    from equipoise.machine.native import in_words
    from equipoise.machine.programs import programs_in_words
    from equipoise.papers import known

    compiled = {"native engine": in_words(), "compiled programs": programs_in_words()}
    return {"versions": versions(), **machine(), **compiled, "papers": list(known())}


def _text(fact: Any) -> str:
    return ", ".join(map(str, fact)) if isinstance(fact, list) else str(fact)
