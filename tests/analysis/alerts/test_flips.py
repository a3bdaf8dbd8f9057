"""What counts as a flip, and which alerts close by themselves: rules that hold for every history."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from analysis.alerts.resolution import Standing, news, resolved
from analysis.headline.claims import Claim, compare
from analysis.headline.ranking import Ranking, overtaken

verdicts = st.sampled_from(["splits", "does not split", "no test"])
values = st.one_of(st.none(), st.floats(min_value=0, max_value=1))
RANKING = Ranking("largest AUC", {"auc_a": "A", "auc_b": "B", "auc_c": "C"})


def one(value: float | None, verdict: str) -> list[dict[str, object]]:
    return [Claim("logrank_p", "Log-rank p", value, verdict=verdict).as_json()]


@given(values, values, verdicts)
def test_numbers_that_move_under_the_same_verdict_are_no_flip(before: float, after: float, verdict: str) -> None:
    [moved] = compare(one(before, verdict), one(after, verdict))
    assert not moved.is_flip
    assert moved.is_moved == (before != after)


@given(verdicts, verdicts)
def test_another_verdict_is_a_flip_and_one_that_appears_or_vanishes_is_not(before: str, after: str) -> None:
    [moved] = compare(one(0.04, before), one(0.04, after))
    assert moved.is_flip == (before != after)
    for old, new in (([], one(0.04, after)), (one(0.04, before), []), (one(0.04, ""), one(0.04, after))):
        assert [claim.is_flip for claim in compare(old, new)] == [False]


@given(st.lists(verdicts, min_size=1, max_size=12))
def test_an_alert_is_open_exactly_while_the_verdict_is_not_what_it_was(history: list[str]) -> None:
    """Nobody acknowledges anything: what matters is where it started and where it is."""
    standing: list[Standing] = []
    for number, (before, after) in enumerate(pairwise(history)):
        flips = {"logrank_p": after} if before != after else {}
        fresh = news(flips, standing)
        closed = resolved(standing, {"logrank_p": after})
        standing = [alert for alert in standing if alert.pk not in closed]
        if fresh:
            standing.append(Standing(number, {"logrank_p": before}))
        assert bool(standing) == (after != history[0])


@given(
    st.dictionaries(st.sampled_from(list(RANKING.names)), values),
    st.dictionaries(st.sampled_from(list(RANKING.names)), values),
)
def test_a_leader_is_overtaken_only_by_who_was_there(
    before: dict[str, float | None], after: dict[str, float | None]
) -> None:
    claims = [[Claim(name, name, value).as_json() for name, value in side.items()] for side in (before, after)]
    found = overtaken(RANKING, *claims)
    known = [{name: value for name, value in side.items() if value is not None} for side in (before, after)]
    if found is None:
        return
    first, then = (
        next(name for name, said in RANKING.names.items() if said == who) for who in (found.before, found.after)
    )
    assert first in known[1] and then in known[0]
    assert known[0][first] == max(known[0].values()) and known[1][then] == max(known[1].values())
    assert first != then


def test_a_marker_that_leads_since_a_correction_has_overtaken() -> None:
    before = [Claim("auc_a", "A", 0.75).as_json(), Claim("auc_b", "B", 0.71).as_json()]
    after = [Claim("auc_a", "A", 0.74).as_json(), Claim("auc_b", "B", 0.78).as_json()]
    found = overtaken(RANKING, before, after)
    assert found is not None
    assert found.as_json() == {
        "what": "largest AUC",
        "before": "A",
        "after": "B",
        "values": {"B": [0.71, 0.78], "A": [0.75, 0.74]},
    }
    assert overtaken(RANKING, before, before) is None
    assert overtaken(RANKING, before[:1], after) is None
