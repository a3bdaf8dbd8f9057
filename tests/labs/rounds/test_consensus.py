"""What reads come to under each rule."""

from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs.ihc.scoring import ATTAINABLE
from labs.rounds.consensus import CannotSettle, Said, concordant, rounded, settled
from labs.rounds.models import ConsensusRule, MeanRounding

scores = st.sampled_from(ATTAINABLE).map(lambda score: Said(float(score)))
said = st.one_of(scores, st.sampled_from(["necrosis", "artefact"]).map(lambda why: Said(None, why)))
roundings = st.sampled_from(MeanRounding.values)


@pytest.mark.parametrize(
    ("reads", "rounding", "expected"),
    [
        ((6, 8), "none", 7.0),
        ((6, 8), "lower", 6.0),
        ((6, 8), "higher", 8.0),
        ((4, 6), "lower", 4.0),
        ((9, 12), "lower", 9.0),
        ((9, 12), "higher", 12.0),
        ((4, 8), "forbid", 6.0),
        ((3, 12), "lower", 8.0),
    ],
)
def test_a_mean_is_rounded_as_the_protocol_says(reads: tuple[float, ...], rounding: str, expected: float) -> None:
    found = settled(ConsensusRule.MEAN, [Said(read) for read in reads], None, rounding, is_score=True)
    assert found == Said(expected)


def test_a_mean_that_is_no_score_can_be_forbidden() -> None:
    with pytest.raises(CannotSettle, match="7 is no attainable score"):
        settled(ConsensusRule.MEAN, [Said(6), Said(8)], None, MeanRounding.FORBID, is_score=True)
    assert settled(ConsensusRule.MEAN, [Said(6), Said(8)], None, "forbid", is_score=False) == Said(7)


@pytest.mark.parametrize("rule", [ConsensusRule.THIRD, ConsensusRule.MEDIAN, ConsensusRule.JOINT])
def test_a_rule_that_lacks_what_it_needs_says_so(rule: str) -> None:
    with pytest.raises(CannotSettle):
        settled(rule, [Said(2), Said(12)], None, MeanRounding.NONE, is_score=True)


def test_the_third_read_decides_also_that_the_slide_is_not_assessable() -> None:
    pair = [Said(2), Said(12)]
    assert settled("third", pair, Said(9), "lower", is_score=True) == Said(9)
    assert settled("third", pair, Said(None, "necrosis"), "lower", is_score=True) == Said(None, "necrosis")


@pytest.mark.parametrize(
    ("primary", "third", "expected"),
    [
        ((Said(2), Said(12)), Said(9), Said(9)),
        ((Said(2), Said(None, "necrosis")), Said(4), Said(3)),
        ((Said(None, "artefact"), Said(None, "necrosis")), Said(4), Said(None, "artefact")),
        ((Said(3), Said(None, "necrosis")), Said(None, "necrosis"), Said(None, "necrosis")),
    ],
)
def test_the_median_of_three(primary: tuple[Said, ...], third: Said, expected: Said) -> None:
    assert settled(ConsensusRule.MEDIAN, primary, third, MeanRounding.NONE, is_score=True) == expected


def test_a_tie_between_assessable_and_not_is_no_median() -> None:
    with pytest.raises(CannotSettle, match="As many"):
        settled("median", [Said(2), Said(4), Said(None, "necrosis")], Said(None, "necrosis"), "none", is_score=True)


def test_concordant_reads_that_nobody_could_assess() -> None:
    reads = [Said(None, "necrosis"), Said(None, "no_tumour"), Said(None, "no_tumour")]
    assert concordant(reads, MeanRounding.NONE, is_score=True) == Said(None, "no_tumour")


@given(st.floats(0, 12), st.sampled_from([MeanRounding.LOWER, MeanRounding.HIGHER]))
def test_rounding_takes_a_nearest_score(value: float, rounding: str) -> None:
    found = rounded(value, rounding)
    assert found in ATTAINABLE
    assert all(abs(found - value) <= abs(score - value) for score in ATTAINABLE)
    assert rounded(found, rounding) == found


@given(st.lists(said, min_size=2, max_size=5), said, roundings, st.sampled_from(ConsensusRule.values))
def test_a_settled_slide_has_a_value_or_a_reason_within_its_reads(
    primary: list[Said], third: Said, rounding: str, rule: str
) -> None:
    try:
        found = settled(rule, primary, third, rounding, is_score=True)
    except CannotSettle as error:
        assert str(error)
        return
    assert (found.value is None) == bool(found.not_assessable)
    if found.value is not None:
        values = [read.value for read in [*primary, third] if read.value is not None]
        assert min(values) <= found.value <= max(values)


@given(st.lists(scores, min_size=2, max_size=4), scores)
def test_the_median_does_not_depend_on_the_order_of_the_readers(primary: list[Said], third: Said) -> None:
    one = settled("median", primary, third, "none", is_score=True)
    other = settled("median", [third, *primary[:-1]], primary[-1], "none", is_score=True)
    assert one == other == Said(median([read.value or 0 for read in [*primary, third]]))
