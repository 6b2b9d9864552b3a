"""A callback of Lightning's Trainer that watches the balance of a model."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

try:
    from lightning.pytorch import Callback, LightningModule, Trainer
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        'The callback of Lightning needs lightning, which is not installed; run pip install "equipoise[lightning]".',
        name=error.name,
    ) from error

from equipoise.adapters.torch.callbacks import monitor_of
from equipoise.adapters.torch.monitor import BalanceMonitor
from equipoise.results import save_dataset


class BalanceCallback(Callback):
    """Watch a model that a Lightning `Trainer` trains: `Trainer(…, callbacks=[BalanceCallback(every=100)])`.

    It records at the start, every `every` steps of the optimizers and at the end, and logs each record through the
    module, so that all loggers of the trainer get it. Whatever the Trainer saves keeps the records as well, and they
    continue when the training is resumed from there. `monitor` is the `BalanceMonitor`, once training has begun. It
    finds the laws from gradients unless `pairs` or `laws` say otherwise.

    - `log`: whether to log each record; True by default.
    - `path`: where to write the dataset at the end, as .nc; by default it is not written.
    - `options`: those of `BalanceMonitor`.
    """

    def __init__(self, *, log: bool = True, path: str | Path | None = None, **options: Any) -> None:
        self.monitor: BalanceMonitor | None = None
        self._log = log
        self._path = path
        self._options = options
        self._inside = contextlib.ExitStack()
        self._logged = 0.0
        self._state: dict[str, Any] = {}

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Make the monitor, and record the start, or continue the records of the checkpoint."""
        self.monitor = monitor_of(pl_module, self._options)
        if self._state:
            self.monitor.load_state_dict(self._state)
            self._state = {}
        self._inside = contextlib.ExitStack()
        self._inside.enter_context(self.monitor.attach(*trainer.optimizers))

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Log the last record, if it is new."""
        latest = self.monitor.latest() if self.monitor is not None and self._log else {}
        if latest and latest["balance/step"] > self._logged:
            self._logged = latest["balance/step"]
            pl_module.log_dict(latest)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Record the end, and write the dataset."""
        self._inside.close()
        if self.monitor is not None and self._path is not None and trainer.is_global_zero:
            save_dataset(self.monitor.dataset(), self._path)

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        """Take the hooks away; what was recorded stays."""
        if self.monitor is not None:
            self.monitor.detach()

    def state_dict(self) -> dict[str, Any]:
        """The records, for the checkpoint."""
        return {} if self.monitor is None else self.monitor.state_dict()

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Continue from the records of a checkpoint when training starts."""
        self._state = dict(state_dict)
