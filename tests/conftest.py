"""What all tests share: small problems, and JAX's 64-bit mode for those that compute by themselves."""

import signal

import jaxtyping
import numpy as np
import pytest

import equipoise as eq


def pytest_configure(config):
    """Answer Ctrl-C as a program started by hand does: what runs in the background inherits that it is ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def double():
    """The package's numerical settings, for as long as the test runs."""
    with eq.numerics():
        yield


@pytest.fixture(scope="session")
def target():
    """A 4 x 3 matrix without any structure."""
    return np.random.default_rng(7).standard_normal((4, 3))


@pytest.fixture(scope="session")
def problem(target):
    """Its factorization with two columns."""
    return eq.problems.factorization(target, rank=2)


@pytest.fixture(scope="session")
def descent():
    """Gradient descent that converges on it."""
    return eq.dynamics.GradientDescent(step_size=0.02)


@pytest.fixture(scope="session")
def perturbed():
    """Perturbed GD that stays close to its minima."""
    return eq.dynamics.PerturbedGD(step_size=0.02, noise=eq.noise.Gaussian(std=0.05))


@pytest.fixture(scope="session")
def start():
    """A random start of moderate size."""
    return eq.initial.Gaussian(std=0.3)


@pytest.fixture
def unchecked():
    """The package as its users have it, without the type checker of the tests."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)
