"""The shared vocabulary: base classes of problems, methods, noise laws and starts, statuses, types, the one error.

It imports no other subpackage but `machine`, and the names are imported on first use.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
