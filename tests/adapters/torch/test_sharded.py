"""Weights that processes share, as FSDP2 does: every record is that of the whole model, and none is lost."""

import subprocess
import sys

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
pytest.importorskip("torch.distributed.fsdp", reason="PyTorch is built without its distributed part")
if not hasattr(torch.distributed.fsdp, "fully_shard"):
    pytest.skip("this PyTorch has no fully_shard", allow_module_level=True)

SCRIPT = """
import os, sys, warnings
import numpy as np, torch, torch.distributed as dist
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
import equipoise as eq

torch.set_num_threads(1)
rank, place = int(sys.argv[1]), sys.argv[2]
dist.init_process_group("gloo", init_method=f"file://{place}", rank=rank, world_size=2)
Monitor = eq.adapters.torch.BalanceMonitor


def model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(6, 7), nn.ReLU(), nn.Linear(7, 5), nn.Linear(5, 3)).double()


def train(model, *monitors):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    for monitor in monitors:
        monitor.record(0)
    for step in range(9):
        model.zero_grad()
        noise = torch.Generator().manual_seed(step)
        (model(torch.randn(16, 6, generator=noise, dtype=torch.float64)) - 1).square().mean().backward()
        optimizer.step()
        for monitor in monitors:
            monitor.step()


def monitors(model):
    return Monitor(model, every=3), Monitor(model, laws="gradients", every=3)


whole, sharded = model(), model()
expected = monitors(whole)
train(whole, *expected)
found = monitors(sharded)  # before the weights are shared
fully_shard(sharded, mesh=init_device_mesh("cpu", (2,)))
train(sharded, *found)
found[0].detach()
mismatch = found[0].gradient_mismatch()
if rank == 0:  # one process alone asks for the data, and for the state
    for one, other in zip(found, expected, strict=True):
        assert one.dataset().sizes == other.dataset().sizes, (one.dataset(), other.dataset())
        for name, values in other.dataset().data_vars.items():
            np.testing.assert_allclose(one.dataset()[name], values, rtol=1e-8, atol=1e-10, err_msg=name)
        assert one.state_dict()["count"] == 9
    assert mismatch.keys() == expected[0].gradient_mismatch().keys()
    np.testing.assert_allclose([*mismatch.values()], [*expected[0].gradient_mismatch().values()], atol=1e-10)
    assert found[1].laws.dimension == 7 + 5
try:
    eq.adapters.torch.conservation_laws(sharded, lambda: None)
except eq.InputError as error:
    assert "before the model is sharded" in str(error)
else:
    raise AssertionError
dist.destroy_process_group()
found[0].dataset()  # with nobody to ask
print("same")
"""


def test_two_processes_record_the_whole_model(tmp_path):
    command = [sys.executable, "-W", "ignore", "-c", SCRIPT]
    running = [
        subprocess.Popen(
            [*command, str(rank), str(tmp_path / "meeting")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for rank in range(2)
    ]
    try:
        for process in running:
            said, errors = process.communicate(timeout=300)
            assert said == "same\n", errors
    finally:
        for process in running:  # one waits for the other
            process.kill()
            process.communicate()
