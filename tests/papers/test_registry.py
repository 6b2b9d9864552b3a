"""Papers by id: what is known, what is not, and what a paper's folder must hold."""

import dataclasses
import importlib
import pkgutil
import sys
import types

import pytest

from equipoise.core.errors import InputError
from equipoise.papers import known, paper, papers, registry


@pytest.fixture
def only_fake(bench, monkeypatch):
    module = types.ModuleType("equipoise.papers.fake")
    module.PAPER = bench.paper
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(registry, "PAPERS", ("fake",))
    return module


def test_papers_are_found_by_id(only_fake, bench):
    assert known() == ("fake",)
    assert paper("fake") is bench.paper
    assert registry.papers() == (bench.paper,)


def test_an_unknown_paper_is_told_which_are_known(only_fake):
    with pytest.raises(InputError, match="There is no paper 'liu'; choose from fake"):
        paper("liu")


def test_a_package_without_a_paper_is_a_mistake_of_ours(only_fake):
    only_fake.PAPER = "fake"
    with pytest.raises(TypeError, match="not a Paper"):
        paper("fake")


def test_a_paper_in_the_folder_of_another_is_a_mistake_of_ours(only_fake, bench):
    only_fake.PAPER = dataclasses.replace(bench.paper, id="forged")
    with pytest.raises(ValueError, match="has the id 'forged'; it must be the name of its folder"):
        paper("fake")


@pytest.mark.parametrize("found", papers(), ids=lambda found: found.id)
def test_every_module_of_a_paper_is_a_claim_that_is_listed(found):
    """What is no claim lies in `shared`."""
    package = importlib.import_module(f"equipoise.papers.{found.id}")
    parts = list(pkgutil.iter_modules(package.__path__))
    assert [part.name for part in parts if part.ispkg] == ["shared"]
    modules = [part.name for part in parts if not part.ispkg]
    claims = [importlib.import_module(f"{package.__name__}.{name}").CLAIM for name in modules]
    assert [claim.id.replace(".", "_") for claim in claims] == modules
    listed = {claim.id: dataclasses.replace(claim, false_alarm="") for claim in found.claims}
    assert {claim.id: claim for claim in claims} == listed
