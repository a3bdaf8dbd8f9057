"""Everything that is said about how well readers agree, from their reads: one table in, one result out.

Whatever cannot be said becomes a refusal with its reason, so that a page has words where it has no number.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations, pairwise
from typing import TypeVar

import numpy as np

from analysis.stats.arrays import FloatArray, IntArray, confidence
from analysis.stats.bland_altman import BlandAltman, bland_altman
from analysis.stats.complete_rows import IncompleteRow, Reads, complete_rows, read_matrix
from analysis.stats.errors import LengthMismatchError, ParameterError, StatsInputError, TooFewGroupsError
from analysis.stats.fleiss import FleissKappa, fleiss_kappa
from analysis.stats.icc import Icc, IccTable, icc
from analysis.stats.kappa import Kappa, cohen_kappa, cross_table
from analysis.stats.proportion import Proportion, proportion

# Below this an estimate of agreement is no more than an anecdote.
MIN_SUBJECTS = 10

Number = TypeVar("Number")


@dataclass(frozen=True)
class Refusal:
    """A number that is not given, and why, in one sentence."""

    what: str
    reason: str


def _reason(refusals: tuple[Refusal, ...], what: str) -> str | None:
    return next((refusal.reason for refusal in refusals if refusal.what == what), None)


@dataclass(frozen=True)
class PairAgreement:
    """Two readers on the ``n`` subjects that both read.

    On a scale: ``matrix`` (rows ``a``, columns ``b``, in the order of the levels), the shares of equal reads and of
    reads at most one level apart, and kappa unweighted and weighted by levels that are equally far apart. For counts:
    bias and limits of agreement, as differences and (where no count is 0) as ratios.
    """

    a: str
    b: str
    n: int
    exact: Proportion
    within_one: Proportion | None
    matrix: tuple[tuple[int, ...], ...] | None
    kappa: Kappa | None
    linear: Kappa | None
    quadratic: Kappa | None
    differences: BlandAltman | None
    ratios: BlandAltman | None
    refusals: tuple[Refusal, ...]

    def refused(self, what: str) -> str | None:
        """Why the number of this name (a field of this class) is not given."""
        return _reason(self.refusals, what)


@dataclass(frozen=True)
class Agreement:
    """Readers on ``n_subjects`` subjects, ``n_complete`` of them read by all; ``dropped`` are the others.

    ``pairs`` use every subject that both of the pair read; the others need the complete rows: ``fleiss`` (more than two
    readers on a scale), ``icc_agreement`` (ICC(2,1): readers drawn from many, a constant shift counts against them) and
    ``icc_consistency`` (ICC(3,1): just these readers, a constant shift is forgiven).
    """

    readers: tuple[str, ...]
    levels: tuple[float, ...] | None
    n_subjects: int
    n_complete: int
    dropped: tuple[IncompleteRow, ...]
    pairs: tuple[PairAgreement, ...]
    fleiss: FleissKappa | None
    icc_agreement: Icc | None
    icc_consistency: Icc | None
    refusals: tuple[Refusal, ...]

    def refused(self, what: str) -> str | None:
        """Why the number of this name is not given: "fleiss", or "icc" for both correlations."""
        return _reason(self.refusals, what)


def agreement_of(
    reads: Reads,
    scale: Sequence[float] | None,
    *,
    readers: Sequence[str] | None = None,
    conf_level: float = 0.95,
) -> Agreement:
    """Describe the agreement of readers.

    Parameters
    ----------
    reads : array_like, shape (n, k)
        One row per subject, one column per reader; NaN or None where a reader did not read.
    scale : sequence of float, or None
        The attainable scores in increasing order, such as (0, 1, 2, 3, 4, 6, 8, 9, 12), or None for counts.
    readers : sequence of str, optional
        Names of the columns; by default "reader 1" and so on.
    conf_level : float
        Coverage of all intervals.

    Raises
    ------
    TooFewGroupsError
        Fewer than two readers, or a scale of fewer than two levels.
    ParameterError
        A scale that does not increase, or a read that is not on it.
    LengthMismatchError, MissingValueError
        Not a table of numbers; names that do not fit it.

    Notes
    -----
    Estimates are given from ten subjects on. Sources and conventions: ``kappa``, ``fleiss``, ``icc``, ``bland_altman``
    and, for the shares, Wilson's interval of ``proportion``.
    """
    table = _table(reads)
    levels = _levels(scale, table)
    level = confidence(conf_level)
    names = _names(readers, table.shape[1])
    complete = complete_rows(table)
    missing: list[Refusal] = []
    few = too_few(len(complete.values), "every reader")
    fleiss = None
    if levels is not None and len(names) > 2:
        fleiss = _given("fleiss", missing, few, lambda: fleiss_kappa(complete.values, levels=levels, conf_level=level))
    forms: IccTable | None = _given("icc", missing, few, lambda: icc(complete.values, conf_level=level))
    pairs = tuple(
        _pair(table[:, [a, b]], (names[a], names[b]), levels, level) for a, b in combinations(range(len(names)), 2)
    )
    return Agreement(
        names,
        levels,
        len(table),
        len(complete.values),
        complete.dropped,
        pairs,
        fleiss,
        forms["ICC2"] if forms else None,
        forms["ICC3"] if forms else None,
        tuple(missing),
    )


def too_few(n: int, whom: str) -> str | None:
    """Why a number is refused for lack of subjects that `whom` read; None if there are enough."""
    if n >= MIN_SUBJECTS:
        return None
    return f"{n} {'subject was' if n == 1 else 'subjects were'} read by {whom}, fewer than {MIN_SUBJECTS}."


def _table(reads: Reads) -> FloatArray:
    table = read_matrix(reads)
    if table.shape[1] < 2:
        raise TooFewGroupsError("Agreement needs at least two readers.")
    return table


def _names(readers: Sequence[str] | None, k: int) -> tuple[str, ...]:
    names = tuple(readers) if readers is not None else tuple(f"reader {number}" for number in range(1, k + 1))
    if len(names) != k or len(set(names)) != k:
        raise LengthMismatchError(f"{k} columns of reads need {k} different names.")
    return names


def _levels(scale: Sequence[float] | None, table: FloatArray) -> tuple[float, ...] | None:
    if scale is None:
        return None
    levels = tuple(float(level) for level in scale)
    if len(levels) < 2:
        raise TooFewGroupsError("A scale has at least two levels.")
    if not all(below < above for below, above in pairwise(levels)):
        raise ParameterError("The levels of a scale are given in increasing order.")
    off = np.argwhere(~np.isnan(table) & ~np.isin(table, levels))
    if off.size:
        subject, reader = off[0]
        raise ParameterError(
            f"Reader {reader} says {table[subject, reader]:g} of subject {subject}, which is not on the scale."
        )
    return levels


def _given(what: str, missing: list[Refusal], refusal: str | None, number: Callable[[], Number]) -> Number | None:
    """The number, or None with the reason noted."""
    if refusal is None:
        try:
            return number()
        except StatsInputError as error:
            refusal = str(error)
    missing.append(Refusal(what, refusal))
    return None


def _pair(table: FloatArray, names: tuple[str, str], levels: tuple[float, ...] | None, level: float) -> PairAgreement:
    both = complete_rows(table).values
    x, y = both[:, 0], both[:, 1]
    n = len(both)
    exact = proportion(int((x == y).sum()), n, conf_level=level)
    missing: list[Refusal] = []
    few = too_few(n, "both")
    if levels is None:
        differences = _given("differences", missing, few, lambda: bland_altman(x, y, conf_level=level))
        ratios = _given("ratios", missing, few, lambda: bland_altman(x, y, log=True, conf_level=level))
        return PairAgreement(*names, n, exact, None, None, None, None, None, differences, ratios, tuple(missing))
    places = np.searchsorted(levels, both)
    within = proportion(int((np.abs(places[:, 0] - places[:, 1]) <= 1).sum()), n, conf_level=level)
    counts = cross_table(x, y, levels) if n else np.zeros((len(levels), len(levels)), dtype=np.int64)
    refusal = few or _without_chance(counts, names)
    plain, linear, quadratic = (
        _given(what, missing, refusal, partial(cohen_kappa, counts, weights=weights, conf_level=level))
        for what, weights in (("kappa", "unweighted"), ("linear", "linear"), ("quadratic", "quadratic"))
    )
    matrix = tuple(tuple(int(count) for count in row) for row in counts)
    return PairAgreement(*names, n, exact, within, matrix, plain, linear, quadratic, None, None, tuple(missing))


def _without_chance(counts: IntArray, names: tuple[str, str]) -> str | None:
    """Kappa says nothing where a reader used one level only: it is 0 or undefined whatever the other did."""
    used = [len(np.flatnonzero(counts.sum(axis=axis))) for axis in (1, 0)]
    constant = [name for name, levels in zip(names, used, strict=True) if levels < 2]
    if not constant:
        return None
    return f"{' and '.join(constant)} chose one and the same level throughout: kappa would say nothing."
