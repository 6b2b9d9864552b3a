"""How a replicate ended, as named sentences."""

import enum

import numpy as np


class Status(enum.Enum):
    """Why a replicate took no further step. `str` gives a sentence for people; the name is for programs."""

    completed = "Took all steps."
    stopped = "Met its stop rule before the last step."
    diverged = "Diverged: a parameter became too large to compute with; take a smaller step size or less noise."
    interrupted = "Interrupted before the last step; everything recorded so far is kept."

    def __str__(self) -> str:
        return self.value

    @property
    def code(self) -> int:
        """The number under which the status is stored in arrays: its place among the members."""
        return list(Status).index(self)

    @classmethod
    def of_code(cls, code: int | np.integer) -> "Status":
        """The status stored as `code`."""
        return list(cls)[int(code)]
