"""Conservation laws counted on random networks, each count beside the published one, with the seconds of each.

The draw is that of a public notebook of S. Marcotte, R. Gribonval and G. Peyré, as far as known: networks of depth 2
to 4 and widths 2 to 5. Its 50 linear ones took 34 minutes and its 50 ReLU ones 1 hour 53 minutes, on 64 cores. Besides,
the rank of the gradients of two ReLU residual blocks, and how far the law of heavy-ball flow drifts.

    python benchmarks/conservation.py [--networks 50] [--seed 0] [--kinds linear relu] [--out FILE]
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import scipy.integrate

import equipoise as eq
from equipoise.papers.marcotte2023.shared.networks import gradient_of, published, shapes_of

DEPTHS, WIDTHS = (2, 4), (2, 5)


def networks(kind: str, count: int, seed: int) -> list[dict[str, Any]]:
    """Each random network with its count of laws and the seconds that it took, gradients included."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        depth = int(random.integers(DEPTHS[0], DEPTHS[1] + 1))
        widths = tuple(int(n) for n in random.integers(WIDTHS[0], WIDTHS[1] + 1, depth + 1))
        start = time.perf_counter()
        laws = eq.theory.conservation_laws(gradient_of(widths, kind), shapes=shapes_of(widths), seed=number)
        seconds = time.perf_counter() - start
        rows.append(
            {
                "kind": kind,
                "widths": widths,
                "parameters": laws.parameters,
                "independent": laws.independent,
                "published": published(widths, kind),
                "gap": laws.gap,
                "seconds": seconds,
            }
        )
        told = "–".join(map(str, widths))
        equal = "" if laws.independent == rows[-1]["published"] else f"  NOT the published {rows[-1]['published']}"
        print(f"{kind:6} {told:10} {laws.parameters:4} parameters: {laws.independent:3} laws, {seconds:6.2f} s{equal}")
    return rows


def residual_rank(size: int = 3, hidden: tuple[int, int] = (50, 20), points: int = 800) -> tuple[int, int]:
    """The rank of the gradients of all outputs of two ReLU residual blocks on random inputs, and the parameters."""
    shapes = [shape for h in hidden for shape in ((h, size), (size, h))]
    random = np.random.default_rng(0)
    with eq.numerics():
        theta = [jnp.asarray(random.standard_normal(shape)) for shape in shapes]

        def outputs(theta: Any, inputs: Any) -> Any:
            for into, out in (theta[:2], theta[2:]):
                inputs = inputs + out @ jax.nn.relu(into @ inputs)
            return inputs

        slopes = jax.jit(jax.vmap(jax.jacobian(outputs), in_axes=(None, 0)))
        found = slopes(theta, jnp.asarray(random.standard_normal((points, size))))
        rows = np.concatenate([np.asarray(part).reshape(points * size, -1) for part in found], axis=1)
    return int(np.linalg.matrix_rank(rows, rtol=1e-10)), rows.shape[1]


def momentum_drift(rank: int = 3, damping: float = 0.5, until: float = 4.0) -> tuple[float, float, int]:
    """How far e^{γt}(XᵀẊ − ẊᵀX + YᵀẎ − ẎᵀY) moves along heavy-ball flow, and XᵀX − YᵀY; the number of its entries."""
    random = np.random.default_rng(0)
    shapes = ((4, rank), (5, rank))
    target = random.standard_normal((4, 5))
    cuts = np.cumsum([a * b for a, b in shapes])

    def parts(state: np.ndarray) -> list[np.ndarray]:
        places = np.split(state, [cuts[0], cuts[1], cuts[1] + cuts[0]])
        return [part.reshape(shape) for part, shape in zip(places, shapes * 2, strict=True)]

    def slope(_: float, state: np.ndarray) -> np.ndarray:
        x, y, dx, dy = parts(state)
        rest = x @ y.T - target
        return np.concatenate([part.ravel() for part in (dx, dy, -damping * dx - rest @ y, -damping * dy - rest.T @ x)])

    def laws(t: float, state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x, y, dx, dy = parts(state)
        turn = x.T @ dx + y.T @ dy
        return np.exp(damping * t) * (turn - turn.T), x.T @ x - y.T @ y

    start = random.standard_normal(2 * cuts[1])
    path = scipy.integrate.solve_ivp(slope, (0, until), start, method="DOP853", rtol=1e-12, atol=1e-13)
    values = [laws(t, state) for t, state in zip(path.t, path.y.T, strict=True)]
    size = np.abs(values[0][0]).max(), np.abs(values[0][1]).max()
    moved = [max(float(np.abs(v[k] - values[0][k]).max()) for v in values) / size[k] for k in (0, 1)]
    return moved[0], moved[1], rank * (rank - 1) // 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", nargs="+", choices=("linear", "relu"), default=("linear", "relu"))
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    rows = [row for kind in given.kinds for row in networks(kind, given.networks, given.seed)]
    for kind in given.kinds:
        own = [row for row in rows if row["kind"] == kind]
        seconds = [row["seconds"] for row in own]
        equal = sum(row["independent"] == row["published"] for row in own)
        print(f"{kind}: {equal} of {len(own)} as published; {max(seconds):.1f} s at most, {sum(seconds):.0f} s in all")
    rank, parameters = residual_rank()
    print(f"two ReLU residual blocks: the gradients have rank {rank} = {parameters} − {parameters - rank}")
    kept, other, entries = momentum_drift()
    print(f"heavy-ball flow: its {entries} laws drift by {kept:.0e} of their size, XᵀX − YᵀY by {other:.1g}")
    if given.out:
        found = {"networks": rows, "rank": rank, "parameters": parameters, "drift": kept, "balance drift": other}
        given.out.write_text(json.dumps(found, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
