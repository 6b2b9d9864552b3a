"""A paper in a folder of the user's own, outside this package."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

from equipoise.core.errors import InputError
from equipoise.papers.machinery.paper import Paper


def paper_in(folder: Path) -> Paper:
    """The paper of a folder that is a package and exposes it as `PAPER`.

    The folder that it lies in is put on the path of imports, as that of a script is, since other processes find the
    functions of claims by name. Raises `InputError` if it is no package, if its name is that of another module, or if
    it exposes no paper with its name as the id.
    """
    folder = folder.resolve()
    if not (folder / "__init__.py").is_file():
        raise InputError(f"There is no __init__.py in {folder}; make a paper with: equipoise new-paper NAME")
    found = getattr(_imported(folder), "PAPER", None)
    if not isinstance(found, Paper):
        raise InputError(f"{folder / '__init__.py'} exposes no paper; set PAPER = Paper(…) there.")
    if found.id != folder.name:
        raise InputError(f"The paper in {folder} has the id {found.id!r}; give it the name of its folder.")
    return found


def _imported(folder: Path) -> ModuleType:
    """The folder as a package."""
    if not folder.name.isidentifier():
        raise InputError(f"The folder {folder} cannot be imported by its name; use letters, digits and _ in it.")
    if (parent := str(folder.parent)) not in sys.path:
        sys.path.insert(0, parent)
    importlib.invalidate_caches()
    module = importlib.import_module(folder.name)
    where = getattr(module, "__file__", None)
    if where is None or Path(where).resolve().parent != folder:
        raise InputError(f"There is another module {folder.name!r}; rename the folder {folder}.")
    return module
