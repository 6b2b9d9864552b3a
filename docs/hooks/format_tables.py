"""A build hook: the table of file formats, in pages that ask for it.

`<!-- formats: KIND -->` is replaced by a table of the formats that can hold a KIND: matrix, triplets, or auto for all.
`<!-- extensions: KIND -->` is replaced by their extensions, in brief.
"""

import re
from typing import Any

from equipoise.datasets.formats import Format, holding, in_brief

TABLES = re.compile(r"<!-- formats: (matrix|triplets|auto) -->")
LISTS = re.compile(r"<!-- extensions: (matrix|triplets|auto) -->")
READ_AS = {("matrix",): "a matrix", ("triplets",): "triplets", ("matrix", "triplets"): "either"}


def on_page_markdown(markdown: str, **context: Any) -> str:
    """Called by MkDocs with the source of every page."""
    markdown = TABLES.sub(lambda found: table(found[1]), markdown)
    return LISTS.sub(lambda found: in_brief(holding(found[1])), markdown)


def table(kind: str) -> str:
    """The formats that can hold a kind; for "auto" all of them, with what each is read as."""
    rows = [("Extension", "Content", "Read as"), ("---", "---", "---"), *map(cells, holding(kind))]
    return "\n".join("| " + " | ".join(row if kind == "auto" else row[:2]) + " |" for row in rows)


def cells(row: Format) -> tuple[str, str, str]:
    """Extensions, content, and what it is read as."""
    needed = f" (takes {row.package})" if row.package else ""
    return ", ".join(row.names), row.content + needed, READ_AS[row.holds]
