"""Matrices and tables of entries from files, checked before anything is computed, and built-in data sets.

Everything is imported on first use, so that the table of formats does not import the readers.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
