"""The papers, claim by claim: what each says, what is measured here, and the figures drawn again.

The names are imported on first use, so that asking for the papers' ids is fast.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
