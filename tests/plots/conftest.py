import numpy as np
import pytest
import xarray as xr


@pytest.fixture
def ensemble():
    """Make a Dataset of dims (replicate, step) whose balance at the last step is 1, 2, …, replicates."""

    def make(replicates: int = 5, offset: float = 0.0) -> xr.Dataset:
        steps = np.array([0, 10, 100, 1000])
        ends = np.arange(1, replicates + 1) + offset
        values = ends[:, None] * (steps / 1000)
        attributes = {"long_name": "balance", "formula": "‖X‖/‖Y‖", "units": "1"}
        return xr.Dataset(
            {
                "balance": (("replicate", "step"), values, attributes),
                "norm_x": (("replicate", "step"), values, {"long_name": "norm of X", "units": "√[M]"}),
                "spectrum": (("replicate", "step", "value"), values[:, :, None]),
            },
            {"step": ("step", steps, {"long_name": "step", "units": "steps"})},
        )

    return make
