"""The papers by id, each imported on first use."""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from equipoise.papers.machinery.paper import Paper

PAPERS = (
    "liu2021",
    "du2018",
    "gunasekar2017",
    "beyond",
)
"""The ids of all papers; each is also the folder beside this file whose package exposes the paper as `PAPER`."""


def known() -> tuple[str, ...]:
    """The ids of all papers."""
    return PAPERS


def paper(name: str) -> "Paper":
    """The paper with id `name`; raises `InputError`, with the known ids, if there is none."""
    from equipoise.core.errors import InputError
    from equipoise.papers.machinery.paper import Paper

    if name not in PAPERS:
        raise InputError(f"There is no paper {name!r}; choose from {', '.join(PAPERS)}.")
    module = f"{__package__}.{name}"
    found = importlib.import_module(module).PAPER
    if not isinstance(found, Paper):
        raise TypeError(f"{module}.PAPER is {type(found).__name__}, not a Paper.")
    if found.id != name:
        raise ValueError(f"The paper in {module} has the id {found.id!r}; it must be the name of its folder.")
    return found


def papers() -> tuple["Paper", ...]:
    """All papers."""
    return tuple(paper(name) for name in PAPERS)
