"""Coupled layers of a model: read from its graph, followed from layer to layer."""

from equipoise.adapters.torch.pairing.flow import Found as Found
from equipoise.adapters.torch.pairing.flow import find_pairs as find_pairs
from equipoise.adapters.torch.pairing.flow import pairs_of as pairs_of
