"""Build hooks: the claims of a paper as tables from its claims.json, and quoted numbers held against it.

`<!-- claims: PAPER -->` is replaced by a summary and a section for each claim in docs/assets/PAPER/claims.json, which
`equipoise reproduce` wrote. `<!-- false alarms: PAPER -->` is replaced by what was measured of its false alarms.
`NUMBER <!-- of: PAPER, CLAIM, CHECK -->` is left as it is, and the build warns (and fails with --strict) unless NUMBER
is what was measured, rounded to as many digits.
"""

import decimal
import html
import json
import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from equipoise.papers.machinery.collect import false_alarms
from equipoise.papers.machinery.summary import checked, judged_as, summary

ASSETS = Path(__file__).parents[1] / "assets"
TABLES = re.compile(r"<!-- claims: (\w+) -->")
ALARMS = re.compile(r"<!-- false alarms: (\w+) -->")
QUOTED = re.compile(r"(-?\d[\d.]*(?:e-?\d+)?)\s*<!-- of: (\w+), ([\w.]+), (.+?) -->")

log = logging.getLogger("mkdocs.hooks.claims")


def on_page_markdown(markdown: str, **context: Any) -> str:
    """Called by MkDocs with the source of every page."""
    source = context["page"].file.src_uri
    for number, paper, claim, check in QUOTED.findall(markdown):
        complaint = misquoted(number, read_claims(paper), claim, check)
        if complaint:
            log.warning("%s: %s", source, complaint)
    for paper in TABLES.findall(markdown):
        if not read_claims(paper):
            log.warning("%s: there are no claims in %s", source, ASSETS / paper / "claims.json")
    markdown = ALARMS.sub(lambda found: alarms(false_alarms(f"equipoise.papers.{found[1]}")), markdown)
    return TABLES.sub(lambda found: tables(found[1], read_claims(found[1])), markdown)


def read_claims(paper: str) -> list[dict[str, Any]]:
    """The claims of a paper as `equipoise reproduce` left them; none if there is no such file."""
    path = ASSETS / paper / "claims.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []


def misquoted(number: str, claims: list[dict[str, Any]], claim: str, check: str) -> str:
    """What is wrong with `number` as the rounded result of a check, or nothing."""
    measured = {c["id"]: c["measured"] for c in claims}.get(claim, {}).get(check)
    if measured is None:
        return f"no check {check!r} of {claim} is in claims.json"
    quoted = decimal.Decimal(number)
    if decimal.Decimal(repr(float(measured))).quantize(quoted) != quoted:
        return f"{number} is quoted for {check!r} of {claim}, but {measured:.6g} was measured"
    return ""


def alarms(measured: Mapping[str, Mapping[str, Any]]) -> str:
    """For each form how many claims were run over how many fresh seeds, and where checks failed."""
    return "\n".join(form_alarms(form, measured[form]) for form in ("quick", "full"))


def form_alarms(form: str, results: Mapping[str, Any]) -> str:
    """The false alarms of all claims in one form, as an item of a list."""
    if not results:
        return f"- {form.capitalize()} forms: none was run over fresh seeds."
    seeds = [result["seeds"] for result in results.values()]
    span = f"{min(seeds)}" if min(seeds) == max(seeds) else f"{min(seeds)} to {max(seeds)}"
    failed = [f"{claim} at {r['failed']} of {r['seeds']}" for claim, r in results.items() if r["failed"]]
    told = f"A check fails at a seed in {', '.join(failed)}." if failed else "No check fails at any seed."
    claims = f"{len(results)} claim{'' if len(results) == 1 else 's'}"
    return f"- {form.capitalize()} forms: {claims} over {span} fresh seeds each. {told}"


def tables(paper: str, claims: list[dict[str, Any]]) -> str:
    """A summary of all claims, then a section for each."""
    words = [f"**{summary(claims)}.**"]
    if any(claim["quick"] for claim in claims):
        words.append("These numbers are of a quick run: shorter, and with fewer replicates than the full one.")
    head = "<tr><th>Claim</th><th>Source</th><th>As printed</th><th>Our checks</th></tr>"
    rows = "".join(
        f'<tr><td><a href="#{anchor(claim["id"])}">{claim["id"]}</a></td>'
        f"<td>{html.escape(claim['source'])}</td><td>{judgement(claim)}</td><td>{verdict(claim['holds'])}</td></tr>"
        for claim in claims
    )
    table = f"<table>\n<thead>{head}</thead>\n<tbody>{rows}</tbody>\n</table>"
    return "\n\n".join([" ".join(words), table, *(section(paper, claim) for claim in claims)])


def section(paper: str, claim: Mapping[str, Any]) -> str:
    """One claim: what is printed and the verdict on it, our statement, figure, checks, choices, false alarm."""
    printed = claim["printed"]
    decided = f"{html.escape(printed['name'])}: {number(printed['measured'])}"
    parts = [
        f"### {claim['id']}",
        f"<p><strong>Printed.</strong> {html.escape(printed['says'])}</p>",
        f"<p><strong>As printed: {judgement(claim)}.</strong> {html.escape(printed['because'])} ({decided})</p>",
        f"<p><strong>Checked here.</strong> {html.escape(claim['statement'])}</p>",
        f"<p><em>{html.escape(claim['source'])}. {verdict(claim['holds'])}, in {claim['seconds']:.1f} s"
        f"{' (quick run)' if claim['quick'] else ''}.</em></p>",
    ]
    if (ASSETS / paper / f"{claim['id']}.png").is_file():
        parts.append(f"![The figure of {claim['id']}](assets/{paper}/{claim['id']}.png)")
    parts.append(checks(claim))
    for title, key in (("Choices", "choices"), ("False alarm", "false_alarm")):
        if claim[key]:
            parts.append(f"<p><strong>{title}.</strong> {html.escape(claim[key])}</p>")
    return "\n\n".join(parts)


def checks(claim: Mapping[str, Any]) -> str:
    """The table of a claim's checks."""
    head = "".join(f"<th>{title}</th>" for title in ("Check", "Expected", "Measured", "Tolerance", "Verdict"))
    rows = []
    for name, holds in claim["checks"].items():
        numbers = (number(claim[column][name]) for column in ("expected", "measured", "tolerance"))
        cells = [html.escape(name), *numbers, verdict(holds)]
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>{''.join(rows)}</tbody>\n</table>"


def number(value: Any) -> str:
    """Four significant digits; a dash for what is not there."""
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else html.escape(str(value))


def verdict(holds: bool) -> str:
    """Holds or fails, in words and with a sign."""
    return checked(holds) if holds else f"<strong>{checked(holds)}</strong>"


def judgement(claim: Mapping[str, Any]) -> str:
    """The verdict on what is printed, in words and with a sign."""
    return judged_as(claim["printed"]["verdict"])


def anchor(claim: str) -> str:
    """The id that the table of contents gives to a heading: dots are left out."""
    return claim.replace(".", "")
