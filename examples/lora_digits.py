"""A real adapter: train LoRA on a residual network for digits, then inspect, balance and resize it.

Usage: python examples/lora_digits.py [FOLDER]    needs torch, safetensors and scikit-learn; takes seconds
"""

import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from sklearn.datasets import load_digits
from torch import nn

import equipoise as eq

WIDTH, LAYERS, RANK, SCALE = 64, 6, 16, 2.0


class Block(nn.Module):
    """x + V relu(W x), with s·BA beside both weights."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        nn.init.zeros_(self.second.weight)
        self.factors = nn.ParameterDict()

    def adapt(self):
        self.requires_grad_(False)
        for word in ("first", "second"):
            self.factors[f"{word}_a"] = nn.Parameter(torch.randn(RANK, WIDTH) / RANK)
            self.factors[f"{word}_b"] = nn.Parameter(torch.zeros(WIDTH, RANK))

    def linear(self, word, x):
        y = getattr(self, word)(x)
        if f"{word}_a" in self.factors:
            y = y + SCALE * x @ self.factors[f"{word}_a"].T @ self.factors[f"{word}_b"].T
        return y

    def forward(self, x):
        return x + self.linear("second", torch.relu(self.linear("first", x)))


def train(model, x, y, steps):
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=2e-3)
    for step in range(steps):
        rows = torch.randint(len(x), (64,), generator=torch.Generator().manual_seed(step))
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x[rows]), y[rows]).backward()
        optimizer.step()


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    digits = load_digits()
    x, y = torch.tensor(digits.data / 16.0, dtype=torch.float32), torch.tensor(digits.target)
    model = nn.Sequential(*(Block() for _ in range(LAYERS)), nn.Linear(WIDTH, 10))
    train(model, x, y, 300)
    for block in model[:-1]:
        block.adapt()
    turned = x.reshape(-1, 8, 8).flip(2).reshape(-1, 64)  # what the adapter is for: digits in a mirror
    train(model, turned, y, 300)
    arrays = {}
    for i, block in enumerate(model[:-1]):
        for word in ("first", "second"):
            name = f"layers.{i}.{word}"
            arrays[f"{name}.lora_A.weight"] = block.factors[f"{word}_a"].detach().numpy()
            arrays[f"{name}.lora_B.weight"] = block.factors[f"{word}_b"].detach().numpy()
            arrays[f"{name}.alpha"] = np.array(SCALE * RANK, np.float32)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(arrays, folder / "mirror.safetensors")
    found = eq.adapters.lora.inspect(folder / "mirror.safetensors")
    eq.plots.save_figure(eq.adapters.lora.draw(found), folder / "mirror")
    with torch.no_grad():
        print(f"right: {float((model(turned).argmax(1) == y).float().mean()):.3f}")
    balanced = eq.adapters.lora.balance(folder / "mirror.safetensors", folder / "balanced.safetensors")
    print(balanced.dataset[["sharpness_before", "sharpness", "relative_error"]].to_dataframe())


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "lora_digits"))
