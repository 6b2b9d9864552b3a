"""What the numbers were computed with."""

import builtins
import platform

from equipoise.machine import machine, processor, versions


def test_versions_are_those_of_what_is_imported():
    import jax
    import numpy as np

    assert (versions()["jax"], versions()["numpy"]) == (jax.__version__, np.__version__)


def test_the_machine_is_told():
    told = machine()
    assert set(told) == {"python", "system", "processor", "cores", "devices"}
    assert told["python"] == platform.python_version()
    assert told["processor"] == processor() != ""
    assert told["devices"]


def test_a_system_without_a_table_of_processors_tells_its_architecture(monkeypatch):
    def refuse(*arguments, **options):
        raise FileNotFoundError

    monkeypatch.setattr(builtins, "open", refuse)
    assert processor() == (platform.processor() or platform.machine())
