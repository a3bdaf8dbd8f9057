"""What the PDF does to a text: a word that is too long for a line is broken, a hash is copied as it is."""

import pytest

from analysis.reports import blocks
from analysis.reports.typesetting.pdf import LONGEST_WORD, breakable, widths

HASH = "3f" * 32


@pytest.mark.parametrize(
    "text", ["PFS by FAP above 8", f"SHA-256: {HASH}.", "一" * LONGEST_WORD, "x" * LONGEST_WORD, "best-cutoff-" * 9]
)
def test_what_fits_is_left_alone(text: str) -> None:
    assert breakable(text) == text


def test_a_word_that_fits_on_no_line_has_places_to_break() -> None:
    found = breakable(f"by {'x' * 160}, run 1")
    assert found.replace("\u200b", "") == f"by {'x' * 160}, run 1"
    assert max(map(len, found.replace("\u200b", " ").split())) <= LONGEST_WORD


def test_a_long_word_takes_no_room_from_the_columns_beside_it() -> None:
    def shares(title: str) -> list[float]:
        table = blocks.table("Runs", ["Analysis", "Run", "Trigger"], [blocks.row(title, "12", "manual")], numbers=[1])
        return widths(table)

    assert shares("x" * 160) == pytest.approx(shares("x" * 40))
    assert shares("x" * 160)[0] < 3 * shares("x" * 160)[2] + 20
