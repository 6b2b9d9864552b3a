"""Equipoise: low-rank factorization that knows which solution it converges to.

Subpackages are imported on first use, so that importing the package and asking its command line for help are fast.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
