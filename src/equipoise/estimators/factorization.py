"""What a factorization hands back."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64

from equipoise.core.files import whole_file
from equipoise.core.status import Status
from equipoise.estimators.rows import Row
from equipoise.estimators.settings import Settings
from equipoise.estimators.target import TOLERANCE, Target
from equipoise.results import Run

PERTURBED, DESCENT = "Perturbed GD", "GD"


@dataclasses.dataclass(frozen=True)
class Factorization:
    """M ≈ XYᵀ, and how it was found.

    `x` (d1 x R) and `y` (d2 x R) in the unit √[M]; `comparison` has a row for GD (missing if it was interrupted before
    it began), Perturbed GD and the truncated SVD; `run` and `descent` are the recorded runs of Perturbed GD and of GD
    without noise; `best` is the replicate that was taken, the one of least loss; `notes` say in a sentence each what
    is not as it should be; `target.best_error` is the least relative error of this rank.
    """

    x: Float64[np.ndarray, "d1 rank"]
    y: Float64[np.ndarray, "d2 rank"]
    comparison: tuple[Row, ...]
    settings: Settings
    seed: int
    run: Run
    descent: Run | None
    best: int
    target: Target
    notes: tuple[str, ...]

    @property
    def status(self) -> Status:
        """How the result ended: completed, or interrupted if either run was."""
        statuses = (self.run.status[self.best], *(self.descent.status if self.descent is not None else ()))
        cut = self.descent is None or Status.interrupted in statuses
        return Status.interrupted if cut else self.run.status[self.best]

    @property
    def row(self) -> Row:
        """The row of this result in the comparison."""
        return next(row for row in self.comparison if row.method == PERTURBED)

    @property
    def converged(self) -> bool:
        """Whether the run ended with the error within 1% of the best one and the balance within 1% of γ."""
        balanced = abs(self.row.balance / self.settings.gamma - 1) <= TOLERANCE
        return self.status is Status.completed and self.target.near(self.row.relative_error) and balanced

    @property
    def excess_error(self) -> float:
        """(relative error − Eckart-Young error)/(Eckart-Young error), with 1e-5 for an Eckart-Young error below it."""
        return self.target.excess(self.row.relative_error)

    def save(self, folder: Path) -> dict[str, Path]:
        """Write factors.npz, run.nc and gradient_descent.nc, each whole or not at all; return their paths.

        `numpy.load` gives x and y, `equipoise.load` the runs. Raises `InputError` if the folder cannot be written.
        """
        factors = folder / "factors.npz"
        with whole_file(factors) as temporary:
            np.savez(temporary, x=self.x, y=self.y)
        paths = {"factors": factors, "run": self.run.save(folder / "run.nc")}
        if self.descent is not None:
            paths["gradient_descent"] = self.descent.save(folder / "gradient_descent.nc")
        return paths

    def summary(self) -> dict[str, Any]:
        """The result and the settings as plain numbers, strings, lists and dictionaries."""
        settings, row = self.settings, self.row
        return {
            "shape": [self.x.shape[0], self.y.shape[0]],
            "rank": self.x.shape[1],
            "gamma": settings.gamma,
            "steps": settings.steps,
            "noisy_steps": settings.noisy_steps,
            "step_size": settings.step_size,
            "step_sizes": list(settings.step_sizes),
            "largest_step_size": settings.largest_step_size,
            "noise": settings.noise[1],
            "noise_std": list(settings.noise),
            "noise_time_constant": settings.time_constant,
            "start_balance": settings.start_balance,
            "start_scale": settings.start_scale,
            "seed": self.seed,
            "replicates": len(self.run.status),
            "replicate": self.best,
            "eckart_young_error": self.target.best_error,
            **{name: getattr(row, name) for name in ("relative_error", "balance", "nuclear_norm", "sharpness")},
            "condition_number": row.condition_number,
            "excess_error": self.excess_error,
            "steps_taken": row.steps,
            "spread": self.spread(),
            "comparison": [row._asdict() for row in self.comparison],
            "status": self.status.name,
            "converged": self.converged,
            "notes": list(self.notes),
        }

    def spread(self) -> dict[str, Any]:
        """Least, median and largest over the replicates that did not diverge, and how many did."""
        kept = np.array([status is not Status.diverged for status in self.run.status])
        final = self.run.dataset.isel(step=-1, replicate=np.flatnonzero(kept))
        found = {
            "relative_error": np.sqrt(2 * final["loss"].values) / self.target.norm,
            "balance": final["balance"].values,
        }
        numbers = {name: np.quantile(values, (0.0, 0.5, 1.0)).tolist() for name, values in found.items()}
        return {**numbers, "diverged": int((~kept).sum())}


def notes_on(target: Target, settings: Settings, rows: list[Row], statuses: tuple[Status, ...]) -> tuple[str, ...]:
    """What the user should know of a result that is not as it should be, in a sentence each."""
    notes = []
    for row in rows:
        if row.status == Status.interrupted.name:
            notes.append(f"{row.method} was interrupted at step {row.steps} of {settings.steps}.")
        if row.status == Status.diverged.name:
            notes.append(f"{row.method} diverged at step {row.steps}.")
    mine = next(row for row in rows if row.method == PERTURBED)
    excess, off = target.excess(mine.relative_error), mine.balance / settings.gamma - 1
    if not target.near(mine.relative_error):
        notes.append(
            f"The error {mine.relative_error:.4g} is {excess:.1%} above the least possible, {target.best_error:.4g}; "
            f"take more than {settings.steps} steps."
        )
    if not abs(off) <= TOLERANCE:
        remedy = "some noise" if settings.noise[1] == 0 else f"more than {settings.steps} steps, or more noise"
        notes.append(f"The balance is {mine.balance:.4g} and not {settings.gamma:g}; take {remedy}.")
    diverged = sum(status is Status.diverged for status in statuses)
    if diverged:
        notes.append(f"{diverged} of {len(statuses)} replicates diverged; take a smaller step size or less noise.")
    return tuple(notes)
