"""The arithmetic of records, in PyTorch."""

from collections.abc import Mapping, Sequence

from equipoise.adapters.arithmetic import LayerArrays, Tensor, matrix_invariants, observed
from equipoise.adapters.history import Engine
from equipoise.adapters.laws.history import LawEngine
from equipoise.adapters.laws.law import Law
from equipoise.adapters.laws.matrices import block_matrices, matrix_sizes
from equipoise.adapters.laws.sums import Key, squares_along
from equipoise.adapters.plan import Plan
from equipoise.adapters.torch.arrays import LIBRARY, given, stacked


def pair_engine(plan: Plan) -> Engine:
    """The arithmetic for these pairs; a model may move to another device between records."""

    def vector(layers: Sequence[LayerArrays], start: Sequence[Tensor]) -> Tensor:
        return observed(LIBRARY, layers, plan.links, _there(start, layers[0].weight))

    return Engine(lambda layers: matrix_invariants(LIBRARY, layers, plan.links), vector, stacked, given)


def law_engine() -> LawEngine:
    """The arithmetic for laws."""

    def matrices(weights: Mapping[str, Tensor], laws: Sequence[Law]) -> Sequence[Tensor]:
        return block_matrices(LIBRARY, laws, weights)

    def vector(
        weights: Mapping[str, Tensor], keys: Sequence[Key], laws: Sequence[Law], start: Sequence[Tensor]
    ) -> Tensor:
        sums = squares_along(LIBRARY, weights, keys)
        return LIBRARY.joined([sums, *matrix_sizes(matrices(weights, laws), _there(start, sums))])

    return LawEngine(vector, matrices, stacked, given)


def _there(tensors: Sequence[Tensor], beside: Tensor) -> list[Tensor]:
    """The tensors on the device of another."""
    return [tensor.to(beside.device) for tensor in tensors]
