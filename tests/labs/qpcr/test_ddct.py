import math

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from labs.qpcr.ddct import (
    Delta,
    NotComputable,
    Wells,
    delta,
    delta_of_biological,
    delta_of_pairs,
    fold_change,
    mean_of,
    sample_delta,
    scaled,
    standard_curve,
    technical,
)
from labs.qpcr.rules import ControlState, OutlierRule, Rules, control_state

CTS = st.floats(10, 40)
RULES = Rules()


def test_several_reference_genes_are_the_geometric_mean_of_their_quantities() -> None:
    found = delta(mean_of([25.0, 25.0]), [mean_of([18.0, 18.0]), mean_of([20.0, 20.0])])
    quantities = (2.0**-18, 2.0**-20)
    assert 2**-found.value == pytest.approx(2**-25.0 / math.sqrt(quantities[0] * quantities[1]))


def test_variances_add_up_with_the_weights_of_the_reference_genes() -> None:
    target, one, two = mean_of([25.0, 25.2]), mean_of([18.0, 18.4]), mean_of([20.0, 20.6])
    found = delta(target, [one, two])
    assert target.sd is not None
    assert one.sd is not None
    assert two.sd is not None
    assert found.sd == pytest.approx(math.sqrt(target.sd**2 + (one.sd / 2) ** 2 + (two.sd / 2) ** 2))


def test_efficiencies_give_the_ratio_of_pfaffl() -> None:
    tumour = delta(scaled(mean_of([24.0]), 1.9), [scaled(mean_of([18.0]), 2.1)])
    normal = delta(scaled(mean_of([26.0]), 1.9), [scaled(mean_of([18.5]), 2.1)])
    assert fold_change(tumour, normal, RULES).fold == pytest.approx(1.9 ** (26 - 24) / 2.1 ** (18.5 - 18))


def test_one_well_gives_a_fold_without_an_interval() -> None:
    tumour, normal = delta(mean_of([24.0]), [mean_of([18.0])]), delta(mean_of([25.0]), [mean_of([18.0])])
    found = fold_change(tumour, normal, RULES)
    assert found.fold == pytest.approx(2.0)
    assert (found.sd, found.low, found.high) == (None, None, None)


def test_equal_replicates_give_an_interval_of_no_width() -> None:
    side = delta(mean_of([24.0, 24.0]), [mean_of([18.0, 18.0])])
    found = fold_change(side, side, RULES)
    assert (found.low, found.fold, found.high) == (1.0, 1.0, 1.0)


def test_the_spread_of_a_group_is_that_of_its_biological_replicates() -> None:
    each = [Delta(value, 5.0, ()) for value in (6.0, 6.5, 7.0)]
    found = delta_of_biological(each)
    assert found.value == pytest.approx(6.5)
    assert found.sd == pytest.approx(0.5)


@seed(1)
@settings(max_examples=60, deadline=None)
@given(*(st.lists(CTS, min_size=2, max_size=4) for _ in range(4)))
def test_exchanging_the_sides_inverts_the_fold_and_its_interval(
    a: list[float], b: list[float], c: list[float], d: list[float]
) -> None:
    one, two = delta(mean_of(a), [mean_of(b)]), delta(mean_of(c), [mean_of(d)])
    try:
        there, back = fold_change(one, two, RULES), fold_change(two, one, RULES)
    except NotComputable:
        return
    assert there.fold * back.fold == pytest.approx(1.0)
    assert there.low is not None
    assert back.high is not None
    assert there.low * back.high == pytest.approx(1.0)
    assert there.low <= there.fold <= (there.high or 0)


@seed(2)
@settings(max_examples=60, deadline=None)
@given(st.lists(CTS, min_size=2, max_size=6), st.floats(-5, 5))
def test_more_template_in_a_sample_changes_nothing(cts: list[float], shift: float) -> None:
    plain = delta_of_pairs(cts, [ct - 1 for ct in cts])
    moved = delta_of_pairs([ct + shift for ct in cts], [ct - 1 + shift for ct in cts])
    assert moved.value == pytest.approx(plain.value, abs=1e-9)


@pytest.mark.parametrize(
    ("cts", "used", "left_out", "is_spread_out"),
    [
        ([24.0, 24.1, 30.0], (0, 1), (2,), True),
        ([24.0, 24.1, 24.2], (0, 1, 2), (), False),
        # Two that differ: nobody knows which one is wrong.
        ([24.0, 30.0], (0, 1), (), True),
        # Without any one of them the others still differ.
        ([20.0, 24.0, 30.0], (0, 1, 2), (), True),
        ([24.0, None, 24.1], (0, 2), (), False),
    ],
)
def test_the_outlier_rule_leaves_out_one_at_most_and_names_it(
    cts: list[float | None], used: tuple[int, ...], left_out: tuple[int, ...], is_spread_out: bool
) -> None:
    found = technical(cts, Rules(outliers=OutlierRule.DROP_FARTHEST))
    assert (found.used, found.left_out, found.is_spread_out) == (used, left_out, is_spread_out)
    assert technical(cts, Rules()).left_out == ()


@pytest.mark.parametrize(
    ("controls", "state"),
    [
        ([], ControlState.ABSENT),
        ([None, None], ControlState.SILENT),
        ([None, 36.0], ControlState.LATE),
        ([29.9], ControlState.FAILED),
    ],
)
def test_a_control_is_judged_by_the_latest_sample(controls: list[float | None], state: ControlState) -> None:
    assert control_state(controls, [24.0, 25.0], RULES) is state


@pytest.mark.parametrize(
    ("wells", "references", "sentence"),
    [
        ({"FAP": [None, None], "ACTB": [18.0]}, ["ACTB"], "FAP was not detected in any well."),
        ({"FAP": [24.0]}, ["ACTB"], "No well of ACTB is left."),
        ({"FAP": [24.0]}, [], "There is no reference gene."),
    ],
)
def test_what_is_missing_is_named(wells: dict[str, list[float | None]], references: list[str], sentence: str) -> None:
    with pytest.raises(NotComputable, match=sentence):
        sample_delta(Wells(wells), "FAP", references, {}, RULES)


@pytest.mark.parametrize("rules", [{"max_sd": 0.0}, {"control_margin": -1.0}, {"confidence": 1.0}])
def test_rules_out_of_range_are_refused(rules: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"lies between|lies above"):
        Rules(**rules)  # type: ignore[arg-type]  # numbers only


@pytest.mark.parametrize("efficiency", [1.0, 0.0, 2.6, float("nan")])
def test_an_impossible_efficiency_is_refused(efficiency: float) -> None:
    with pytest.raises(ValueError, match="amplification factor"):
        scaled(mean_of([24.0]), efficiency)


def test_a_curve_of_halving_steps_has_a_factor_of_two() -> None:
    curve = standard_curve([1, 0.5, 0.25, 0.125], [20, 21, 22, 23])
    assert (curve.efficiency, curve.r_squared) == pytest.approx((2.0, 1.0))
    with pytest.raises(NotComputable):
        standard_curve([1, 1], [20, 21])


def test_ct_too_far_apart_for_a_number() -> None:
    with pytest.raises(NotComputable, match="no number"):
        fold_change(Delta(-2000.0, None, ()), Delta(0.0, None, ()), RULES)
