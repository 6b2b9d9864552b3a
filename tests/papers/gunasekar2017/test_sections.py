"""What the sections say beside figures and theorems: wrong results are noticed, and turn the verdict on the paper."""

import numpy as np
import pytest

from equipoise.papers import Verdict


@pytest.fixture
def spoiled(quick):
    """The data with some variables of one part replaced by functions of it."""

    def of(claim, part, **changes):
        right = quick(claim)
        return {**right, part: right[part].assign({name: change(right[part]) for name, change in changes.items()})}

    return of


@pytest.fixture
def renamed(quick):
    """The data with some labels exchanged."""

    def of(claim, part, dimension, names):
        right = quick(claim)
        labels = [names.get(label, label) for label in right[part][dimension].values.tolist()]
        return {**right, part: right[part].assign_coords({dimension: labels})}

    return of


def test_least_norm_and_others_cannot_be_exchanged(quick, renamed, failing, judgement):
    names = {"gradient descent": "preconditioned", "preconditioned": "gradient descent"}
    exchanged = renamed("algorithms", "solutions", "algorithm", names)
    assert failing("algorithms", exchanged) == {
        "gradient descent: distance from the least Euclidean norm, relative",
        "others: smallest distance from the least Euclidean norm, relative",
    }
    assert judgement("algorithms", quick("algorithms")).verdict is Verdict.HOLDS
    assert judgement("algorithms", exchanged).verdict is Verdict.DOES_NOT_HOLD


def test_a_sweep_in_another_order_is_not_the_closed_form(spoiled, failing):
    away = spoiled("algorithms", "solutions", from_closed_form=lambda table: table["from_closed_form"] + 1e-3)
    assert failing("algorithms", away) == {"largest distance from PAᵀ(APAᵀ)⁻¹y, relative"}
    misfit = spoiled("algorithms", "solutions", misfit=lambda table: table["misfit"] + 1e-3)
    assert failing("algorithms", misfit) == {"largest misfit"}


def test_tasks_alone_do_not_pass_for_the_flow(quick, spoiled, failing, judgement):
    right = quick("multitask")["solutions"]
    order = right["solution"].values.tolist()
    small, alone = order.index("‖(U₀, V₀)‖ = 1e-05"), order.index("each alone")
    places = list(range(len(order)))
    places[small], places[alone] = alone, small
    exchanged = {"solutions": right.isel(solution=places).assign_coords(solution=order)}
    assert failing("multitask", exchanged) >= {
        "smallest start: median |excess| over the minimum",
        "each task alone: smallest excess over the minimum",
        "error of the flow over that of each task alone, median",
    }
    off = spoiled("multitask", "solutions", as_measured=lambda table: table["as_measured"] + 1e-6)
    assert failing("multitask", off) == {"largest difference of ⟨A_i, X⟩ from the prediction"}
    assert judgement("multitask", quick("multitask")).verdict is Verdict.HOLDS
    assert judgement("multitask", off).verdict is Verdict.DOES_NOT_HOLD


@pytest.mark.parametrize(
    ("name", "change", "check"),
    [
        ("columns", 1, "most non-zero columns of an A_i"),
        ("gap", 1e-3, "largest relative gap of the certificate"),
        ("misfit", 0.1, "largest misfit of the flow"),
    ],
)
def test_other_tasks_are_noticed(spoiled, failing, name, change, check):
    assert failing("multitask", spoiled("multitask", "solutions", **{name: lambda t: t[name] + change})) == {check}


def test_flows_that_part_are_noticed(quick, spoiled, failing, judgement):
    apart = spoiled("lift", "flows", apart=lambda table: table["apart"] + 1e-3)
    assert failing("lift", apart) == {"largest distance of the two flows, relative"}
    assert judgement("lift", quick("lift")).verdict is Verdict.HOLDS
    assert judgement("lift", apart).verdict is Verdict.DOES_NOT_HOLD
    whole = spoiled("lift", "flows", lift_minimum=lambda table: 2 * table["lift_minimum"])
    assert failing("lift", whole) == {"half the least trace of the lift against the least nuclear norm, relative"}


def test_a_large_start_does_not_pass_for_a_small_one_of_the_lift(quick, spoiled, failing, judgement):
    right = quick("lift")["flows"]
    reversed_ = {"flows": right.isel(norm=slice(None, None, -1))}
    assert failing("lift", reversed_) == {
        "smallest start: half the trace of the lift over ‖X‖_*, less 1",
        "largest start: half the trace of the lift over ‖X‖_*, less 1",
        "smallest start: |excess| over the least nuclear norm",
        "largest start: excess over the least nuclear norm",
    }
    assert judgement("lift", reversed_).verdict is Verdict.DOES_NOT_HOLD
    misfit = spoiled("lift", "flows", misfit=lambda table: table["misfit"] + 0.05)
    assert failing("lift", misfit) == {"largest misfit of the limits"}


