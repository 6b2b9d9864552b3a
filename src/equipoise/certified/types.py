"""Types of the arrays in certificates."""

import numpy as np
from jaxtyping import Float

Matrix = Float[np.ndarray, "d1 d2"]
Vector = Float[np.ndarray, " m"]
