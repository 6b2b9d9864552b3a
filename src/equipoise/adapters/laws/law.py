"""Conservation laws of a model: whole combinations of the squared norms of channels."""

import dataclasses
from collections.abc import Mapping, Sequence

from equipoise.adapters.arithmetic import Tensor
from equipoise.adapters.laws.columns import Column


@dataclasses.dataclass(frozen=True)
class Law:
    """A family of laws, one for each channel i: Σ_k c_k ‖w_k of channel i‖² is kept by gradient flow.

    - `columns`: which entries of the parameters belong to channel i.
    - `coefficients`: the c_k, whole numbers.
    - `residual`: Σ c_k⟨w_k, ∂w_k⟩ on fresh gradients, relative to the size that it would have by chance.
    - `is_approximate`: whether the residual is above rounding, as the ε of a norm layer makes it.
    - `matrix`: the width of the blocks in which the law holds for the whole matrix Σ c_k W_k W_kᵀ, or 0.
    """

    columns: tuple[Column, ...]
    coefficients: tuple[int, ...]
    residual: float
    is_approximate: bool = False
    matrix: int = 0

    @property
    def width(self) -> int:
        """The number of channels, and so of laws."""
        return self.columns[0].width

    @property
    def is_invariance(self) -> bool:
        """Whether all coefficients have one sign: the loss does not depend on the scale of these weights."""
        return min(self.coefficients) > 0

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters, each once."""
        return tuple(dict.fromkeys(column.parameter for column in self.columns))

    def formula(self, shapes: Mapping[str, tuple[int, ...]]) -> str:
        """The law as a formula: `‖fc1.weight[i, :]‖² + ‖fc1.bias[i]‖² − ‖fc2.weight[:, i]‖²`."""
        parts = []
        for c, column in zip(self.coefficients, self.columns, strict=True):
            size = "" if abs(c) == 1 else f"{abs(c)} "
            parts.append(f"{'−' if c < 0 else '+'} {size}‖{column.label(shapes)}‖²")
        return " ".join(parts).removeprefix("+ ")

    def combined(self, sums: Sequence[Tensor]) -> Tensor:
        """Σ c_k x_k, for sums x_k of the columns, (…, width) each."""
        parts = [c * x for c, x in zip(self.coefficients, sums, strict=True)]
        result = parts[0]
        for part in parts[1:]:
            result = result + part
        return result


@dataclasses.dataclass(frozen=True)
class GradientLaws:
    """The conservation laws that gradients obey, found by `conservation_laws` of an adapter.

    - `laws`: the families, the widest first.
    - `shapes`: the shapes of the parameters by name.
    - `tolerance`: residuals of at most this count as rounding.
    - `null`, `next`: the largest singular value that counts as zero, and the smallest that does not.
    - `still`: parameters whose gradient was zero throughout, so that nothing is known of them.
    - `unread`: the number of null vectors without a form in small whole numbers.
    - `undecided`: the widths of channels for which there were too few passes to search the whole model at once.
    """

    laws: tuple[Law, ...]
    shapes: Mapping[str, tuple[int, ...]]
    tolerance: float
    null: float = 0.0
    next: float = float("inf")
    still: tuple[str, ...] = ()
    unread: int = 0
    undecided: tuple[int, ...] = ()

    @property
    def dimension(self) -> int:
        """The number of laws: the sum of the widths of the families."""
        return sum(law.width for law in self.laws)

    @property
    def gap(self) -> float:
        """The smallest singular value that does not count as zero over the largest that does: the surer, the larger."""
        return self.next / max(self.null, 1e-300)

    def replaced(self, laws: Sequence[Law]) -> "GradientLaws":
        """The same with other families."""
        return dataclasses.replace(self, laws=tuple(laws))

    def describe(self) -> list[str]:
        """Each family as a sentence: its formula, how many laws, and how well they hold."""
        return [_described(law, self.shapes) for law in self.laws]

    @property
    def status(self) -> str:
        """How many laws there are, and how sure that is, as a sentence."""
        if not self.laws:
            return "No law is found; the norms of the parameters are recorded."
        found = f"{self.dimension} laws in {len(self.laws)} families"
        sure = f"singular values up to {self.null:.0e} count as zero, the next is {self.next:.0e}"
        left = [f"{len(self.still)} parameters have no gradient"] if self.still else []
        left += [f"{self.unread} laws are not in small whole numbers"] if self.unread else []
        left += [f"too few passes to be complete at width {', '.join(map(str, self.undecided))}"] * bool(self.undecided)
        return "; ".join([found, sure, *left]) + "."

    def __str__(self) -> str:
        return "\n".join([self.status, *(f"  {line}" for line in self.describe())])


def _described(law: Law, shapes: Mapping[str, tuple[int, ...]]) -> str:
    kind = f"{law.width} × " if law.width > 1 else ""
    holds = f"approximate, residual {law.residual:.0e}" if law.is_approximate else f"residual {law.residual:.0e}"
    matrix = f", as matrices of width {law.matrix}" if law.matrix else ""
    invariant = ", no scale" if law.is_invariance else ""
    return f"{kind}{law.formula(shapes)}: {holds}{matrix}{invariant}"
