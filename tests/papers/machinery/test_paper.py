"""A paper: its claims by id, and how it is cited."""

import pytest

from equipoise.core.errors import InputError
from equipoise.papers import Paper


def test_claims_are_chosen_in_the_papers_order(bench):
    chosen = bench.paper.select(["third", "first"])
    assert [claim.id for claim in chosen] == ["first", "third"]
    assert bench.paper.select() == bench.paper.claims
    with pytest.raises(InputError, match=r"no claim 'second'; choose from first, second.1, third"):
        bench.paper.select(["first", "second"])


def test_ids_are_unique(bench):
    first = bench.paper.claims[0]
    with pytest.raises(InputError, match="two claims first"):
        Paper("fake", "", "", 2020, "", (first, first))


def test_citation(bench):
    assert bench.paper.citation == "A. Author (2020). On <made-up> things. Nowhere."


def test_a_claim_is_told_with_the_id_of_its_paper(bench):
    claim = bench.paper.claims[2]
    about = {"id": "third", "paper": "fake", "source": "Section third"}
    about |= {"statement": claim.statement, "printed": claim.printed.says}
    assert bench.paper.about(bench.paper.claims[2]) == about
