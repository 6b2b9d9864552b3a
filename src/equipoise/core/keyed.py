"""Random numbers that belong to ids: those of an id depend on the seed and its text alone, not on where it stands.

So a table whose rows are permuted gives the permuted numbers. The hash is BLAKE2b (RFC 7693); the numbers of an id
follow from its hash by the counter-based SplitMix64 (G. Steele, D. Lea and C. Flood, Fast splittable pseudorandom
number generators, OOPSLA 2014).
"""

import hashlib

import numpy as np
import scipy.special
from jaxtyping import Float64, Shaped, UInt64

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_SHIFTS = np.uint64(30), np.uint64(27), np.uint64(31)
_FACTORS = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def keys_of(ids: Shaped[np.ndarray, " ids"], seed: int, tag: int = 0) -> UInt64[np.ndarray, " ids"]:
    """A key for each id: 64 bits of the BLAKE2b hash of its text, under the seed and a tag.

    - `ids`: whole numbers or text; the number 5 and the text 5 have the same key.
    - `tag`: tells the streams of one seed apart; 0 by default.
    """
    begun = hashlib.blake2b(f"{seed} {tag} ".encode(), digest_size=8)

    def digest(identity: object) -> bytes:
        hashed = begun.copy()
        hashed.update(str(identity).encode("utf-8", "surrogatepass"))
        return hashed.digest()

    return np.frombuffer(b"".join(map(digest, ids.tolist())), "<u8").astype(np.uint64)


def mixed(keys: UInt64[np.ndarray, "*shape"]) -> UInt64[np.ndarray, "*shape"]:
    """The keys with all bits mixed, by the finalizer of SplitMix64."""
    found = (keys ^ (keys >> _SHIFTS[0])) * _FACTORS[0]
    found = (found ^ (found >> _SHIFTS[1])) * _FACTORS[1]
    return found ^ (found >> _SHIFTS[2])


def uniform(keys: UInt64[np.ndarray, "*shape"]) -> Float64[np.ndarray, "*shape"]:
    """A number in (0, 1) for each key, from its 53 leading bits."""
    return ((mixed(keys) >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def standard_normal(keys: UInt64[np.ndarray, " ids"], count: int) -> Float64[np.ndarray, "ids count"]:
    """`count` independent N(0, 1) numbers for each key; the first ones do not depend on how many are asked for."""
    steps = _GOLDEN * np.arange(1, count + 1, dtype=np.uint64)
    return np.asarray(scipy.special.ndtri(uniform(keys[:, None] + steps)))
