"""The result of a factorization."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64

from equipoise.core.files import whole_set, write_arrays, write_json
from equipoise.core.status import Status
from equipoise.estimators.factor.polish import Polish
from equipoise.estimators.factor.scores import PERTURBED, POLISHED, FactorizationScore
from equipoise.estimators.factor.settings import FactorizationSettings
from equipoise.estimators.factor.target import TOLERANCE, Target
from equipoise.plots import draw_runs, save_figure
from equipoise.results import Run

FILES = ("factors.npz", "run.nc", "gradient_descent.nc", "path.png", "path.pdf", "summary.json")
"""The files that `Factorization.save` writes."""


@dataclasses.dataclass(frozen=True)
class Factorization:
    """M ≈ XYᵀ, and how it was found.

    - `x` (d1 x R) and `y` (d2 x R): the factors, in the unit √[M].
    - `scores`: one for each of GD (missing if it was interrupted before it began), Perturbed GD and the truncated SVD.
    - `settings`, `seed`: the settings and the seed of the runs.
    - `run`, `descent`: the recorded runs of Perturbed GD, and of GD without noise.
    - `best`: the number of the replicate taken, which has the least loss.
    - `polish`: what the last step, to the minimum beside the method's end, changed; None if the end is not near one.
    - `predicted`: what theory says of Perturbed GD: the error of the truncated SVD at balance γ, and what follows.
    - `target`: the matrix as a problem; `target.best_error` is the least relative error of this rank.
    - `notes`: one sentence for each thing that is not as it should be.
    - `means` and `scales` (d2,): μ and s if the columns were centered and scaled first, so that M ≈ XYᵀ diag(s) + 1μᵀ;
      else None.
    """

    x: Float64[np.ndarray, "d1 rank"]
    y: Float64[np.ndarray, "d2 rank"]
    scores: tuple[FactorizationScore, ...]
    settings: FactorizationSettings
    seed: int
    run: Run
    descent: Run | None
    best: int
    polish: Polish | None
    predicted: FactorizationScore
    target: Target
    notes: tuple[str, ...]
    means: Float64[np.ndarray, " d2"] | None = None
    scales: Float64[np.ndarray, " d2"] | None = None

    @property
    def status(self) -> Status:
        """How the result ended: interrupted if either run was, else as Perturbed GD did."""
        statuses = (self.run.status[self.best], *(self.descent.status if self.descent is not None else ()))
        cut = self.descent is None or Status.interrupted in statuses
        return Status.interrupted if cut else self.run.status[self.best]

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended a run, or prevented its start."""
        return self.status is Status.interrupted

    @property
    def comparison(self) -> tuple[FactorizationScore, ...]:
        """The same as `scores`."""
        return self.scores

    @property
    def score(self) -> FactorizationScore:
        """The score of this result, found by Perturbed GD, and polished if it ended near a minimum."""
        mine = PERTURBED if self.polish is None else POLISHED
        return next(score for score in self.scores if score.method == mine)

    @property
    def converged(self) -> bool:
        """Whether the run ended with the error within 1% of the best one and the balance within 1% of γ."""
        balanced = abs(self.score.balance / self.settings.gamma - 1) <= TOLERANCE
        return self.status is Status.completed and self.target.near(self.score.relative_error) and balanced

    @property
    def excess_error(self) -> float:
        """(relative error − Eckart-Young error)/(Eckart-Young error); the divisor is at least 1e-5."""
        return self.target.excess(self.score.relative_error)

    def approximation(self) -> Float64[np.ndarray, "d1 d2"]:
        """The matrix that M is near, as an array: XYᵀ, with the scales and the means of the columns put back."""
        product = self.x @ (self.y if self.scales is None else self.y * self.scales[:, None]).T
        return product if self.means is None else product + self.means

    def save(
        self,
        folder: Path,
        *,
        about: Mapping[str, Any] | None = None,
        arrays: Mapping[str, np.ndarray] | None = None,
    ) -> dict[str, Path]:
        """Write the factors, the runs, a picture of both and a summary, as a set or not at all; return their paths.

        - `folder`: where to write; the files of an earlier factorization there are replaced as a set.
        - `about`: further facts for the summary, such as the file that the matrix was read from.
        - `arrays`: further arrays for factors.npz, such as the labels of rows and columns.

        Read factors.npz (x and y, means and scales if there are) with `numpy.load`, and the runs with `equipoise.load`.
        Raises `InputError` if the folder cannot be written, or is full; an earlier factorization there then stays.
        """
        folder = Path(folder)
        with whole_set(folder, FILES) as fresh:
            paths = {name: folder / path.name for name, path in self._written(fresh, arrays or {}).items()}
            paths["summary"] = folder / "summary.json"
            write_json(fresh / "summary.json", {**(about or {}), **self.summary(), "files": paths})
        return paths

    def _written(self, folder: Path, arrays: Mapping[str, np.ndarray]) -> dict[str, Path]:
        """Everything but the summary, written into an empty folder."""
        columns = {k: v for k, v in (("means", self.means), ("scales", self.scales)) if v is not None}
        paths = {
            "factors": write_arrays(folder / "factors.npz", x=self.x, y=self.y, **columns, **arrays),
            "run": self.run.save(folder / "run.nc"),
        }
        runs = {PERTURBED: self.run.dataset}
        if self.descent is not None:
            paths["gradient_descent"] = self.descent.save(folder / "gradient_descent.nc")
            runs["gradient descent"] = self.descent.dataset
        figure = draw_runs(runs, ("loss", "balance", "sharpness"), expected={"balance": self.settings.gamma})
        paths["picture"], paths["picture_pdf"] = save_figure(figure, folder / "path")
        return paths

    def summary(self) -> dict[str, Any]:
        """The result and the settings as plain numbers, strings, lists and dictionaries."""
        settings, score = self.settings, self.score
        measured = ("relative_error", "balance", "nuclear_norm", "sharpness", "condition_number")
        return {
            "shape": [self.x.shape[0], self.y.shape[0]],
            "rank": self.x.shape[1],
            "gamma": settings.gamma,
            "centered": self.means is not None,
            "scaled": self.scales is not None,
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
            **{name: getattr(score, name) for name in measured},
            "predicted": {name: getattr(self.predicted, name) for name in measured},
            "excess_error": self.excess_error,
            "polish": None if self.polish is None else self.polish._asdict(),
            "steps_taken": score.steps,
            "spread": self.spread(),
            "comparison": [score._asdict() for score in self.scores],
            "status": self.status.name,
            "converged": self.converged,
            "notes": list(self.notes),
        }

    def spread(self) -> dict[str, Any]:
        """Minimum, median and maximum over the replicates that did not diverge, and the number that did."""
        kept = np.array([status is not Status.diverged for status in self.run.status])
        final = self.run.dataset.isel(step=-1, replicate=np.flatnonzero(kept))
        found = {
            "relative_error": np.sqrt(2 * final["loss"].values) / self.target.norm,
            "balance": final["balance"].values,
        }
        numbers = {name: np.quantile(values, (0.0, 0.5, 1.0)).tolist() for name, values in found.items()}
        return {**numbers, "diverged": int((~kept).sum())}
