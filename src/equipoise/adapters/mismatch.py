"""A test whether gradients obey the law behind the invariants."""

from collections.abc import Sequence

from equipoise.adapters.arithmetic import LayerArrays, Library, matrix_invariants, neuron_sums
from equipoise.adapters.plan import Plan


def mismatches(
    library: Library, plan: Plan, layers: Sequence[LayerArrays], gradients: Sequence[LayerArrays]
) -> dict[str, float]:
    """For each pair, the error of ⟨W[i,:], ∂W[i,:]⟩ + b_i∂b_i = ⟨V[:,i], ∂V[:,i]⟩ at the worst neuron, from 0 to 1.

    It is relative to the largest possible value of the two sides, ‖W[i,:]‖‖∂W[i,:]‖ + ‖V[:,i]‖‖∂V[:,i]‖
    (Cauchy-Schwarz), and 0 if all gradients are 0. Twice the difference of the sides is the rate at which gradient flow
    changes the invariant (Du et al., 2018, proof of Theorem 2.1). For linear pairs the entries of W∂Wᵀ + b∂bᵀ − ∂VᵀV
    count as well.
    """
    _, crossed = neuron_sums(library, layers, plan.links, gradients)
    _, squares = neuron_sums(library, layers, plan.links)
    _, slopes = neuron_sums(library, gradients, plan.links)
    matrices = iter(matrix_invariants(library, layers, plan.links, gradients))
    found = {}
    for pair, link, cross, own, slope in zip(plan.pairs, plan.links, crossed, squares, slopes, strict=True):
        bound = float(((own[0] * slope[0]) ** 0.5 + (own[1] * slope[1]) ** 0.5).max())
        difference = float(abs(cross[0] - cross[1]).max())
        if link.matrix:
            difference = max(difference, float(abs(next(matrices)).max()))
        found[pair.name] = difference / bound if bound else 0.0
    return found
