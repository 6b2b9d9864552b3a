"""A new paper from templates: its folder, a claim that runs, its test and its page."""

import contextlib
import datetime
import keyword
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import jinja2

from equipoise.core.errors import InputError
from equipoise.core.files import whole_folder, write_text
from equipoise.papers.machinery.checkout import Checkout

_TEMPLATES = Path(__file__).parent / "templates" / "paper"
_NAME, _CLAIM = re.compile(r"[a-z][a-z0-9_]{0,29}"), re.compile(r"[A-Za-z][A-Za-z0-9_]{0,29}(\.[0-9]{1,9})?")
_OWN_NAMES = ("machinery", "registry", "shared", "equipoise")


class NewPaper(NamedTuple):
    """What was made: the id of the paper, its files, shared files that name it now, and the commands that follow."""

    paper: str
    files: tuple[Path, ...]
    changed: tuple[Path, ...]
    commands: tuple[str, ...]


def new_paper(name: str, *, claim: str = "proposition1", checkout: Checkout | None, out: Path) -> NewPaper:
    """Make a paper that holds as it is, to be rewritten claim by claim.

    - `name`: the id of the paper, such as "smith2026": lower-case letters, digits and _.
    - `claim`: the id of its first claim, such as "lemma3.2"; "proposition1" by default.
    - `checkout`: the checkout of this package to put it into; None for a folder of its own, which
      `equipoise reproduce` runs by its path.
    - `out`: where the folder goes if there is no checkout.

    Nothing is made unless all of it can be. Raises `InputError` for an id that cannot be one or is taken.
    """
    _check(name, claim)
    if checkout is None:
        return _standalone(name, claim, out)
    return _in_checkout(name, claim, checkout)


def _check(name: str, claim: str) -> None:
    if not _NAME.fullmatch(name) or keyword.iskeyword(name) or name in _OWN_NAMES:
        raise InputError(
            f"A paper cannot be called {name!r}; use up to 30 lower-case letters, digits and _, such as smith2026."
        )
    module = _module(claim)
    if not _CLAIM.fullmatch(claim) or keyword.iskeyword(module) or module in _OWN_NAMES:
        raise InputError(f"A claim cannot be called {claim!r}; use a name such as theorem1, lemma3.2 or figure2.")


def _module(claim: str) -> str:
    return claim.replace(".", "_")


def _standalone(name: str, claim: str, out: Path) -> NewPaper:
    folder = out / name
    if folder.exists():
        raise InputError(f"There is already a {folder}; choose another name or another folder.")
    values = _values(name, claim, name, standalone=True)
    texts = _package(claim, values)
    texts[f"test_{name}.py"] = _rendered("test_standalone.py.jinja", values)
    texts["README.md"] = _rendered("readme.md.jinja", values)
    with whole_folder(folder) as made:
        for place, text in texts.items():
            write_text(made / place, text)
    commands = (f"equipoise reproduce {folder} --quick --out out", f"pytest {folder}")
    return NewPaper(name, tuple(folder / place for place in texts), (), commands)


def _in_checkout(name: str, claim: str, checkout: Checkout) -> NewPaper:
    values = _values(name, claim, f"equipoise.papers.{name}", standalone=False)
    folder = checkout.papers / name
    texts = {folder / place: text for place, text in _package(claim, values).items()}
    texts[checkout.tests / name / "test_reproduction.py"] = _rendered("test_in_package.py.jinja", values)
    texts[checkout.docs / f"{name}.md"] = _rendered("page.md.jinja", values)
    for path in (folder, *texts):
        if path.exists():
            raise InputError(f"There is already a {path}; choose another name.")
    lists = checkout.with_paper(name, values["label"])
    _write_all(texts, lists)
    assets = checkout.docs / "assets" / name
    commands = (
        f"pytest {checkout.tests / name}",
        f"equipoise reproduce {name} --out out",
        f"mkdir -p {assets} && cp out/claims.json out/figures/*.png {assets}",
        f"python benchmarks/false_alarms.py {name} --seeds 24 --out {folder / 'false_alarms.json'}",
    )
    return NewPaper(name, tuple(texts), tuple(lists), commands)


def _write_all(texts: Mapping[Path, str], lists: Mapping[Path, str]) -> None:
    """Write new files, then the shared lists; if one fails, take back all of them."""
    before = {path: path.read_text(encoding="utf-8") for path in lists}
    try:
        for path, text in (*texts.items(), *lists.items()):
            write_text(path, text)
    except BaseException:
        for path in texts:
            path.unlink(missing_ok=True)
            for folder in (path.parent, path.parent.parent):
                with contextlib.suppress(OSError):
                    folder.rmdir()  # only if empty
        for path, text in before.items():
            write_text(path, text)
        raise


def _package(claim: str, values: Mapping[str, object]) -> dict[str, str]:
    """The files of the package itself, by their place in it."""
    places = {
        "__init__.py": "init.py.jinja",
        f"{_module(claim)}.py": "claim.py.jinja",
        "shared/__init__.py": "shared.py.jinja",
        "shared/seeds.py": "seeds.py.jinja",
    }
    return {place: _rendered(template, values) for place, template in places.items()}


def _values(name: str, claim: str, package: str, *, standalone: bool) -> dict[str, object]:
    found = re.fullmatch(r"([a-z]+)(\d{4})", name)
    return {
        "name": name,
        "claim": claim,
        "module": _module(claim),
        "package": package,
        "standalone": standalone,
        "year": int(found[2]) if found else datetime.date.today().year,
        "label": f"{found[1].capitalize()} ({found[2]})" if found else name,
    }


def _rendered(template: str, values: Mapping[str, object]) -> str:
    loader = jinja2.FileSystemLoader(_TEMPLATES)
    environment = jinja2.Environment(
        loader=loader,
        trim_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,
    )
    return environment.get_template(template).render(values)
