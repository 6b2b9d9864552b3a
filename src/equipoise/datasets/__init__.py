"""A user's matrix or table of entries, checked before anything is computed, and data sets known by name.

Everything is imported when it is first asked for, so that the table of formats comes without the readers.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
