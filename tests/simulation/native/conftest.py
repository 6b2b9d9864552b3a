"""The builds of the native engine that this processor can run, each by its name."""

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
