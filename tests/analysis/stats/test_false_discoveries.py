"""q within families: what is counted, what is missing, and when there is none."""

from hypothesis import given
from hypothesis import strategies as st

from analysis.stats.multiplicity import Tested, benjamini_hochberg, false_discoveries

P = st.none() | st.floats(0, 1)


def test_each_family_is_adjusted_for_itself() -> None:
    found = false_discoveries(
        [Tested("PFS", 0.01), Tested("OS", 0.04), Tested("PFS", 0.02), Tested("PFS", None), Tested("PFS", 0.5)]
    )
    assert [round(row.q, 6) if row.q is not None else None for row in found] == [0.03, 0.04, 0.03, None, 0.5]
    assert [(row.tests, row.missing) for row in found] == [(3, 1), (1, 0), (3, 1), (3, 1), (3, 1)]


def test_a_p_of_another_question_withholds_every_q_of_its_family_and_a_stale_one_is_counted() -> None:
    found = false_discoveries(
        [Tested("PFS", 0.01, is_current=False), Tested("PFS", 0.02), Tested("OS", 0.02, is_stale=True)]
    )
    assert [row.q for row in found] == [None, None, 0.02]
    assert [(row.outdated, row.stale) for row in found] == [(1, 0), (1, 0), (0, 1)]


@given(st.lists(P, max_size=12))
def test_one_family_is_what_r_adjusts(p: list[float | None]) -> None:
    found = [row.q for row in false_discoveries([Tested("one", value) for value in p])]
    known = benjamini_hochberg([value for value in p if value is not None]).tolist()
    assert [q for q in found if q is not None] == known
    assert [q is None for q in found] == [value is None for value in p]
