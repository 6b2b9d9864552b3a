"""The front door: what it checks, what it promises about precision and global settings, and what it writes down."""

import json
import os
import subprocess
import sys

import jax
import numpy as np
import optax
import pytest

import equipoise as eq

RECORD = eq.Record(every=5, observables=("loss", "balance", "sharpness"))


@pytest.fixture(scope="module")
def run(problem, perturbed, start):
    def simulate(**options):
        given = {"problem": problem, "dynamics": perturbed, "init": start, "seed": 3, "steps": 10, "replicates": 2}
        return eq.simulate(**(given | {"record": RECORD} | options))

    return simulate


@pytest.fixture(scope="module")
def ran(run):
    return run()


def _equal(one, other):
    for first, second in zip(one.theta, other.theta, strict=True):
        np.testing.assert_array_equal(first, second)
    for name in one.dataset.data_vars:
        np.testing.assert_array_equal(one.dataset[name], other.dataset[name])


def test_results_are_double_precision_and_the_users_mode_stays(ran):
    assert not jax.config.jax_enable_x64
    assert {w.dtype for w in ran.theta} == {np.dtype(np.float64)}
    for name in ("loss", "balance", "norm_x", "norm_y", "sharpness"):
        assert ran.dataset[name].dtype == np.float64
    assert jax.numpy.asarray(1.0).dtype == np.float32
    # a number that single precision cannot hold
    assert np.any(ran.theta[0] != ran.theta[0].astype(np.float32))


def test_theta_has_the_replicates_first(ran, problem):
    assert tuple(w.shape for w in ran.theta) == tuple((2, *shape) for shape in problem.shapes)
    assert all(isinstance(w, np.ndarray) for w in ran.theta)
    assert ran.status == (eq.Status.completed,) * 2
    assert ran.dataset["loss"].dims == ("replicate", "step")


def test_single_precision_is_kept_where_it_is_asked_for(run, target):
    single = run(problem=eq.problems.factorization(target, rank=2, dtype=np.float32))
    assert {w.dtype for w in single.theta} == {np.dtype(np.float32)}
    assert single.dataset["sharpness"].dtype == np.float32


@pytest.mark.parametrize(
    "mode",
    [
        lambda: jax.enable_x64(True),
        lambda: jax.threefry_partitionable(False),
        lambda: jax.default_prng_impl("rbg"),
        lambda: jax.numpy_rank_promotion("warn"),
    ],
    ids=["x64", "old-threefry", "rbg", "rank-promotion"],
)
@pytest.mark.filterwarnings("ignore:Following NumPy automatic rank promotion")
def test_the_users_own_mode_changes_nothing(run, ran, mode):
    with mode():
        before = dict(jax.config.values)
        again = run()
        assert dict(jax.config.values) == before
    _equal(again, ran)


SCRIPT = """
import json, sys, jax
if len(sys.argv) > 1:
    jax.config.update("jax_enable_x64", True)
before = {k: str(v) for k, v in jax.config.values.items()}
import equipoise as eq
import numpy as np
target = np.random.default_rng(7).standard_normal((4, 3))
problem = eq.problems.factorization(target, rank=2)
dynamics = eq.dynamics.PerturbedGD(step_size=0.02, noise=eq.noise.Gaussian(std=0.05))
record = eq.Record(every=5, observables=("loss", "balance", "sharpness"))
run = eq.simulate(problem, dynamics, eq.initial.Gaussian(std=0.3), seed=3, steps=10, replicates=2, record=record)
eq.evaluate(problem, tuple(w[0] for w in run.theta), ("distance", "condition_number"))
after = {k: str(v) for k, v in jax.config.values.items()}
changed = [k for k in after if after[k] != before.get(k)]
print(json.dumps([changed, str(jax.numpy.asarray(1.0).dtype), [w.tolist() for w in run.theta]]))
"""


@pytest.mark.parametrize("mode", [[], ["x64"]])
def test_in_a_fresh_process_no_setting_changes_and_the_numbers_are_the_same(ran, mode):
    """Import, simulation and evaluation leave JAX as it was, in its own mode and in the 64-bit one."""
    out = subprocess.run(
        [sys.executable, "-c", SCRIPT, *mode], capture_output=True, text=True, check=True, timeout=300, env=os.environ
    )
    changed, dtype, theta = json.loads(out.stdout)
    assert changed == []
    assert dtype == ("float64" if mode else "float32")
    for found, wanted in zip(theta, ran.theta, strict=True):
        np.testing.assert_array_equal(np.array(found), wanted)


def test_settings_seed_and_versions_are_in_the_attributes(ran, problem, perturbed):
    attributes = ran.dataset.attrs
    assert attributes["seed"] == "3"
    assert attributes["seconds"] > 0
    assert set(json.loads(attributes["versions"])) >= {"equipoise", "jax", "jaxlib", "numpy", "xarray"}
    assert json.loads(attributes["versions"])["jax"] == jax.__version__
    settings = json.loads(attributes["settings"])
    assert settings["dynamics"] == {
        "class": "equipoise.dynamics.perturbed.PerturbedGD",
        "step_size": 0.02,
        "noise": {"class": "equipoise.noise.gaussian.Gaussian", "std": 0.05},
    }
    assert settings["init"] == {"class": "equipoise.initial.gaussian.Gaussian", "std": 0.3}
    assert settings["problem"]["measurement"]["target"]["entries"] == problem.measurement.target.entries.tolist()
    assert (settings["replicates"], settings["first_step"], settings["steps"]) == (2, 0, 10)
    assert settings["record"]["every"] == 5
    assert [observable["name"] for observable in settings["record"]["observables"]] == ["loss", "balance", "sharpness"]
    assert attributes["engine"] in ("native", "xla")


