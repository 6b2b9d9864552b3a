"""The version of the package."""

import importlib.metadata

__version__ = importlib.metadata.version("equipoise")
