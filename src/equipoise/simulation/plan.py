"""How long to run, how much of the ensemble at once, and what came of it."""

from typing import NamedTuple

import numpy as np

from equipoise.core.status import Status


class Plan(NamedTuple):
    """Steps `first_step` to `first_step + steps`, looked at `every` so many; `chunk` replicates at once, or all."""

    seed: int
    replicates: int
    first_step: int
    steps: int
    every: int
    chunk: int | None
    progress: bool | None

    @property
    def last_step(self) -> int:
        """The number of steps taken at the end."""
        return self.first_step + self.steps

    @property
    def recorded_steps(self) -> np.ndarray:
        """The steps at which an uninterrupted run is looked at."""
        return np.unique(np.append(np.arange(self.first_step, self.last_step + 1, self.every), self.last_step))


class Ensemble(NamedTuple):
    """A run as NumPy arrays, with the replicates first and the recorded steps second."""

    steps: np.ndarray
    values: dict[str, np.ndarray]
    theta: tuple[np.ndarray, ...]
    status: tuple[Status, ...]
    end_step: np.ndarray
    seconds: float