def test_local_minima_at_full_width_would_be_noticed(quick, renamed, failing, judgement):
    names = {"full": "narrow", "narrow": "full"}
    exchanged = renamed("localminima", "ends", "width", names)
    assert failing("localminima", exchanged) >= {
        "width n: least eigenvalue of A*(r) over ‖A*(y)‖",
        "width 1: share of ends that are not global minima",
    }
    assert judgement("localminima", quick("localminima")).verdict is Verdict.HOLDS
    assert judgement("localminima", exchanged).verdict is Verdict.DOES_NOT_HOLD


@pytest.mark.parametrize(
    ("name", "change", "check"),
    [
        ("gradient", 1e-3, "largest ‖A*(r)U‖/‖A*(y)‖ at the ends"),
        ("own_hessian", -0.5, "width 1: least curvature at these"),
        ("full_hessian", 0.5, "the same points at width n: largest least curvature"),
    ],
)
def test_other_points_than_local_minima_would_be_noticed(spoiled, failing, name, change, check):
    assert failing("localminima", spoiled("localminima", "ends", **{name: lambda t: t[name] + change})) == {check}


def test_runs_from_near_a_saddle_that_stay_would_be_noticed(renamed, failing):
    names = {"narrow": "narrow, moved", "narrow, moved": "narrow"}
    check = "width n from near these: least eigenvalue of A*(r) over ‖A*(y)‖"
    assert check in failing("localminima", renamed("localminima", "ends", "width", names))


def test_controls_of_measurements_that_do_not_commute_do_not_pass(quick, failing, judgement):
    right = quick("control")
    other = right["others"].assign(excess=right["others"]["nuclear_norm"] / right["commuting"]["nuclear_norm"][0] - 1)
    exchanged = {"commuting": other, "others": right["commuting"]}
    assert failing("control", exchanged) >= {
        "commuting: largest distance from the end of gradient flow, relative",
        "commuting: largest excess at the smallest α",
        "not commuting: log₁₀ of the largest distance at the smallest α",
    }
    assert judgement("control", right).verdict is Verdict.HOLDS
    assert judgement("control", exchanged).verdict is Verdict.DOES_NOT_HOLD


def test_an_excess_that_does_not_fall_and_a_misfit_are_noticed(spoiled, failing, judgement):
    level = spoiled("control", "commuting", excess=lambda table: 0 * table["excess"] + 0.005)
    assert failing("control", level) == {"commuting: log₁₀ of the excess at the largest α over that at the smallest"}
    misfit = spoiled("control", "commuting", misfit=lambda table: table["misfit"] + 1e-3)
    assert failing("control", misfit) == {"commuting: largest misfit"}
    # where no control leads to zero error nothing supports the statement
    assert judgement("control", misfit).verdict is Verdict.DOES_NOT_HOLD


@pytest.mark.parametrize(
    ("change", "checks"),
    [
        (
            lambda t: t["descent"] * t["step"],
            {
                "exponent of the distance in the step, three shortest",
                "distance at the shortest step over the first order",
            },
        ),
        (lambda t: 1.3 * t["descent"], {"distance at the shortest step over the first order"}),
    ],
)
def test_another_order_or_size_of_the_departure_is_noticed(spoiled, failing, change, checks):
    assert failing("finitesteps", spoiled("finitesteps", "departures", descent=change)) == checks


def test_steps_that_stay_on_the_manifold_would_turn_the_verdict(quick, spoiled, failing, judgement):
    stays = spoiled("finitesteps", "departures", descent=lambda t: t["exponential"], exponential=lambda t: t["descent"])
    assert "exponential steps: largest distance" in failing("finitesteps", stays)
    assert judgement("finitesteps", quick("finitesteps")).verdict is Verdict.HOLDS
    assert judgement("finitesteps", stays).verdict is Verdict.DOES_NOT_HOLD
    level = spoiled("finitesteps", "departures", descent=lambda t: 0 * t["descent"] + 0.1)
    assert judgement("finitesteps", level).verdict is Verdict.DOES_NOT_HOLD


def test_another_tangent_space_is_noticed(quick, failing):
    right = quick("finitesteps")["departures"]
    flat = {"departures": right.assign_attrs(angle=0.0, tangent_error=0.01)}
    assert failing("finitesteps", flat) == {
        "A_iX + XA_i against differences within the manifold",
        "sine of the largest angle from the tangent space at the start",
    }


@pytest.mark.parametrize(
    ("part", "name", "change", "check"),
    [
        (
            "algebra",
            "dimension",
            lambda t: t["dimension"] - 1,
            "random pairs: largest n² less the dimension of the closure",
        ),
        ("algebra", "entries", lambda t: t["size"] ** 2, "pairs of entries, n ≥ 3: largest dimension of the closure"),
        ("reached", "missed", lambda t: t["missed"] + 1e-3, "largest distance from a target, relative"),
        ("reached", "missed", lambda t: t["missed"] * np.nan, "largest distance from a target, relative"),
        ("loops", "once", lambda t: t["once"] / t["step"], "one loop: exponent of the move in ε"),
        (
            "loops",
            "many",
            lambda t: t["many"] * t["step"],
            "1/ε² loops: exponent in ε of the distance from exp([A_1, A_2])",
        ),
    ],
)
def test_another_algebra_is_noticed(spoiled, failing, judgement, part, name, change, check):
    wrong = spoiled("closure", part, **{name: change})
    assert failing("closure", wrong) == {check}
    judged_too = name in ("dimension", "missed", "once")
    verdict = Verdict.DOES_NOT_HOLD if judged_too else Verdict.HOLDS
    assert judgement("closure", wrong).verdict is verdict


