"""How layers lay out their weights: with outputs first, as Linear does, or with inputs first."""

import math
import sys

import torch
from torch import nn

from equipoise.adapters.plan import Shape

TRANSPOSED_CONVOLUTIONS = {nn.ConvTranspose1d: 1, nn.ConvTranspose2d: 2, nn.ConvTranspose3d: 3}
"""The convolutions whose weights have inputs first, with the number of axes of positions."""

_INPUTS_FIRST = (*TRANSPOSED_CONVOLUTIONS, nn.Embedding, nn.EmbeddingBag)


def is_transposed(layer: nn.Module) -> bool:
    """Whether inputs come first in the weight: in transposed convolutions, embeddings, and Conv1D of transformers."""
    conv1d = getattr(sys.modules.get("transformers.pytorch_utils"), "Conv1D", ())
    return isinstance(layer, (_INPUTS_FIRST, conv1d))


def shape_of(layer: nn.Module, weight: torch.Tensor) -> Shape:
    """The numbers of outputs, inputs, positions and groups of a layer with this weight."""
    outputs, inputs, *window = weight.shape
    groups = int(getattr(layer, "groups", 1))
    if is_transposed(layer):
        outputs, inputs = inputs * groups, outputs // groups
    has_bias = getattr(layer, "bias", None) is not None
    return Shape(outputs, inputs, math.prod(window), groups, has_bias, is_transposed(layer))


def laid_out(weight: torch.Tensor, shape: Shape) -> torch.Tensor:
    """The weight, or its gradient, as (outputs, inputs within a group, positions)."""
    if shape.transposed:
        by_group = gathered(weight).reshape(shape.groups, shape.inputs, -1, shape.positions)
        weight = by_group.transpose(1, 2)
    return weight.reshape(shape.outputs, shape.inputs, shape.positions)


def is_sharded(tensor: torch.Tensor) -> bool:
    """Whether processes hold parts of the tensor, as FSDP2 and tensor parallelism do."""
    kind = getattr(sys.modules.get("torch.distributed.tensor"), "DTensor", ())
    return isinstance(tensor, kind)


def gathered(tensor: torch.Tensor) -> torch.Tensor:
    """The whole tensor; all processes that hold a part of it must ask for it together."""
    return tensor.full_tensor() if is_sharded(tensor) else tensor  # type: ignore[attr-defined]
