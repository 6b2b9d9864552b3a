"""What the tests of the readers share."""

import pytest

from equipoise.core.errors import InputError
from equipoise.datasets import read_matrix


def _sentence(error: InputError, path) -> str:
    message = str(error)
    assert str(path) in message
    assert "\n" not in message
    assert message.isprintable()
    assert message.endswith(".")
    return message.replace(str(path), path.name)


@pytest.fixture
def refusal(tmp_path):
    """Write `content` to a file called `name` and return why it is refused, with the bare name in it."""

    def refuse(name: str, content: bytes, **options) -> str:
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(InputError) as caught:
            read_matrix(path, **options)
        return _sentence(caught.value, path)

    return refuse


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A folder that outlives the examples of a property-based test."""
    return tmp_path_factory.mktemp("matrices")
