"""The periodic orbits of gradient descent on ½(1 − xy)² with a given step size, by Newton's method."""

import numpy as np

_GRID, _REACH, _STEPS, _SAME = 16, 1.7, 40, 1e-7


def step(point: np.ndarray, size: float) -> np.ndarray:
    """The next point."""
    x, y = point
    misfit = x * y - 1
    return np.array([x - size * misfit * y, y - size * misfit * x])


def derivative(point: np.ndarray, size: float) -> np.ndarray:
    """The Jacobian of a step."""
    x, y = point
    beside = -size * (2 * x * y - 1)
    return np.array([[1 - size * y**2, beside], [beside, 1 - size * x**2]])


def around(point: np.ndarray, period: int, size: float) -> tuple[np.ndarray, np.ndarray]:
    """Where `period` steps lead, and their Jacobian."""
    jacobian = np.eye(2)
    for _ in range(period):
        jacobian, point = derivative(point, size) @ jacobian, step(point, size)
    return point, jacobian


def cycles(period: int, size: float) -> list[tuple[np.ndarray, float]]:
    """One point of each periodic orbit found from a grid, with the largest |eigenvalue| of its Jacobian once round."""
    found: dict[tuple[float, ...], tuple[np.ndarray, float]] = {}
    for start in _grid():
        point = _newton(start, period, size)
        if point is None or any(_near(around(point, each, size)[0], point) for each in range(1, period)):
            continue
        orbit = [around(point, each, size)[0] for each in range(period)]
        name = min(tuple(np.round(each, 5) + 0.0) for each in orbit)
        rate = float(np.abs(np.linalg.eigvals(around(point, period, size)[1])).max())
        found.setdefault(name, (point, rate))
    return list(found.values())


def _grid() -> np.ndarray:
    """Points of a grid that holds no point of a symmetry line, then points on the line x = y."""
    ticks = np.linspace(-_REACH, _REACH, _GRID) + 0.001
    plane = np.stack(np.meshgrid(ticks, ticks + 0.0005), axis=-1).reshape(-1, 2)
    line = np.linspace(-_REACH, _REACH, 10 * _GRID)
    return np.concatenate([plane, np.stack([line, line], axis=-1)])


def _newton(point: np.ndarray, period: int, size: float) -> np.ndarray | None:
    for _ in range(_STEPS):
        after, jacobian = around(point, period, size)
        if not np.all(np.isfinite(jacobian)) or np.abs(after).max() > 1e3:
            return None
        matrix = jacobian - np.eye(2)
        if abs(np.linalg.det(matrix)) < 1e-12:
            return None
        move = np.linalg.solve(matrix, point - after)
        point = point + move
        if np.abs(point).max() > 2 * _REACH:
            return None
        if np.abs(move).max() < 1e-13:
            return point
    return None


def _near(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(np.abs(one - other).max() < _SAME)
