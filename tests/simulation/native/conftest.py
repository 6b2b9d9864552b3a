"""The builds of the native engine that this processor can run, each by its name, and how its paths are compared."""

import numpy as np
import pytest

from equipoise.machine import native

BUILDS = ("plain", "avx2", "avx512")


@pytest.fixture(params=BUILDS)
def build(request, monkeypatch):
    """The name of a build, which is the one in use for as long as the test runs."""
    module = native.compiled()
    if module is None:
        pytest.skip("the package was installed without a C++ compiler")
    monkeypatch.setenv(native.BUILD_VARIABLE, request.param)
    if native.missing():
        pytest.skip(f"this processor cannot run the build {request.param}")
    return request.param


@pytest.fixture(scope="session")
def assert_same_paths():
    """Asserts that a run of the native engine has the paths of one of XLA, up to a rounding."""
    if native.compiled() is None:
        pytest.skip("the package was installed without a C++ compiler")

    def check(found, wanted, rounding):
        assert found.dataset.attrs["engine"] == "native"
        assert found.status == wanted.status
        for one, other in zip(found.theta, wanted.theta, strict=True):
            assert one.dtype == other.dtype
            np.testing.assert_allclose(one, other, rtol=0, atol=rounding)
        np.testing.assert_array_equal(found.dataset["step"], wanted.dataset["step"])
        np.testing.assert_array_equal(found.dataset["end_step"], wanted.dataset["end_step"])
        np.testing.assert_allclose(found.dataset["balance"], wanted.dataset["balance"], rtol=100 * rounding)

    return check
