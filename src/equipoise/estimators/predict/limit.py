"""The predicted limit, and what it says in numbers."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from equipoise.core.files import whole_set, write_json
from equipoise.plots import save_figure
from equipoise.theory import Phases, StationaryLaw

FILES = ("prediction.json", "prediction.png", "prediction.pdf")
"""The files that `PredictedLimit.save` writes."""


@dataclasses.dataclass(frozen=True)
class PredictedLimit:
    """Where Perturbed GD with constant noise ends on a matrix M ≈ XYᵀ, and how it gets there.

    Norms are in the unit of M, step sizes in 1/[M], and standard deviations of noise and start in √[M].

    - `shape`, `rank`: (d1, d2), and the number R of columns of X and Y.
    - `noise_std`: (s1, s2), the standard deviations of the noise on X and Y.
    - `gamma`: the balance of the noise, which is that of the limit as η → 0.
    - `threshold`: t = √(d1 d2) s1 s2, by which the noise lowers each singular value.
    - `step_sizes`, `largest_step_sizes`: (ηx, ηy), and the largest stable ones in that proportion.
    - `stability`: the first over the second; 1 or more is unstable.
    - `singular_values`: the leading R of M.
    - `lowered_values`: (σ − t)₊, those of the smoothed minimum.
    - `kept`: how many of these are above 0.
    - `law`: the stationary law at this step size; None if the step size is unstable, or the rank too high for it.
    - `relative_error`: ‖XYᵀ − M‖_F/‖M‖_F; with the fluctuations if `law` is known.
    - `nuclear_norm`, `sharpness`, `condition_number`: at the smoothed minimum, as in `FactorizationScore`.
    - `phases`: the steps from a small start; None if the start is not small or the step size unstable.
    - `start_std`: the standard deviation of the entries of that start.
    - `following`: the known singular values of M beyond R, at most R.
    - `notes`: one sentence for each thing to know.
    """

    shape: tuple[int, int]
    rank: int
    noise_std: tuple[float, float]
    gamma: float
    threshold: float
    step_sizes: tuple[float, float]
    largest_step_sizes: tuple[float, float]
    singular_values: Float[np.ndarray, " rank"]
    lowered_values: Float[np.ndarray, " rank"]
    kept: int
    law: StationaryLaw | None
    relative_error: float
    nuclear_norm: float
    sharpness: float
    condition_number: float
    phases: Phases | None
    start_std: float
    following: Float[np.ndarray, " beyond"]
    notes: tuple[str, ...]

    @property
    def stability(self) -> float:
        """The step sizes over the largest stable ones."""
        return self.step_sizes[0] / self.largest_step_sizes[0]

    @property
    def balance(self) -> float:
        """The mean of ‖X‖_F/‖Y‖_F; `gamma` if the law is not known."""
        return self.gamma if self.law is None else self.law.balance

    @property
    def balance_std(self) -> float | None:
        """The standard deviation of the balance; None if the law is not known."""
        return None if self.law is None else self.law.balance_std

    @property
    def balance_error(self) -> float | None:
        """How far off the mean of the balance may be, relatively: 5 ln²(balance/γ); None if the law is not known.

        The law knows the first order of what a finite step size adds, ln(balance/γ), and the next order is like its
        square. The factor 5 is measured.
        """
        return None if self.law is None else 5 * float(np.log(self.law.balance / self.gamma)) ** 2

    def save(self, folder: Path, *, about: Mapping[str, Any] | None = None) -> dict[str, Path]:
        """Write the numbers and a picture, as a set or not at all; return their paths.

        - `folder`: where to write; the files of an earlier prediction there are replaced as a set.
        - `about`: further facts for prediction.json, such as the file that the matrix was read from.

        Raises `InputError` if the folder cannot be written, or is full.
        """
        from equipoise.estimators.predict.picture import draw

        folder = Path(folder)
        with whole_set(folder, FILES) as fresh:
            made = dict(zip(("picture", "picture_pdf"), save_figure(draw(self), fresh / "prediction"), strict=True))
            paths = {name: folder / path.name for name, path in made.items()}
            paths["prediction"] = folder / "prediction.json"
            write_json(fresh / "prediction.json", {**(about or {}), **self.summary(), "files": paths})
        return paths

    def summary(self) -> dict[str, Any]:
        """The prediction as plain numbers, strings, lists and dictionaries."""
        law, same = self.law, ("shape", "noise_std", "step_sizes", "largest_step_sizes")
        alike = (
            *("rank", "gamma", "threshold", "stability", "kept", "balance", "balance_std", "balance_error"),
            *("relative_error", "nuclear_norm", "sharpness", "condition_number", "start_std"),
        )
        return {
            **{name: list(getattr(self, name)) for name in same},
            **{name: getattr(self, name) for name in alike},
            "singular_values": self.singular_values.tolist(),
            "lowered_values": self.lowered_values.tolist(),
            "predicted_values": None if law is None else law.singular_values.tolist(),
            "predicted_values_std": None if law is None else law.singular_values_std.tolist(),
            "phases": None if self.phases is None else self.phases._asdict(),
            "notes": list(self.notes),
        }
