"""A printed run of noise injection, from its own settings: matrix sensing with W = UUᵀ, started from a normal U.

The public code of H. Zhang, D. Li and H. Ju, "Noise stability optimization for finding flat minima" (2024), prints a
run of 1410 steps in matrix_sensing/test_ms_nso.ipynb. Its cells say: d = 100, rank 5, 2500 symmetric normal
measurements, start of standard deviation 1, step size 0.0025, noise of standard deviation 0.01 on both sides, NumPy's
seed 0. Here the instance is drawn by the same calls, and the run is repeated for several sizes of noise.

    python benchmarks/noise_stability.py [--out FILE]
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

SIZE, RANK, COUNT, STEP_SIZE = 100, 5, 2500, 0.0025
RUNS = {0.0: 40, 0.01: 1410, 0.05: 40, 0.1: 40, 0.2: 40}
"""The number of steps for each size of noise."""

LOOKS = (1, 10, 20, 30, 40, 100, 400, 1410)
PRINTED = {
    "first step without noise": {"training": 15.822456962132055, "distance": 4.108293271847836},
    "10": {"training": 0.11987264956511047, "distance": 0.7892255436021902},
    "20": {"training": 0.05332035537880343, "distance": 0.6013548040346127},
    "30": {"training": 0.03244029027128248, "distance": 0.5022027990083081},
    "1410": {"training": 7.490844505538261e-05, "distance": 0.03267086172782104},
}


def instance() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(measurements as rows, data, truth, start), drawn in the order of the notebook."""
    random = np.random.RandomState(0)
    factor = random.normal(0, 1, (SIZE, RANK))
    truth = factor @ factor.T
    drawn = random.normal(0, 1, (COUNT, SIZE, SIZE))
    rows = ((drawn + drawn.transpose(0, 2, 1)) / 2).reshape(COUNT, -1)
    data = rows @ truth.ravel()
    for _ in range(5):  # the measurements that the notebook keeps for another error
        random.normal(0, 1, (COUNT // 5, SIZE, SIZE))
    return rows.astype(np.float32), data, truth, random.randn(SIZE, SIZE)


def path(rows: np.ndarray, data: np.ndarray, truth: np.ndarray, start: np.ndarray, std: float, steps: int) -> Any:
    """Training error and relative distance from the truth at some steps."""
    random, u, found = np.random.RandomState(1), start.copy(), {}
    for step in range(1, steps + 1):
        noise = random.normal(0, 1, (SIZE, SIZE)) * std
        sides = [u + noise, u - noise] if std else [u]
        products = np.stack([(side @ side.T).ravel() for side in sides]).astype(np.float32)
        misfits = (products @ rows.T - data).astype(np.float32)
        gradients = (misfits @ rows).astype(float).reshape(-1, SIZE, SIZE) / COUNT
        u = u - STEP_SIZE * np.mean([g @ side for g, side in zip(gradients, sides, strict=True)], axis=0)
        if step in LOOKS:
            product = u @ u.T
            misfit = rows @ product.ravel().astype(np.float32) - data
            distance = np.linalg.norm(product - truth) / np.linalg.norm(truth)
            found[str(step)] = {
                "training": float(np.mean(misfit**2) / np.mean(data**2)),
                "distance": float(distance),
            }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("docs/assets/arora2019/noise_stability.json"))
    out = parser.parse_args().out
    drawn = instance()
    runs = {str(std): path(*drawn, std, steps) for std, steps in RUNS.items()}
    out.parent.mkdir(parents=True, exist_ok=True)
    document = {"command": "python benchmarks/noise_stability.py", "printed": PRINTED, "runs": runs}
    out.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(runs, indent=1))


if __name__ == "__main__":
    main()
