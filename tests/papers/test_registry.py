import sys
import types

import pytest

from equipoise.core.errors import InputError
from equipoise.papers import Paper, known, paper, registry


@pytest.fixture
def only_fake(bench, monkeypatch):
    module = types.ModuleType("equipoise_fake_paper")
    module.PAPER = bench.paper
    monkeypatch.setitem(sys.modules, "equipoise_fake_paper", module)
    monkeypatch.setattr(registry, "MODULES", {"fake": "equipoise_fake_paper"})
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


def test_entries_are_chosen_in_the_papers_order(bench):
    chosen = bench.paper.select(["third", "first"])
    assert [entry.id for entry in chosen] == ["first", "third"]
    assert bench.paper.select() == bench.paper.entries
    with pytest.raises(InputError, match=r"no entry 'second'; choose from first, second.1, third"):
        bench.paper.select(["first", "second"])


def test_ids_are_unique(bench):
    first = bench.paper.entries[0]
    with pytest.raises(InputError, match="two entries first"):
        Paper("fake", "", "", 2020, "", (first, first))


def test_citation(bench):
    assert bench.paper.citation == "A. Author (2020). On <made-up> things. Nowhere."
