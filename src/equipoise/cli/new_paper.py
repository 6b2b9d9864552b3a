"""`equipoise new-paper`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from equipoise.cli.options import AsJson
from equipoise.cli.output import only_results_on_stdout, print_json, print_line


def new_paper(
    name: str,
    /,
    *,
    claim: Annotated[str, Parameter(metavar="ID")] = "proposition1",
    out: Annotated[Path | None, Parameter(metavar="DIR")] = None,
    as_json: AsJson = False,
) -> int:
    """Make the folder of a paper, with a claim that runs, its test and its page.

    In a checkout of Equipoise the paper becomes a part of the package. Elsewhere, or with --out, it becomes a folder of
    its own, which "equipoise reproduce" runs by its path. What is made holds as it is; put the paper's statements in
    the place of the stand-in.

    Parameters
    ----------
    name
        The id of the paper, such as smith2026.
    claim
        The id of its first claim, such as theorem1 or lemma3.2.
    out
        Make a folder of its own in this one, also in a checkout.
    as_json
        Print one JSON document on stdout.
    """
    with only_results_on_stdout():
        from equipoise.papers.machinery.checkout import checkout_around
        from equipoise.papers.machinery.new_paper import new_paper as make

        around = checkout_around(Path.cwd()) if out is None else None
        made = make(name, claim=claim, checkout=around, out=out or Path())
    if as_json:
        print_json(made._asdict())
        return 0
    for path in made.files:
        print_line(f"made     {path}")
    for path in made.changed:
        print_line(f"changed  {path}")
    print_line("next:")
    for command in made.commands:
        print_line(f"  {command}")
    return 0
