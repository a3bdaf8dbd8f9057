"""All that a page on agreement shows, from one table of reads; with the figures of public data of many readers."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.stats.agreement import Agreement, agreement_of
from analysis.stats.errors import LengthMismatchError, ParameterError, TooFewGroupsError
from analysis.stats.icc import icc
from analysis.stats.kappa import cohen_kappa, cross_table
from tests.analysis.stats.test_properties import FAST

SCALE = (0, 1, 2, 3, 4, 6, 8, 9, 12)
A = [0, 1, 2, 3, 4, 6, 8, 9, 12, 12, 6, 4]
B = [0, 2, 2, 3, 6, 6, 8, 12, 12, 9, 4, 4]


def test_two_readers_on_the_scale_of_the_score() -> None:
    found = agreement_of(np.column_stack([A, B]), SCALE, readers=("anna", "ben"))
    (pair,) = found.pairs
    table = cross_table(A, B, SCALE)
    assert (pair.a, pair.b, pair.n) == ("anna", "ben", 12)
    assert pair.matrix == tuple(tuple(row) for row in table.tolist())
    assert pair.linear == cohen_kappa(table, weights="linear")
    assert pair.quadratic == cohen_kappa(table, weights="quadratic")
    assert pair.exact.value == pytest.approx(7 / 12)
    assert pair.within_one is not None
    assert pair.within_one.value == 1
    forms = icc(np.column_stack([A, B]))
    assert (found.icc_agreement, found.icc_consistency) == (forms["ICC2"], forms["ICC3"])
    assert found.fleiss is None
    assert found.refusals == pair.refusals == ()
    assert pair.differences is None


def test_counts_have_limits_of_agreement_and_no_kappa() -> None:
    x = np.array([6.2, 11.4, 15, 22.8, 30, 41.2, 48, 55.6, 63, 71.4])
    found = agreement_of(np.column_stack([x, x + 2]), None)
    (pair,) = found.pairs
    assert pair.differences is not None
    assert pair.ratios is not None
    assert pair.differences.bias.value == pytest.approx(-2)
    assert pair.ratios.bias.value < 1
    assert (pair.matrix, pair.kappa, pair.within_one) == (None, None, None)
    assert found.icc_consistency is not None
    assert found.icc_consistency.value == pytest.approx(1)


def test_a_count_of_nought_has_differences_but_no_ratios() -> None:
    x = np.arange(10.0)
    (pair,) = agreement_of(np.column_stack([x, x + 1]), None).pairs
    assert pair.differences is not None
    assert pair.ratios is None
    assert pair.refused("ratios") == "x is 0 at position 0, which has no logarithm."


def test_rows_are_complete_for_what_they_are_used_for() -> None:
    reads = [[a, b, a] for a, b in zip(A, B, strict=True)]
    table: list[list[float | None]] = [[float(value) for value in row] for row in reads]
    table[3][2] = None
    found = agreement_of(table, SCALE)
    assert (found.n_subjects, found.n_complete) == (12, 11)
    assert [(row.subject, row.lacking) for row in found.dropped] == [(3, (2,))]
    assert {(pair.a, pair.b): pair.n for pair in found.pairs} == {
        ("reader 1", "reader 2"): 12,
        ("reader 1", "reader 3"): 11,
        ("reader 2", "reader 3"): 11,
    }
    assert found.fleiss is not None
    assert found.fleiss.n_subjects == 11


def test_too_few_subjects_have_counts_but_no_estimates() -> None:
    found = agreement_of([[1, 1, 2], [2, 2, 2]], (1, 2, 3))
    assert (found.fleiss, found.icc_agreement) == (None, None)
    assert found.refused("fleiss") == found.refused("icc") == "2 subjects were read by every reader, fewer than 10."
    pair = found.pairs[0]
    assert pair.quadratic is None
    assert pair.refused("quadratic") == "2 subjects were read by both, fewer than 10."
    assert pair.matrix == ((1, 0, 0), (0, 1, 0), (0, 0, 0))
    assert pair.exact.value == 1


def test_nobody_read_by_both_is_said_not_computed() -> None:
    (pair,) = agreement_of([[1, None], [None, 2]], (1, 2)).pairs
    assert pair.n == 0
    assert np.isnan(pair.exact.value)
    assert pair.refused("kappa") == "0 subjects were read by both, fewer than 10."


def test_a_reader_who_always_says_the_same_has_no_kappa() -> None:
    reads = np.column_stack([np.full(12, 3), A])
    (pair,) = agreement_of(reads, SCALE, readers=("anna", "ben")).pairs
    assert (pair.kappa, pair.linear, pair.quadratic) == (None, None, None)
    assert pair.refused("linear") == "anna chose one and the same level throughout: kappa would say nothing."
    everybody = agreement_of(np.full((12, 3), 3), SCALE)
    assert (everybody.fleiss, everybody.icc_agreement) == (None, None)
    assert (
        everybody.refused("fleiss") == "Every reader chose one and the same category throughout: kappa is not defined."
    )
    assert everybody.pairs[0].refused("kappa") == (
        "reader 1 and reader 2 chose one and the same level throughout: kappa would say nothing."
    )


def test_what_is_no_table_of_reads_on_the_scale_is_refused() -> None:
    with pytest.raises(ParameterError, match="Reader 1 says 5 of subject 0, which is not on the scale"):
        agreement_of([[1, 5]], SCALE)
    with pytest.raises(ParameterError, match="increasing"):
        agreement_of([[1, 1]], (2, 1))
    with pytest.raises(TooFewGroupsError, match="two levels"):
        agreement_of([[1, 1]], (1,))
    with pytest.raises(TooFewGroupsError, match="two readers"):
        agreement_of([[1], [2]], SCALE)
    with pytest.raises(LengthMismatchError, match="2 columns of reads need 2 different names"):
        agreement_of([[1, 1]], SCALE, readers=("anna", "anna"))


READS = st.integers(2, 4).flatmap(
    lambda k: st.lists(
        st.lists(st.one_of(st.none(), st.sampled_from((0, 1, 2))), min_size=k, max_size=k), min_size=1, max_size=30
    )
)


def said(found: Agreement) -> list[float | None]:
    """The numbers that must not depend on the order or the names of levels that keep their order."""
    pair = found.pairs[0]
    kappas = (pair.kappa, pair.linear, pair.quadratic, found.fleiss)
    shares = (pair.exact.value, None if pair.within_one is None else pair.within_one.value)
    return [float(found.n_complete), *(None if one is None else one.value for one in kappas), *shares]


@FAST
@given(READS)
def test_order_of_subjects_and_an_increasing_renaming_change_nothing(rows: list[list[int | None]]) -> None:
    table = np.array(rows, dtype=float)
    found = said(agreement_of(table, (0, 1, 2)))
    shuffled = table[np.random.default_rng(len(rows)).permutation(len(table))]
    assert said(agreement_of(shuffled, (0, 1, 2))) == pytest.approx(found, nan_ok=True)
    assert said(agreement_of(3 * table + 1, (1, 4, 7))) == pytest.approx(found, nan_ok=True)


@FAST
@given(READS)
def test_every_number_is_there_or_refused_with_a_reason(rows: list[list[int | None]]) -> None:
    found = agreement_of(np.array(rows, dtype=float), (0, 1, 2))
    assert found.n_complete + len(found.dropped) == found.n_subjects
    assert (found.icc_agreement is None) == (found.refused("icc") is not None)
    assert (found.fleiss is None) == (len(found.readers) == 2 or found.refused("fleiss") is not None)
    for pair in found.pairs:
        assert pair.matrix is not None
        assert sum(map(sum, pair.matrix)) == pair.n
        for what in ("kappa", "linear", "quadratic"):
            kappa = getattr(pair, what)
            assert (kappa is None) == (pair.refused(what) is not None)
            assert kappa is None or -1 - 1e-9 <= kappa.value <= 1 + 1e-9


@FAST
@given(st.lists(st.sampled_from(SCALE), min_size=10, max_size=30), st.integers(3, 5))
def test_readers_who_always_agree(scores: list[int], k: int) -> None:
    found = agreement_of(np.tile(np.array(scores)[:, None], (1, k)), SCALE)
    pair = found.pairs[0]
    assert pair.exact.value == 1
    if len(set(scores)) == 1:
        assert (pair.linear, found.fleiss, found.icc_agreement) == (None, None, None)
    else:
        assert pair.linear is not None
        assert found.fleiss is not None
        assert found.icc_agreement is not None
        assert [pair.linear.value, found.fleiss.value, found.icc_agreement.value] == pytest.approx([1, 1, 1])


def reads_of(path: Path) -> list[list[float | None]]:
    """A file without a header: subjects by readers, blank where a reader did not read."""
    with path.open(newline="", encoding="utf-8") as file:
        return [[float(cell) if cell.strip() else None for cell in row] for row in csv.reader(file)]


def test_pathologists_reading_pd_l1_sp142(hepatica_data: Path, compared: Callable[[int], None]) -> None:
    found = agreement_of(reads_of(hepatica_data / "ihc_multi_rater" / "pdl1_sp142_bin.csv"), (0, 1))
    assert (found.n_subjects, len(found.readers), found.n_complete, len(found.dropped)) == (68, 18, 61, 7)
    assert found.fleiss is not None
    assert round(found.fleiss.value, 3) == 0.609
    compared(5)


def test_pathologists_grading_breast_cancer(hepatica_data: Path, compared: Callable[[int], None]) -> None:
    found = agreement_of(reads_of(hepatica_data / "ihc_multi_rater" / "nottingham_nottingham.csv"), (1, 2, 3))
    assert (found.n_subjects, len(found.readers), found.n_complete) == (100, 9, 100)
    assert found.fleiss is not None
    assert round(found.fleiss.value, 3) == 0.523
    weighted = [pair.quadratic.value for pair in found.pairs if pair.quadratic is not None]
    assert (len(weighted), round(float(np.mean(weighted)), 3)) == (36, 0.690)
    compared(6)


@pytest.mark.parametrize("part", ["mitosis", "pleomorphism", "tubulus"])
def test_every_component_of_the_grade_has_complete_reads(
    hepatica_data: Path, compared: Callable[[int], None], part: str
) -> None:
    found = agreement_of(reads_of(hepatica_data / "ihc_multi_rater" / f"nottingham_{part}.csv"), (1, 2, 3))
    assert (found.n_subjects, len(found.readers), found.n_complete) == (100, 9, 100)
    assert found.refusals == ()
    assert found.fleiss is not None
    # The grade is the sum of its components, so none of them is read by chance.
    assert found.fleiss.low > 0.25
    compared(3)