def bounded(table):
    """A remainder that stays as it is when the direct term grows."""
    return table["remainder"].isel(path=0) + 0 * table["remainder"]


def test_a_remainder_of_lower_order_would_be_noticed(quick, failing, judgement):
    right = quick("commutators")
    assert judgement("commutators", right).verdict is Verdict.DOES_NOT_HOLD
    lower = dict(right)
    for kind, text in {"few": "m = 3", "many": "m = 7", "random": "random controls"}.items():
        lower[kind] = right[kind].assign(remainder=bounded(right[kind]))
        check = f"{text}: remainder/direct term when log(1/α) doubles, median factor"
        assert failing("commutators", {**right, kind: lower[kind]}) == {check}
        # the paper says it of all of them
        assert judgement("commutators", {**right, kind: lower[kind]}).verdict is Verdict.DOES_NOT_HOLD
    assert judgement("commutators", lower).verdict is Verdict.HOLDS


def test_a_second_term_of_another_order_is_noticed(spoiled, failing):
    for kind, text in {"few": "m = 3", "many": "m = 7"}.items():
        level = spoiled("commutators", kind, second=lambda t: t["second"].isel(path=0) + 0 * t["second"])
        check = f"{text}: second/direct term when log(1/α) doubles, median factor"
        assert failing("commutators", level) == {check}
    square = spoiled("commutators", "short", second=lambda t: t["second"] / t["share"])
    assert failing("commutators", square) == {"short pieces: exponent of the second term in their length"}
    level = spoiled("commutators", "short", direct=lambda t: t["direct"] / t["share"])
    assert failing("commutators", level) == {"short pieces: exponent of the direct term in their length"}


def test_what_does_not_commute_or_fit_is_noticed(quick, spoiled, failing):
    right = quick("commutators")
    assert failing("commutators", {**right, "commuting": right["random"]}) == {
        "commuting, random controls: largest remainder/direct term"
    }
    above = spoiled("commutators", "many", excess=lambda t: t["excess"] + 0.1, misfit=lambda t: t["misfit"] + 0.1)
    assert failing("commutators", above) == {
        "m = 7: median |excess| at the smallest start",
        "m = 7: median misfit at the smallest start",
    }


def test_momentum_on_u_does_not_pass_for_descent(quick, spoiled, renamed, failing, judgement):
    names = {"descent": "momentum", "momentum": "descent"}
    for part, checks in {
        "on_u": {"on U: log₁₀ of the distance of momentum over that of gradient descent"},
        "limits": {
            "fixed instance: excess of gradient descent from the smallest start",
            "fixed instance: least excess of momentum from α = 1e-10 on",
        },
    }.items():
        assert failing("momentum", renamed("momentum", part, "algorithm", names)) == checks
    assert judgement("momentum", quick("momentum")).verdict is Verdict.HOLDS
    stays = spoiled("momentum", "on_u", off_manifold=lambda t: 1e-9 * t["off_manifold"])
    assert judgement("momentum", stays).verdict is Verdict.DOES_NOT_HOLD
    finds = spoiled("momentum", "limits", excess=lambda t: 0 * t["excess"])
    assert judgement("momentum", finds).verdict is Verdict.DOES_NOT_HOLD


def test_departures_of_another_order_are_noticed(quick, failing):
    right = quick("momentum")
    off = right["on_u"]["off_manifold"]
    level = off.isel(step=0) + 0 * off
    assert failing("momentum", {**right, "on_u": right["on_u"].assign(off_manifold=level)}) == {
        "on U: distance of gradient descent, 16 times shorter steps over the first"
    }
    falls = off.isel(step=0) * off["step"] / off["step"][0]
    assert failing("momentum", {**right, "on_u": right["on_u"].assign(off_manifold=falls)}) == {
        "on U: distance of momentum that decays in time 1, the same ratio"
    }


@pytest.mark.parametrize(
    ("part", "name", "check"),
    [
        ("on_x", "off_span", "on X: largest distance from the span of the A_i, relative"),
        ("on_x", "away", "on X: largest distance from the least Frobenius norm, relative"),
        ("limits", "misfit", "fixed instance: largest misfit"),
    ],
)
def test_methods_on_x_that_leave_the_span_are_noticed(spoiled, failing, judgement, part, name, check):
    wrong = spoiled("momentum", part, **{name: lambda t: t[name] + 1e-3})
    assert failing("momentum", wrong) == {check}
    verdict = Verdict.DOES_NOT_HOLD if part == "on_x" else Verdict.HOLDS
    assert judgement("momentum", wrong).verdict is verdict
