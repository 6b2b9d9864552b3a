"""Appendices B and C: what their claims measure, and that they fail and are judged otherwise on wrong data."""

import numpy as np
import pytest

import equipoise as eq
from equipoise.papers import Verdict
from equipoise.papers.du2018 import equation15, equation19, equation24, lemmaB_1
from equipoise.papers.du2018.shared.induction import induction


def test_gradient_of_the_formula_is_that_of_the_problem():
    problem = eq.problems.planted(lemmaB_1.SHAPE, 3, values=lemmaB_1.VALUES[3], seed=3)
    point = tuple(np.random.default_rng(0).standard_normal(shape) for shape in problem.shapes)
    for one, other in zip(lemmaB_1.gradient(problem, point), problem.gradient(point), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


def test_a_sharper_or_a_flatter_landscape_is_noticed(quick, failing, judgement):
    right = quick("lemmaB.1")
    sets, steps = right["sets"], right["steps"]
    sharp = {**right, "sets": sets.assign(highest=sets["highest"] * 2.01)}
    assert len(failing("lemmaB.1", sharp)) == 3
    assert judgement("lemmaB.1", right).verdict is Verdict.HOLDS
    assert judgement("lemmaB.1", sharp).verdict is Verdict.DOES_NOT_HOLD
    flat = sets.assign(highest=sets["highest"] * 0.99)
    assert len(failing("lemmaB.1", {**right, "sets": flat})) == 1
    assert len(failing("lemmaB.1", {**right, "sets": sets.assign(lowest=sets["lowest"] * 1.01)})) == 1
    assert len(failing("lemmaB.1", {**right, "sets": sets.assign(quotient=sets["quotient"] * 1.2)})) == 1
    assert len(failing("lemmaB.1", {**right, "steps": steps.assign(fall=steps["fall"] - 0.9)})) == 1


@pytest.mark.parametrize(("rank", "share"), [(1, 1.0), (3, 0.3)])
def test_extreme_points_are_in_the_set_and_attain_the_bound(rank, share):
    u, v = equation15.extreme(rank, share, np.random.default_rng(0))
    assert np.linalg.norm(u @ v.T) == pytest.approx(3.0)
    assert np.linalg.norm(u.T @ u - v.T @ v) == pytest.approx(share)
    assert np.sum(u**2) == pytest.approx(rank**0.5 * (share + (share**2 + 36) ** 0.5) / 2)


def test_points_beyond_the_set_or_its_bound_are_noticed(quick, failing, judgement):
    right = quick("equation15")
    points = right["set"]
    for name in ("product", "gap"):
        assert len(failing("equation15", {**right, "set": points.assign({name: points[name] * 1.01})})) == 1
    assert len(failing("equation15", {**right, "set": points.assign(u_size=points["u_size"] * 1.01)})) == 2
    beyond = {**right, "set": points.assign(v_size=points["v_size"] * 1.5)}
    assert len(failing("equation15", beyond)) == 3
    assert judgement("equation15", right).verdict is Verdict.HOLDS
    assert judgement("equation15", beyond).verdict is Verdict.DOES_NOT_HOLD
    idle = points.isel(point=points["kind"].values != "extreme")
    assert len(failing("equation15", {**right, "set": idle})) == 1
    drawn = points.assign(u_size=points["u_size"].where(points["kind"] != "climbed", 0.9), v_size=0 * points["v_size"])
    assert len(failing("equation15", {**right, "set": drawn})) == 1
    assert len(failing("equation15", {**right, "lopsided": right["lopsided"] / 100})) == 1


def test_paths_that_do_not_arrive_or_are_not_balanced_are_noticed(quick, failing):
    ends = quick("lemmaB.2")["ends"]
    wrong = {"gradient": ends["gradient"] + 0.01, "gap": ends["gap"] * 30, "away": ends["away"] + 0.1}
    for name, values in wrong.items():
        assert failing("lemmaB.2", {"ends": ends.assign({name: values})})
    still = {"ends": ends.assign(away=ends["away"] / 10)}
    assert failing("lemmaB.2", still) == {"largest distance of the start from the end, over √‖M‖"}
    swapped = ends.assign_coords(schedule=np.roll(ends["schedule"].values, 1))
    assert failing("lemmaB.2", {"ends": swapped}) == {
        "largest ‖∇f‖/‖M‖^1.5 at the end",
        "printed η₀: smallest ‖∇f‖ at the end over that at the start",
    }


def test_only_printed_step_sizes_that_arrive_decide_lemma_b_2(quick, judgement):
    ends = quick("lemmaB.2")["ends"]
    assert judgement("lemmaB.2", {"ends": ends}).verdict is Verdict.NOT_DECIDED
    arrived = ends.assign(gradient=ends["gradient"].where(ends["look"] < 1, 0.0))
    assert judgement("lemmaB.2", {"ends": arrived}).verdict is Verdict.HOLDS
    for data in (ends, arrived):
        off = {"ends": data.assign(gap=data["gap"] * 1000)}
        assert judgement("lemmaB.2", off).verdict is Verdict.DOES_NOT_HOLD


def test_points_orthogonal_to_the_optima_share_their_gram_matrix():
    problem = eq.problems.planted(equation19.SHAPE, equation19.RANK, values=equation19.VALUES, seed=3)
    best = tuple(np.asarray(w) for w in problem.signal.factors())
    point = equation19._drawn(equation19.ORTHOGONAL, best, np.random.default_rng(0))
    joint, joint_best = np.concatenate(point), np.concatenate(best)
    np.testing.assert_allclose(joint.T @ joint, joint_best.T @ joint_best, atol=1e-12)
    assert np.linalg.norm(joint.T @ joint_best) < 1e-4


def test_each_equation_behind_lemma_3_2_can_fail(quick, failing, judgement):
    points = quick("equation19")["points"]
    for number in range(3):
        off = points.copy(deep=True)
        off["departure"][0, number] = 1e-6
        assert len(failing("equation19", {"points": off})) == 1
        assert judgement("equation19", {"points": off}).verdict is Verdict.DOES_NOT_HOLD
    above = {"points": points.assign(ratio=points["ratio"] * 1.001)}
    assert len(failing("equation19", above)) == 2
    assert judgement("equation19", above).verdict is Verdict.DOES_NOT_HOLD
    assert judgement("equation19", {"points": points}).verdict is Verdict.HOLDS
    below = points.assign(ratio=points["ratio"] * 0.999)
    assert len(failing("equation19", {"points": below})) == 1
    assert len(failing("equation19", {"points": points.assign(turned=points["ratio"])})) == 1


def test_a_step_on_vectors_is_that_of_the_problem():
    problem = eq.problems.planted((4, 3), 1, values=[equation24.VALUE], seed=3)
    u, v = (np.random.default_rng(side).standard_normal((1, shape[0])) for side, shape in enumerate(problem.shapes))
    later = equation24.after_step(problem.signal, (u, v), 0.3)
    slopes = problem.gradient((u.T, v.T))
    for before, after, slope in zip((u, v), later, slopes, strict=True):
        np.testing.assert_allclose(after, before - 0.3 * np.asarray(slope).T, rtol=1e-12, atol=1e-12)


def test_the_recursions_can_fail(quick, failing, judgement):
    right = quick("equation24")
    for part in ("points", "paths"):
        for name in ("misfit", "off"):
            spoiled = {**right, part: right[part].assign({name: right[part][name] + 1e-9})}
            assert len(failing("equation24", spoiled)) == 1
            assert judgement("equation24", spoiled).verdict is Verdict.DOES_NOT_HOLD
    assert judgement("equation24", right).verdict is Verdict.HOLDS
    points, paths = right["points"], right["paths"]
    assert len(failing("equation24", {**right, "points": points.assign(simple=points["misfit"])})) == 1
    assert len(failing("equation24", {**right, "paths": paths.isel(step=slice(0, 100))})) == 1


def test_the_induction_follows_one_path():
    """Against the definitions, written out for a single start."""
    start = eq.theory.Strengths(*(np.array([number]) for number in (0.02, -0.03, 0.1, 0.05)))
    start = start._replace(alpha=-start.alpha)
    c, constant, value = 0.1, 0.25, 2.0
    found = induction(start, c, constant, 200)
    path, now = [], start._replace(alpha=-start.alpha, beta=-start.beta)
    for _ in range(201):
        path.append([float(number[0]) for number in now])
        now = now.after_step(c / value, value)
    a, b, p, q = np.array(path).T
    escape = int(np.flatnonzero(a**2 + b**2 >= value / 2)[0])
    assert found.escaped[0] == escape
    assert found.size[0] == pytest.approx((a**2 + b**2 + p**2 + q**2)[:escape].max() / value)
    xi = p[0] ** 2 + q[0] ** 2
    most = c / value * xi * (1 - constant * c) ** np.arange(200 - escape)
    bound = np.cumprod(1 - most)
    kept = np.minimum(a[escape + 1 :] / a[escape], b[escape + 1 :] / b[escape]) / bound
    assert found.kept[0] == pytest.approx(kept.min())
    fall = np.maximum(1 - a[escape + 1 :] / a[escape:-1], 1 - b[escape + 1 :] / b[escape:-1])
    assert found.fall[0] == pytest.approx(fall.max(), rel=1e-9, abs=1e-15)
    assert found.over[0] == pytest.approx((fall / most).max(), rel=1e-6, abs=1e-9)


def test_vectors_that_grow_too_much_before_the_escape_are_noticed(quick, failing, judgement):
    right = quick("lemmaC.1")
    starts = right["starts"]
    larger = {"starts": starts.assign(size=starts["size"] * 2.1)}
    assert len(failing("lemmaC.1", larger)) == 4
    assert judgement("lemmaC.1", right).verdict is Verdict.HOLDS
    assert judgement("lemmaC.1", larger).verdict is Verdict.DOES_NOT_HOLD
    assert len(failing("lemmaC.1", {"starts": starts.assign(size=starts["size"] / 3)})) == 2
    assert "smallest T₁, c_init up to 0.05" in failing(
        "lemmaC.1", {"starts": starts.assign(escaped=-1 + 0 * starts["escaped"])}
    )


def test_strengths_that_fall_too_much_are_noticed(quick, failing, judgement):
    right = quick("lemmaC.2")
    starts = right["starts"]
    lower = {"starts": starts.assign(kept=starts["kept"] - 0.1)}
    assert len(failing("lemmaC.2", lower)) == 2
    assert judgement("lemmaC.2", right).verdict is Verdict.HOLDS
    assert judgement("lemmaC.2", lower).verdict is Verdict.DOES_NOT_HOLD
    assert len(failing("lemmaC.2", {"starts": starts.assign(fall=starts["fall"] + 1e-6)})) == 1
    reversed_steps = starts.assign_coords(c_step=starts["c_step"].values[::-1])
    assert len(failing("lemmaC.2", {"starts": reversed_steps})) >= 2
    never = starts.assign(escaped=-1 + 0 * starts["escaped"])
    assert len(failing("lemmaC.2", {"starts": never})) == 1
