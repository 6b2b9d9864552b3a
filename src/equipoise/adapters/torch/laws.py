"""The conservation laws of a PyTorch model, found from its gradients."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import nn

from equipoise.adapters.laws.law import GradientLaws
from equipoise.adapters.laws.matrices import with_matrices
from equipoise.adapters.laws.samples import Samples
from equipoise.adapters.laws.search import find_laws
from equipoise.adapters.laws.verify import verified
from equipoise.adapters.torch.layouts import is_sharded
from equipoise.adapters.torch.sampling import Pass, empty_samples, rows_of, shaken, trained_parameters
from equipoise.core.checks import positive_number, whole_number
from equipoise.core.errors import InputError
from equipoise.core.types import RealNumber


def conservation_laws(
    model: Any,
    backward: Callable[[], Any],
    *,
    passes: int = 6,
    perturbation: RealNumber = 0.3,
    seed: int = 0,
    matrix_width: int = 128,
    tolerance: RealNumber | None = None,
) -> GradientLaws:
    """The conservation laws of a PyTorch model, found from a few of its backward passes and without its graph.

    Gradient flow keeps Σ_k c_k‖w_k‖² over the weights of a channel if Σ_k c_k⟨w_k, ∂w_k⟩ = 0 there for all data. The
    sums of w·∂w of every parameter and axis are collected, and their null space in small whole numbers is given: for
    single channels, parts of fused layers, heads that share keys and values, rotary pairs, experts, and for the scales
    on which a norm layer makes the loss independent. Laws that hold but for the ε of a norm layer are marked as
    approximate. Each law is tested on a further pass, and dropped with a warning if it fails.

    - `model`: the torch.nn.Module. Its parameters, buffers and gradients are afterward what they were.
    - `backward`: a function that runs the model on fresh data and calls `loss.backward()`, once each time it is called.
    - `passes`: how many passes the laws are found from; narrow layers need more.
    - `perturbation`: how far the parameters are moved before each pass, relative to their root mean square. It tells
      true laws from such as hold at a start of zeros and ones alone. 0.3 by default.
    - `seed`: the seed of these moves.
    - `matrix_width`: the widest law that is tested for being one of whole matrices; 128 by default.
    - `tolerance`: the residual up to which a law counts as exact; by default it follows from the precision of the
      parameters. Give a larger one if the passes run in a lower precision, as under autocast.

    Raises `InputError` if `model` is no module or has nothing to train, and if a pass leaves no gradients, or such as
    are not finite. Source: Du et al. (2018), Theorems 2.1 to 2.3; S. Marcotte, R. Gribonval and G. Peyré, Abide by the
    law and follow the flow (2023).
    """
    if not isinstance(model, nn.Module):
        raise InputError(f"model is of type {type(model).__name__}; it must be a torch.nn.Module.")
    count = whole_number("passes", passes, 1)
    model = getattr(model, "_orig_mod", model)
    parameters = trained_parameters(model)
    if any(is_sharded(p) for p in parameters.values()):
        raise InputError("Processes share the weights; find the laws before the model is sharded.")
    samples, fresh = (empty_samples(model, parameters) for _ in range(2))
    limit = None if tolerance is None else positive_number("tolerance", tolerance)
    with _restored(model, parameters):
        moves = shaken(parameters, whole_number("seed", seed, 0), positive_number("perturbation", perturbation))
        for number in range(count + 1):
            next(moves)
            _pass(model, parameters, backward, samples if number < count else fresh)
        laws = verified(find_laws(samples, tolerance=limit), fresh)
        widest = whole_number("matrix_width", matrix_width, 0)
        extended = with_matrices(laws.laws, lambda column: rows_of(parameters, column), widest, laws.tolerance)
    return laws.replaced(extended)


def _pass(model: nn.Module, parameters: Mapping[str, nn.Parameter], backward: Callable[[], Any], to: Samples) -> None:
    """One backward pass, with gradients from zero."""
    model.zero_grad(set_to_none=True)
    with torch.enable_grad():
        backward()
    taken = Pass(to)
    for name, parameter in parameters.items():
        taken.take(name, parameter)
    if not any(parameter.grad is not None for parameter in parameters.values()):
        raise InputError("backward left no gradients; it must run the model and call loss.backward().")
    if not taken.finish():
        raise InputError("The gradients are not finite; give a smaller perturbation, or other data.")


@contextlib.contextmanager
def _restored(model: nn.Module, parameters: Mapping[str, nn.Parameter]) -> Iterator[None]:
    """Put parameters, buffers and gradients back, however it ends."""
    tensors = [*parameters.values(), *model.buffers()]
    values = [tensor.detach().clone() for tensor in tensors]
    gradients = [(parameter, parameter.grad) for parameter in model.parameters()]
    try:
        yield
    finally:
        with torch.no_grad():
            for tensor, value in zip(tensors, values, strict=True):
                tensor.copy_(value)
        for parameter, gradient in gradients:
            parameter.grad = gradient
