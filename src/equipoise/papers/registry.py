"""The papers by id, each imported when it is first asked for."""

import importlib

from equipoise.core.errors import InputError
from equipoise.papers.paper import Paper

MODULES = {
    "liu2021": "equipoise.papers.liu2021",
    "du2018": "equipoise.papers.du2018",
    "gunasekar2017": "equipoise.papers.gunasekar2017",
}
"""Paper id -> the package that exposes it as `PAPER`. A new paper is one line here."""


def known() -> tuple[str, ...]:
    """The ids of all papers."""
    return tuple(MODULES)


def paper(name: str) -> Paper:
    """The paper of id `name`; `InputError`, naming the known ones, if there is none."""
    if name not in MODULES:
        raise InputError(f"There is no paper {name!r}; choose from {', '.join(MODULES)}.")
    found = importlib.import_module(MODULES[name]).PAPER
    if not isinstance(found, Paper):
        raise TypeError(f"{MODULES[name]}.PAPER is {type(found).__name__}, not a Paper.")
    return found


def papers() -> tuple[Paper, ...]:
    """All papers."""
    return tuple(paper(name) for name in MODULES)
