"""Every public name is on an API page."""

import importlib
import importlib.util
import pkgutil
import re
from pathlib import Path

import pytest

import equipoise

PAGES = Path(__file__).parents[2] / "docs" / "api"
ENTRY = re.compile(r"^::: (equipoise[\w.]*)$", re.MULTILINE)
SUBPACKAGES = [m.name for m in pkgutil.iter_modules(equipoise.__path__) if m.ispkg and m.name != "cli"]
TEXTS = {page.name: page.read_text(encoding="utf-8") for page in sorted(PAGES.glob("*.md"))}


def resolve(path: str):
    """The object at a dotted path: modules as far as they go, attributes from there."""
    found = equipoise
    parts = path.split(".")[1:]
    for i, part in enumerate(parts, start=2):
        name = ".".join(path.split(".")[:i])
        try:
            found = importlib.import_module(name)
        except ModuleNotFoundError:
            found = getattr(found, part)
    return found


def exports(subpackage: str) -> dict[str, object]:
    """The names that a subpackage gives away: those that its __init__, or the stub of it, imports `as` themselves."""
    module = importlib.import_module(f"equipoise.{subpackage}")
    stub = Path(module.__file__).with_suffix(".pyi")
    source = (stub if stub.exists() else Path(module.__file__)).read_text(encoding="utf-8")
    names = re.findall(r"^from \S+ import (\w+) as \1$", source, re.MULTILINE)
    return {name: getattr(module, name) for name in names}


# the adapter of PyTorch cannot be imported without it, nor its callbacks without their frameworks
ABSENT = tuple(
    f"equipoise.adapters.torch.{package}".removesuffix("torch")
    for package in ("torch", "transformers", "lightning")
    if not importlib.util.find_spec(package)
)
DOCUMENTED = [resolve(p) for text in TEXTS.values() for p in ENTRY.findall(text) if not p.startswith(ABSENT)]


@pytest.mark.parametrize("subpackage", SUBPACKAGES)
def test_every_export_has_an_entry(subpackage):
    from equipoise.observables import Observable

    missing = [
        name
        for name, found in exports(subpackage).items()
        if not any(found is other for other in DOCUMENTED)
        and not (isinstance(found, Observable) and f"`{name}`" in TEXTS["observables.md"])
    ]
    assert not missing, f"put ::: equipoise.{subpackage}.NAME on a page in docs/api for {missing}"


def test_every_top_level_name_has_an_entry():
    modules = {name for name in equipoise.__all__ if hasattr(getattr(equipoise, name), "__path__")}
    missing = [
        n for n in equipoise.__all__ if n not in modules and not any(getattr(equipoise, n) is d for d in DOCUMENTED)
    ]
    assert not missing
    assert modules <= set(SUBPACKAGES)


def test_no_entry_is_there_twice():
    paths = [path for text in TEXTS.values() for path in ENTRY.findall(text)]
    assert sorted(set(paths)) == sorted(paths)


@pytest.mark.parametrize("page", [name for name in TEXTS if name != "index.md"])
def test_every_page_has_entries(page):
    assert ENTRY.search(TEXTS[page])


def test_observables_by_name_are_tabled_with_their_variables():
    from equipoise.observables import BY_NAME

    for name, observable in BY_NAME.items():
        for word in (name, *(variable.name for variable in observable.variables)):
            assert f"`{word}`" in TEXTS["observables.md"]
