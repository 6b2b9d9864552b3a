"""A callback of the Trainer of Hugging Face transformers that watches the balance of a model."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

try:
    from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        "The callback of the Trainer needs transformers, which is not installed; run pip install transformers.",
        name=error.name,
    ) from error

from equipoise.adapters.torch.callbacks import monitor_of
from equipoise.adapters.torch.monitor import BalanceMonitor
from equipoise.adapters.torch.saving import read_state, write_state
from equipoise.core.errors import InputError
from equipoise.results import save_dataset

FILE = "equipoise_monitor.npz"
"""The file of records in the folder of a checkpoint."""


class BalanceCallback(TrainerCallback):
    """Watch a model that a Hugging Face `Trainer` trains: `Trainer(…, callbacks=[BalanceCallback(every=100)])`.

    It records at the start, every `every` steps of the optimizer and at the end. Whatever the Trainer saves keeps the
    records as well, and they continue when the training is resumed from there. `monitor` is the `BalanceMonitor`, once
    training has begun. It finds the laws from gradients unless `pairs` or `laws` say otherwise.

    - `log`: a function that takes the numbers of each new record, such as `trainer.log`, which hands them to W&B,
      TensorBoard or MLflow, as `report_to` says; the attribute can be set once the trainer is there.
    - `path`: where to write the dataset at the end, as .nc; by default it is not written.
    - `options`: those of `BalanceMonitor`.
    """

    def __init__(
        self,
        *,
        log: Callable[[dict[str, float]], Any] | None = None,
        path: str | Path | None = None,
        **options: Any,
    ) -> None:
        self.log = log
        self.monitor: BalanceMonitor | None = None
        self._path = path
        self._options = options
        self._inside = contextlib.ExitStack()
        self._logged = 0.0

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **given: Any
    ) -> None:
        """Make the monitor, and record the start, or read the records of the checkpoint."""
        self.monitor = monitor_of(given["model"], self._options)
        file = _checkpoint(args, state) / FILE
        if state.global_step and file.is_file():
            self.monitor.load_state_dict(read_state(file))
        else:
            self.monitor.record(state.global_step)
        self._inside = contextlib.ExitStack()
        self._inside.enter_context(self.monitor)

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **given: Any) -> None:
        """Count a step of the optimizer."""
        if self.monitor is None:
            return
        self.monitor.step()
        if self.log is None or not state.is_world_process_zero:
            return
        latest = self.monitor.latest()
        if latest and latest["balance/step"] > self._logged:
            self._logged = latest["balance/step"]
            due = control.should_log  # logging switches it off, though the loss may be due
            self.log(latest)
            control.should_log = due

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **given: Any) -> None:
        """Keep the records in the checkpoint."""
        folder = _checkpoint(args, state)
        if self.monitor is not None and state.is_world_process_zero and folder.is_dir():
            write_state(folder / FILE, self.monitor.state_dict())

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **given: Any) -> None:
        """Record the end, and write the dataset."""
        self._inside.close()
        if self.monitor is not None and self._path is not None and state.is_world_process_zero:
            save_dataset(self.monitor.dataset(), self._path)


def _checkpoint(args: TrainingArguments, state: TrainerState) -> Path:
    """The folder of the checkpoint of the present step."""
    if args.output_dir is None:
        raise InputError("The Trainer has no output_dir; give one to its TrainingArguments.")
    return Path(args.output_dir) / f"checkpoint-{state.global_step}"
