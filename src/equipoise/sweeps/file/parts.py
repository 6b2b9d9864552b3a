"""The parts of a point from the tables of a file: problem, noise, method and start, made by the public constructors."""

import dataclasses
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from equipoise.core.errors import InputError
from equipoise.core.messages import nearest
from equipoise.dynamics import (
    GradientDescent,
    GradientFlow,
    LineSearch,
    MatrixFlow,
    PerturbedGD,
    ProjectedGradient,
    RegularizedGD,
)
from equipoise.initial import Balanced, Constant, GaussianOfNorm, Identity, OrthogonalToSignal, Saddle
from equipoise.initial import Gaussian as GaussianStart
from equipoise.noise import Annealed, Fading, Gaussian, StudentT, Uniform, balanced
from equipoise.problems import factorization, planted, planted_network, valley
from equipoise.sweeps.file.keys import Place, check_keys

NOISE = "noise"
KIND = "kind"

KINDS: dict[str, dict[str, Callable[..., Any]]] = {
    "problem": {
        "factorization": factorization,
        "planted": planted,
        "planted_network": planted_network,
        "valley": valley,
    },
    "noise": {
        "Gaussian": Gaussian,
        "balanced": balanced,
        "Uniform": Uniform,
        "StudentT": StudentT,
        "Annealed": Annealed,
        "Fading": Fading,
    },
    "method": {
        "GradientDescent": GradientDescent,
        "PerturbedGD": PerturbedGD,
        "ProjectedGradient": ProjectedGradient,
        "RegularizedGD": RegularizedGD,
        "LineSearch": LineSearch,
        "GradientFlow": GradientFlow,
        "MatrixFlow": MatrixFlow,
    },
    "start": {
        "Gaussian": GaussianStart,
        "Balanced": Balanced,
        "Constant": Constant,
        "GaussianOfNorm": GaussianOfNorm,
        "Identity": Identity,
        "OrthogonalToSignal": OrthogonalToSignal,
        "Saddle": Saddle,
    },
}
"""What each table may make, by the value of its key `kind`; its other keys are the arguments."""


class Axis(NamedTuple):
    """The value of an axis, which a file writes as "$name"."""

    name: str


@dataclasses.dataclass(frozen=True)
class FileMake:
    """The `make` of a study from a file.

    - `tables`: the arguments of each part, by the name of its table; values of axes stand as `Axis`.
    """

    tables: dict[str, dict[str, Any]]

    def __call__(self, **point: Any) -> tuple[Any, Any, Any]:
        """The problem, the method and the law of the starts of a point."""
        made: dict[str, Any] = {}
        for part in ("problem", NOISE, "method", "start"):
            if part in self.tables:
                given = {key: _filled(value, point) for key, value in self.tables[part].items() if key != KIND}
                extra = {NOISE: made[NOISE]} if part == "method" and NOISE in made else {}
                made[part] = KINDS[part][self.tables[part][KIND]](**given, **extra)
        return made["problem"], made["method"], made["start"]


def checked_part(name: str, table: dict[str, Any], place: Place, *, noise: bool) -> dict[str, Any]:
    """The table of a part after a check of its kind and keys; "$name" becomes `Axis`, and lists tuples.

    - `noise`: whether the file has a table of noise, which a method gets.

    Raises `InputError` for an unknown kind or key, and for one that is missing.
    """
    kinds = KINDS[name]
    kind = table.get(KIND)
    if kind not in kinds:
        said = f"has the kind {kind!r}{nearest(str(kind), kinds)}" if KIND in table else "has no kind"
        raise InputError(f"{place} {said}; choose {', '.join(kinds)}.")
    parameters = inspect.signature(kinds[kind]).parameters
    known = [p for p in parameters if p != NOISE]
    needed = [p for p in known if parameters[p].default is inspect.Parameter.empty]
    check_keys(table, [KIND, *known], needed, place)
    if name == "method" and (NOISE in parameters) != noise:
        said = "needs the table [noise]" if not noise else "takes no noise, but there is a table [noise]"
        raise InputError(f"The method {kind} {said} in {place.file}; {'add' if not noise else 'remove'} it.")
    return {key: _prepared(value) for key, value in table.items()}


def axes_in(value: Any) -> set[str]:
    """The names of the axes that a value of a table stands for."""
    if isinstance(value, Axis):
        return {value.name}
    if isinstance(value, tuple):
        return {name for part in value for name in axes_in(part)}
    return {name for part in value.values() for name in axes_in(part)} if isinstance(value, dict) else set()


def _prepared(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("$"):
        return Axis(value[1:])
    return tuple(_prepared(part) for part in value) if isinstance(value, list) else value


def _filled(value: Any, point: dict[str, Any]) -> Any:
    if isinstance(value, Axis):
        return point[value.name]
    if isinstance(value, tuple):
        return tuple(_filled(part, point) for part in value)
    return np.asarray(value) if isinstance(value, np.ndarray) else value
