"""`equipoise claims`."""

from equipoise.cli.options import AsJson
from equipoise.cli.output import only_results_on_stdout, print_json, print_table


def claims(paper: str | None = None, /, *, as_json: AsJson = False) -> int:
    """List every claim: id, source, what is checked, and what the paper prints.

    Parameters
    ----------
    paper
        The id of one paper; all of them by default.
    as_json
        Print one JSON document on stdout: a list of objects with id, paper, source, statement and printed.
    """
    with only_results_on_stdout():
        from equipoise.papers import paper as find
        from equipoise.papers import papers

        chosen = papers() if paper is None else (find(paper),)
    if as_json:
        print_json([found.about(claim) for found in chosen for claim in found.claims])
        return 0
    for found in chosen:
        rows = [(claim.id, claim.source, claim.statement, claim.printed.says) for claim in found.claims]
        print_table(("Claim", "Source", "Checked here", "Printed"), rows, title=f"{found.id}: {found.citation}")
    return 0
