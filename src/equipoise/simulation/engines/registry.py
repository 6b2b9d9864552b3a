"""The engines by name, and the choice of the engine for an experiment."""

from collections.abc import Callable

from equipoise.core.errors import InputError
from equipoise.simulation.batch import Experiment
from equipoise.simulation.engines.interface import AbstractEngine
from equipoise.simulation.engines.law import Law
from equipoise.simulation.engines.native import Native, NativeLaw, is_slower_than_xla
from equipoise.simulation.engines.xla import XLA

ENGINES: dict[str, AbstractEngine] = {engine.name: engine for engine in (Native(), XLA(), Law())}
"""The engines by name, the fastest first. Add a new engine here."""

SLOWER: dict[str, Callable[[Experiment], bool]] = {"native": is_slower_than_xla}
"""Which experiments an engine can run, but another is known to run faster; "auto" then passes it over."""

FASTER: dict[str, AbstractEngine] = {"law": NativeLaw()}
"""Engines that take the place of the one of a name where they can: they give the same paths, up to rounding."""

AUTO = "auto"


def choose_engine(asked: str | AbstractEngine, experiment: Experiment) -> AbstractEngine:
    """The engine given by name or as an object; for "auto" the first that can run the experiment and is not slower.

    An object is taken as it is; of a name it may be a faster form.

    Raises `InputError` for an unknown name, and with the reason if the engine cannot run the experiment.
    """
    if isinstance(asked, str):
        if asked == AUTO:
            return next(engine for engine in ENGINES.values() if _is_chosen(engine, experiment))
        if asked not in ENGINES:
            raise InputError(f"There is no engine {asked!r}; choose {AUTO} or one of {', '.join(ENGINES)}.")
        faster = FASTER.get(asked)
        if faster is not None and not faster.refusal(experiment):
            return faster
        asked = ENGINES[asked]
    why = asked.refusal(experiment)
    if why:
        raise InputError(f"The {asked.name} engine {why}; use engine={AUTO!r}.")
    return asked


def _is_chosen(engine: AbstractEngine, experiment: Experiment) -> bool:
    return not engine.refusal(experiment) and not (engine.name in SLOWER and SLOWER[engine.name](experiment))
