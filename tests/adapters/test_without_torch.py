"""PyTorch is needed by its adapter alone, which says so."""

import subprocess
import sys

import pytest

import equipoise as eq

BLOCK = """
from importlib.machinery import PathFinder

found = PathFinder.find_spec
PathFinder.find_spec = lambda name, *rest: None if name == "torch" else found(name, *rest)
import equipoise as eq
"""


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_nothing_else_imports_it():
    code = "import sys, equipoise as eq; [getattr(eq, n) for n in eq.__all__]; eq.adapters.PyTreeMonitor"
    done = run(f"{code}; assert 'torch' not in sys.modules")
    assert done.returncode == 0, done.stderr


def test_without_it_the_rest_works():
    assert run(BLOCK + "eq.adapters.PyTreeMonitor([('a', 'b')]); eq.problems.planted((3, 2), 1)").returncode == 0


def test_its_absence_is_told_with_the_remedy():
    done = run(BLOCK + "eq.adapters.torch.BalanceMonitor")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "ModuleNotFoundError: Watching a PyTorch model needs PyTorch, which is not installed; "
        'run pip install "equipoise[torch]".'
    )


def test_other_names_are_refused_as_usual():
    with pytest.raises(AttributeError, match="has no attribute 'tensorflow'"):
        eq.adapters.tensorflow  # noqa: B018
