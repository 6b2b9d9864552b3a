"""The papers by id, each imported on first use."""

import importlib
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from equipoise.papers.machinery.paper import Paper

PAPERS = tuple(
    sorted(
        module.name
        for module in pkgutil.iter_modules([str(Path(__file__).parent)])
        if module.ispkg and module.name != "machinery"
    )
)
"""The ids of all papers: the folders beside this file, each a package that exposes the paper as `PAPER`."""


def known() -> tuple[str, ...]:
    """The ids of all papers of the package."""
    return PAPERS


def paper(name: str) -> "Paper":
    """The paper with id `name`, or the one in a folder of your own.

    - `name`: an id, or the path of a folder such as `equipoise new-paper` makes: a package that exposes a `Paper` as
      `PAPER`, whose id is the name of the folder. An id of the package goes before a folder.

    Raises `InputError`, with the known ids, if there is neither, and for a folder without such a paper.
    """
    from equipoise.core.errors import InputError
    from equipoise.papers.machinery.folder import paper_in

    if name in PAPERS:
        return exposed(importlib.import_module(f"{__package__}.{name}"), name)
    if Path(name).is_dir():
        return paper_in(Path(name))
    raise InputError(f"There is no paper {name!r}; choose from {', '.join(PAPERS)}.")


def exposed(module: Any, name: str) -> "Paper":
    """What a package of the papers exposes as `PAPER`, if it is a paper with the id `name`."""
    from equipoise.papers.machinery.paper import Paper

    found = module.PAPER
    if not isinstance(found, Paper):
        raise TypeError(f"{module.__name__}.PAPER is {type(found).__name__}, not a Paper.")
    if found.id != name:
        raise ValueError(f"The paper in {module.__name__} has the id {found.id!r}; it must be the name of its folder.")
    return found


def papers() -> tuple["Paper", ...]:
    """All papers of the package."""
    return tuple(paper(name) for name in PAPERS)
