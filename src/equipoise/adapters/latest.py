"""The last record as numbers by name, for tools that log numbers."""

from collections.abc import Collection, Mapping

import numpy as np

from equipoise.adapters.history import History
from equipoise.adapters.laws.history import LawHistory
from equipoise.adapters.laws.law import Law

PREFIX = "balance"


def latest_of_pairs(history: History, without: Collection[str] = ()) -> dict[str, float]:
    """The last record of pairs: the largest drift of a neuron, and drift, balance and difference of each pair."""
    values = history.records.latest()
    if not values:
        return {}
    plan = history.plan
    kept = {k: pair for k, pair in enumerate(plan.pairs) if pair.name not in without}
    names = {k: f"{pair.first} to {pair.second}" for k, pair in kept.items()}
    numbers = {f"squared_norms/{name}": values["squared_norms"][k] for k, name in enumerate(plan.layers)}
    for variable in ("norm_ratios", "norm_differences", "neuron_drift"):
        numbers |= {f"{variable}/{name}": values[variable][k] for k, name in names.items()}
    linear = [(place, k) for place, k in enumerate(plan.linear) if k in names]
    numbers |= {f"matrix_drift/{names[k]}": values["matrix_drift"][place] for place, k in linear}
    drifts = [values["neuron_drift"][k] for k in names]
    return _flat(history.steps[-1], {"largest_drift": max(drifts, default=0.0), **numbers})


def latest_of_laws(history: LawHistory) -> dict[str, float]:
    """The last record of laws: the largest drift of a channel, the norm of all parameters, and the drift of each law.

    It is empty while the laws are not known.
    """
    values = history.records.latest()
    if not values or history.laws is None:
        return {}
    names = [f"{k} {_ends(law)}" for k, law in enumerate(history.laws.laws)]
    numbers = {
        "largest_drift": values["law_drift"].max(initial=0.0),
        "squared_norm": values["squared_norms"].sum(),
        **{f"law_drift/{name}": values["law_drift"][k] for k, name in enumerate(names)},
        **{f"law_sums/{name}": values["law_sums"][k] for k, name in enumerate(names)},
    }
    drifts = zip(history.matrix_laws, values["matrix_drift"], strict=True)
    return _flat(history.steps[-1], {**numbers, **{f"matrix_drift/{names[k]}": drift for k, drift in drifts}})


def _ends(law: Law) -> str:
    """The first and the last parameter of a law, in letters that all tools take."""
    first, *_, last = (*law.parameters, law.parameters[-1])
    return first if first == last else f"{first} to {last}"


def _flat(step: int, numbers: Mapping[str, float | np.floating]) -> dict[str, float]:
    return {f"{PREFIX}/step": float(step), **{f"{PREFIX}/{name}": float(value) for name, value in numbers.items()}}
