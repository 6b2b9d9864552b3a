"""Marcotte, Gribonval and Peyré (2025): the laws of residual blocks and of attention."""

from equipoise.papers.machinery.collect import claims_of
from equipoise.papers.machinery.paper import Paper

_CLAIMS = ("blocks", "attention")

PAPER = Paper(
    id="marcotte2025",
    title="Transformative or conservative? Conservation laws for ResNets and transformers",
    authors="S. Marcotte, R. Gribonval, G. Peyré",
    year=2025,
    where="ICML; arXiv:2506.06194",
    claims=claims_of(__name__, _CLAIMS),
)
