"""Equipoise: low-rank factorization that knows which solution it converges to.

Everything below is imported when it is first asked for, so that importing the package, or asking its command line for
help, costs next to nothing.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
