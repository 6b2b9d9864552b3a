"""Complete a matrix with missing entries, and hold out."""

import numpy as np

import equipoise as eq

random = np.random.default_rng(0)
truth = random.standard_normal((40, 3)) @ random.standard_normal((3, 30))
table = truth + 0.3 * random.standard_normal(truth.shape)
table[random.random(table.shape) < 0.5] = np.nan  # half of it is missing

entries = eq.datasets.triplets_from_matrix(table)
rest, test = eq.datasets.hold_out_fraction(entries, 0.1, seed=0)
training, held_out = eq.datasets.hold_out_fraction(rest, 0.1, seed=1)
found = eq.estimators.complete(
    training, held_out, test=test, by=("small-init", "noise")
)
for score in found.scores:
    print(
        f"{score.method:20s} {score.held_out_rmse:.2f} {score.test_rmse:.2f}"
    )

# the test entries chose nothing, so their error is that of new entries:
# a little above the noise of 0.3, and far below that of the means
methods, means = found.scores[:2], found.scores[2]
assert found.score.held_out_rmse == min(s.held_out_rmse for s in methods)
assert 0.25 < found.score.test_rmse < 0.5 < 1.5 < means.test_rmse

# what the noise-free entries would have said of the missing ones
missing = np.isnan(table)
error = np.sqrt(np.mean((found.dense() - truth)[missing] ** 2))
assert error < 0.35
