from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from labs.blood.window import DAYS, Anchor, Draw, choose_draw

DOSE = Anchor(date(2024, 3, 10), "the first ICI dose")
UNKNOWN = Anchor(None, "the first ICI dose")


def draw(code: str, before: int | None, recorded: int = 1, **more: bool) -> Draw:
    day = None if before is None else date(2024, 3, 10) - timedelta(days=before)
    return Draw(code, day, recorded, **more)


def winner(*draws: Draw, anchor: Anchor = DOSE) -> str | None:
    choice = choose_draw(draws, anchor)
    return choice.winner.code if choice.winner else None


def test_the_last_draw_in_the_window_wins() -> None:
    assert winner(draw("A", 6), draw("B", 2), draw("C", 9)) == "B"


def test_both_ends_of_the_window_belong_to_it() -> None:
    assert winner(draw("A", 7)) == "A"
    assert winner(draw("A", 0)) == "A"
    assert winner(draw("A", 8)) is None
    assert winner(draw("A", -1)) is None


def test_each_loser_is_told_why() -> None:
    draws = [draw("A", 9), draw("B", 3), draw("C", 1), draw("D", -2), draw("E", None), draw("F", 2, is_exact_day=False)]
    choice = choose_draw(draws, DOSE)
    why = {loser.code: sentence for loser, sentence in choice.others}
    assert (
        choice.reason == "C of 2024-03-09 is the last draw in the window, 1 d before the first ICI dose (2024-03-10)."
    )
    assert why == {
        "A": "drawn 9 d before the first ICI dose, more than 7 d.",
        "B": "in the window, but C is later.",
        "D": "drawn 2 d after the first ICI dose.",
        "E": "declared as baseline without a date; a dated draw in the window goes first.",
        "F": "its date is not known to the day.",
    }


def test_of_two_draws_of_one_day_the_latest_recorded_wins_and_it_is_said() -> None:
    choice = choose_draw([draw("A", 2, recorded=5), draw("B", 2, recorded=9)], DOSE)
    assert choice.winner is not None
    assert choice.winner.code == "B"
    assert choice.others[0][1] == "drawn on the same day as B, but recorded before it."


def test_a_declared_draw_is_used_only_when_no_dated_one_is_in_the_window() -> None:
    assert winner(draw("A", None), draw("B", 3)) == "B"
    choice = choose_draw([draw("A", None), draw("B", 30)], DOSE)
    assert choice.is_declared
    assert choice.reason == (
        "A is declared as baseline without a date; no dated draw lies in the 7 d up to the first ICI dose (2024-03-10)."
    )


def test_without_the_day_of_the_dose_only_declared_draws_count() -> None:
    assert winner(draw("A", 3), anchor=UNKNOWN) is None
    assert winner(draw("A", 3), draw("B", None), anchor=UNKNOWN) == "B"


def test_where_nothing_fits_the_reason_is_a_sentence() -> None:
    assert choose_draw([], DOSE).reason == "There is no draw with a result."
    assert choose_draw([draw("A", 20)], DOSE).reason.startswith("No draw lies in the 7 d up to the first ICI dose")


draws = st.lists(
    st.builds(
        Draw,
        code=st.uuids().map(str),
        collected=st.none() | st.integers(-20, 20).map(lambda days: date(2024, 3, 10) + timedelta(days=days)),
        recorded=st.integers(1, 10**6),
        is_exact_day=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda item: item.recorded,
)
anchors = st.sampled_from([DOSE, UNKNOWN])


@given(draws, anchors)
def test_every_draw_wins_or_is_told_why_not(items: list[Draw], anchor: Anchor) -> None:
    choice = choose_draw(items, anchor)
    told = [item for item, why in choice.others if why]
    assert sorted([*told, choice.winner] if choice.winner else told, key=hash) == sorted(items, key=hash)


@given(draws, anchors, st.randoms(use_true_random=False))
def test_the_order_in_which_draws_come_decides_nothing(items: list[Draw], anchor: Anchor, random: object) -> None:
    shuffled = list(items)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis types its generator as object
    assert choose_draw(items, anchor) == choose_draw(shuffled, anchor)


@given(draws)
def test_a_dated_winner_lies_in_the_window_and_none_in_it_is_later(items: list[Draw]) -> None:
    choice = choose_draw(items, DOSE)
    assert DOSE.day is not None
    inside = [
        item for item in items if item.collected and item.is_exact_day and 0 <= (DOSE.day - item.collected).days <= DAYS
    ]
    if not inside:
        assert choice.winner is None or choice.is_declared
        return
    assert choice.winner is not None
    best = max((item.collected, item.recorded) for item in inside if item.collected)
    assert (choice.winner.collected, choice.winner.recorded) == best


@given(draws, st.integers(8, 400))
def test_a_draw_outside_the_window_changes_no_choice(items: list[Draw], before: int) -> None:
    outside = draw("outside", before, recorded=10**7)
    assert choose_draw([*items, outside], DOSE).winner == choose_draw(items, DOSE).winner
