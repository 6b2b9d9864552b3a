"""The arrays that certificates are computed with."""

import numpy as np
from jaxtyping import Float

Matrix = Float[np.ndarray, "d1 d2"]
Vector = Float[np.ndarray, " m"]
