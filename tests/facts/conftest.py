"""One low-rank integer matrix in the three forms a target can have."""

import numpy as np
import pytest
import scipy.sparse

import equipoise as eq

LEFT = np.array([[2.0, 0.0], [1.0, -1.0], [0.0, 3.0], [0.0, 0.0], [-1.0, 0.0]])
RIGHT = np.array([[1.0, 0.0], [0.0, 1.0], [2.0, -1.0], [0.0, 0.0]])
MATRIX = LEFT @ RIGHT.T
FORMS = {"dense": MATRIX, "factored": (LEFT, RIGHT), "sparse": scipy.sparse.coo_array(MATRIX)}


@pytest.fixture(scope="session", params=FORMS)
def form(request):
    """The matrix in each form."""
    return FORMS[request.param]


@pytest.fixture(scope="session")
def matrix():
    """The same as an array."""
    return MATRIX


@pytest.fixture(scope="session")
def in_form(form):
    """Its factorization problem in each form, for a rank and a scale."""
    return lambda rank=3, **options: eq.problems.factorization(form, rank=rank, **options)


@pytest.fixture(scope="session")
def point():
    """A point of the shapes of a problem."""

    def draw(problem, seed=0, size=1.0):
        generator = np.random.default_rng(seed)
        return tuple(size * generator.standard_normal(shape) for shape in problem.shapes)

    return draw
