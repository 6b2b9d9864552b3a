"""What the tests of the readers share."""

import pytest

from equipoise.core.errors import InputError
from equipoise.datasets import read_matrix, read_triplets


def _sentence(error: InputError, path) -> str:
    message = str(error)
    assert str(path) in message
    assert "\n" not in message
    assert message.isprintable()
    assert message.endswith(".")
    return message.replace(str(path), path.name)


def _refusal(folder, read):
    def refuse(name: str, content: bytes, **options) -> str:
        path = folder / name
        path.write_bytes(content)
        with pytest.raises(InputError) as caught:
            read(path, **options)
        return _sentence(caught.value, path)

    return refuse


@pytest.fixture
def refusal(tmp_path):
    """Write `content` to a file called `name` and return why it is no matrix, with the bare name in it."""
    return _refusal(tmp_path, read_matrix)


@pytest.fixture
def triplets_refusal(tmp_path):
    """The same for triplets."""
    return _refusal(tmp_path, read_triplets)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A folder that outlives the examples of a property-based test."""
    return tmp_path_factory.mktemp("matrices")
