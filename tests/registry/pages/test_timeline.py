"""Where marks stand on the line of time: pure arithmetic."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from registry.extensions import Lane, Mark
from registry.patients.follow_up import months_later
from registry.patients.timeline import Span, placed

ZERO = date(2022, 3, 5)


def mark(days: int, caption: str = "", until: int | None = None) -> Mark:
    end = ZERO + timedelta(days=until) if until is not None else None
    return Mark(day=ZERO + timedelta(days=days), label=caption or "fact", caption=caption, end=end)


def test_every_mark_lies_within_the_line_with_air_on_both_sides() -> None:
    marks = [mark(-40), mark(0), mark(100, until=900)]
    span = Span.around(ZERO, marks)
    assert 0 < span.percent(marks[0].day) < span.percent(ZERO) < span.percent(ZERO + timedelta(days=900)) < 100


def test_months_are_counted_from_day_zero_and_are_few_enough_to_read() -> None:
    span = Span.around(ZERO, [mark(-200), mark(3000)])
    months = [tick.months for tick in span.ticks()]
    assert 0 in months
    assert len(months) <= 10
    assert len({later - earlier for earlier, later in pairwise(months)}) == 1


def test_a_single_day_is_a_line_all_the_same() -> None:
    span = Span.around(ZERO, [])
    assert span.percent(ZERO) == pytest.approx(50)
    assert [tick.months for tick in span.ticks()] == [0]


def test_words_that_would_overlap_stand_in_rows_of_their_own() -> None:
    lane = Lane("Therapy", [mark(0, "sintilimab"), mark(5, "TACE"), mark(600, "lenvatinib"), mark(700, until=900)])
    (drawn,) = placed(Span.around(ZERO, lane.marks), [lane])
    assert [[place.mark.caption for place in row] for row in drawn.rows] == [["sintilimab", "lenvatinib"], ["TACE", ""]]


def test_points_without_words_share_a_row() -> None:
    lane = Lane("Contacts", [mark(day) for day in range(0, 900, 30)])
    (drawn,) = placed(Span.around(ZERO, lane.marks), [lane])
    assert len(drawn.rows) == 1


def test_an_empty_lane_is_not_drawn() -> None:
    assert placed(Span.around(ZERO, []), [Lane("Death", [])]) == []


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
        (date(2023, 12, 5), 3, date(2024, 3, 5)),
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
        (date(2024, 1, 15), -3, date(2023, 10, 15)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_one_there_is(day: date, months: int, later: date) -> None:
    assert months_later(day, months) == later
