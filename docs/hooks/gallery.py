"""Build hook: a picture of each paper, with what was found, on one page.

`<!-- gallery -->` is replaced by a section for each paper of the package: its first figure, or the one in `COVERS`, a
link to its page, and the summary of its claims. The build warns (and fails with --strict) if a paper has no picture.
"""

import json
import logging
from pathlib import Path
from typing import Any

from equipoise.papers import known
from equipoise.papers.machinery.summary import summary

DOCS = Path(__file__).parents[1]
MARK = "<!-- gallery -->"
COVERS = {
    "beyond": "softthreshold",
    "cohen2021": "edge",
    "du2018": "figure2",
    "gunasekar2017": "conjecture",
    "liu2021": "figure2",
    "woodworth2020": "depth",
}
"""The claim whose figure stands for a paper, where it is not the first one."""

log = logging.getLogger("mkdocs.hooks.gallery")


def on_page_markdown(markdown: str, **context: Any) -> str:
    """Called by MkDocs with the source of every page."""
    if MARK not in markdown:
        return markdown
    return markdown.replace(MARK, "\n\n".join(section(paper) for paper in known()))


def section(paper: str) -> str:
    """The title of a paper's page, its picture and its summary."""
    stored, page = DOCS / "assets" / paper / "claims.json", DOCS / f"{paper}.md"
    claims = json.loads(stored.read_text(encoding="utf-8")) if stored.is_file() else []
    title = page.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ") if page.is_file() else paper
    parts = [f"## {title}"]
    if cover := picture(paper, [claim["id"] for claim in claims]):
        parts.append(f"[![A figure of {title}](assets/{paper}/{cover}.png)]({paper}.md)")
    else:
        log.warning("gallery: there is no figure of %s in %s", paper, DOCS / "assets" / paper)
    return "\n\n".join([*parts, f"{summary(claims)}. [All of it]({paper}.md)."])


def picture(paper: str, ids: list[str]) -> str:
    """The claim whose figure is shown; "" if there is none."""
    wanted = [COVERS[paper]] if paper in COVERS else ids
    return next((name for name in wanted if (DOCS / "assets" / paper / f"{name}.png").is_file()), "")
