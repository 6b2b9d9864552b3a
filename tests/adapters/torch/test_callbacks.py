"""Callbacks of training frameworks: records at the right steps, logged, kept in checkpoints."""

import subprocess
import sys

import numpy as np
import pytest

import equipoise as eq

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
nn = torch.nn


class Model(nn.Module):
    """A perceptron that returns its loss, as the Trainer wants it."""

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(5, 8), nn.Linear(8, 2)

    def forward(self, x, labels=None):
        return {"loss": (self.b(torch.relu(self.a(x))) - labels).square().mean()}


def data():
    torch.manual_seed(0)
    return [{"x": torch.randn(5), "labels": torch.randn(2)} for _ in range(40)]


@pytest.mark.filterwarnings("ignore")
def test_the_trainer_of_transformers(tmp_path):
    """Every second step is logged, beside the loss; a resumed training counts its drift from the first start."""
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    pytest.importorskip("accelerate", reason="accelerate is not installed")

    def train(steps, **resume):
        torch.manual_seed(1)
        callback = eq.adapters.torch.transformers.BalanceCallback(every=4, path=tmp_path / "balance.nc")
        arguments = transformers.TrainingArguments(
            output_dir=str(tmp_path), max_steps=steps, per_device_train_batch_size=8, report_to=[], save_steps=10,
            logging_steps=4, use_cpu=True, disable_tqdm=True, learning_rate=0.01,
        )  # fmt: skip
        trainer = transformers.Trainer(Model(), arguments, train_dataset=data(), callbacks=[callback])
        callback.log = trainer.log
        trainer.train(**resume)
        return callback, trainer.state.log_history

    callback, history = train(10)
    assert callback.monitor.dataset()["step"].values.tolist() == [0, 4, 8, 10]
    logged = [entry["balance/step"] for entry in history if "balance/step" in entry]
    assert logged == [4, 8]
    assert [entry["step"] for entry in history if "loss" in entry] == [4, 8]
    callback, _ = train(20, resume_from_checkpoint=True)
    dataset = eq.results.load_dataset(tmp_path / "balance.nc")
    assert dataset["step"].values.tolist() == [0, 4, 8, 12, 16, 20]
    start = callback.monitor.dataset()["law_values"].isel(step=0)
    np.testing.assert_allclose(
        dataset["law_drift"][:, 0], abs(dataset["law_values"] - start).max("channel"), atol=1e-12
    )


@pytest.mark.filterwarnings("ignore")
def test_the_trainer_of_lightning(tmp_path):
    lightning = pytest.importorskip("lightning.pytorch", reason="lightning is not installed")

    class Module(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.model = Model()

        def training_step(self, batch, index):
            return self.model(**batch)["loss"]

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.01)

    def train(steps, checkpoint=None):
        torch.manual_seed(1)
        callback = eq.adapters.torch.lightning.BalanceCallback(every=4, path=tmp_path / "balance.nc")
        trainer = lightning.Trainer(
            max_steps=steps, callbacks=[callback], accelerator="cpu", logger=False, enable_checkpointing=False,
            enable_progress_bar=False, enable_model_summary=False,
        )  # fmt: skip
        loader = torch.utils.data.DataLoader(data(), batch_size=8)
        trainer.fit(Module(), loader, ckpt_path=checkpoint)
        trainer.save_checkpoint(tmp_path / "last.ckpt")
        return callback, trainer.logged_metrics

    callback, logged = train(9)
    assert callback.monitor.dataset()["step"].values.tolist() == [0, 4, 8, 9]
    assert float(logged["balance/step"]) == 8
    train(14, tmp_path / "last.ckpt")
    dataset = eq.results.load_dataset(tmp_path / "balance.nc")
    assert dataset["step"].values.tolist() == [0, 4, 8, 9, 12, 14]
    assert dataset["law_drift"].values[-1, 0] > dataset["law_drift"].values[2, 0] > 0


def test_the_absence_of_a_framework_is_told_with_the_remedy():
    code = """
from importlib.machinery import PathFinder

found = PathFinder.find_spec
PathFinder.find_spec = lambda name, *rest: None if name in ("lightning", "transformers") else found(name, *rest)
import equipoise as eq
for name in ("lightning", "transformers"):
    try:
        getattr(eq.adapters.torch, name)
    except ModuleNotFoundError as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == [
        'The callback of Lightning needs lightning, which is not installed; run pip install "equipoise[lightning]".',
        "The callback of the Trainer needs transformers, which is not installed; run pip install transformers.",
    ], done.stderr
    with pytest.raises(AttributeError, match="has no attribute 'keras'"):
        eq.adapters.torch.keras  # noqa: B018