def test_variables_say_what_they_are(ran):
    assert ran.dataset["loss"].attrs == {"long_name": "objective", "formula": "loss(θ)", "units": "[M]²"}
    for name in ran.dataset.variables:
        assert ran.dataset[name].attrs["long_name"], name


def test_the_default_record_and_one_replicate(problem, descent, start):
    run = eq.simulate(problem, descent, start, seed=0, steps=1)
    assert set(run.dataset.data_vars) == {"loss", "balance", "norm_x", "norm_y", "status", "end_step"}
    assert run.dataset["step"].values.tolist() == [0, 1]
    assert run.dataset.sizes["replicate"] == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"seed": -1}, "seed is -1; it must be a whole number, from 0 to 9223372036854775807."),
        ({"seed": 2**63}, "seed is 9223372036854775808; it must be a whole number, from 0 to 9223372036854775807."),
        ({"replicates": 0}, "replicates is 0; it must be a whole number, 1 or greater."),
        ({"steps": -1}, "steps is -1; it must be a whole number, 0 or greater."),
        ({"first_step": -2}, "first_step is -2; it must be a whole number, 0 or greater."),
        ({"chunk": 0}, "chunk is 0; it must be a whole number, 1 or greater."),
        ({"seed": None}, "seed is missing; give a whole number, or pass a run to continue as resume=."),
        ({"init": None}, "init is missing; give a start, or pass a run to continue as resume=."),
        ({"engine": "fast"}, "There is no engine 'fast'; choose auto or one of native, xla, law."),
    ],
)
def test_numbers_out_of_range(run, options, said):
    with pytest.raises(eq.InputError) as caught:
        run(**options)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"init": eq.initial.Given((np.ones((2, 4, 2)), np.ones((2, 3, 2)))), "replicates": 3}, "for 2 replicates"),
        ({"init": eq.initial.Given((np.ones((4, 3)), np.ones((3, 3))))}, "the problem needs ((4, 2), (3, 2))"),
        ({"init": eq.initial.Given((np.ones((3, 4, 2)), np.ones((2, 3, 2))))}, "of the same length in all arrays"),
        ({"dynamics": eq.dynamics.GradientDescent((0.1, 0.1, 0.1))}, "3 values were given for 2 factors"),
        (
            {"dynamics": eq.dynamics.PerturbedGD(0.1, eq.noise.AnisotropicGaussian([np.eye(2)] * 2, [np.eye(2)] * 2))},
            "but the factors have shapes ((4, 2), (3, 2))",
        ),
    ],
)
def test_parts_that_do_not_fit_together(run, options, said):
    with pytest.raises(eq.InputError) as caught:
        run(**options)
    assert said in str(caught.value)


def test_the_largest_seeds_are_seeds(run):
    """Beyond 32 bits they are told apart still."""
    runs = [run(seed=seed, steps=0) for seed in (0, 2**32, 2**63 - 1, 7)]
    assert len({r.theta[0].tobytes() for r in runs}) == 4
    assert runs[-2].dataset.attrs["seed"] == "9223372036854775807"


def test_more_starts_than_replicates_may_be_given(run):
    starts = eq.initial.Given((np.ones((5, 4, 2)) * np.arange(5)[:, None, None], np.ones((5, 3, 2))))
    run = run(init=starts, steps=0)
    assert run.theta[0][:, 0, 0].tolist() == [0.0, 1.0]


def test_the_optimum_is_attached_for_a_start_that_needs_it(run):
    plain = eq.initial.OrthogonalToSignal(std=0.2)
    inner, outer = run(init=plain, steps=0), run(init=eq.initial.Unbalanced(plain, 4.0), steps=0)
    np.testing.assert_allclose(outer.theta[0], 2 * inner.theta[0], rtol=1e-14)
    np.testing.assert_allclose(outer.theta[1], inner.theta[1] / 2, rtol=1e-14)


SCHEDULES = {
    "optax": (optax.exponential_decay(0.05, transition_steps=4, decay_rate=0.5), lambda t: 0.05 * 0.5 ** (t / 4)),
    "function": (lambda step: 0.05 / (1 + step), lambda t: 0.05 / (1 + t)),
    "constant": (0.05, lambda t: 0.05),
}


@pytest.mark.parametrize("first", SCHEDULES)
@pytest.mark.parametrize("second", SCHEDULES)
def test_schedules_are_followed_for_each_factor(run, target, first, second):
    """Against descent by hand, which knows the schedules as formulas; the steps count on from `first_step`."""
    (given_x, size_x), (given_y, size_y) = SCHEDULES[first], SCHEDULES[second]
    generator = np.random.default_rng(0)
    x, y = generator.standard_normal((4, 2)), generator.standard_normal((3, 2))
    ran = run(
        dynamics=eq.dynamics.GradientDescent((given_x, given_y)),
        init=eq.initial.Given((x, y)),
        first_step=3,
        replicates=1,
        record=eq.Record(every=10, observables=("loss",)),
    )
    for step in range(3, 13):
        residual = x @ y.T - target
        x, y = x - size_x(step) * residual @ y, y - size_y(step) * residual.T @ x
    np.testing.assert_allclose(ran.theta[0][0], x, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(ran.theta[1][0], y, rtol=1e-12, atol=1e-14)
