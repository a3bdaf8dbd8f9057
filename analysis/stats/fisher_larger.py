"""Fisher's exact test of tables beyond 2 x 2: all tables with these margins, half of the columns at a time.

The halves meet in what they take from each row: the number of tables may be the product of what is gone through.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import prod

import numpy as np
from scipy import special

from analysis.stats.arrays import FloatArray, IntArray
from analysis.stats.errors import ParameterError

# Ways to fill one column, and partial tables gone through: a few seconds at most.
MOST_DRAWS, MOST_STEPS = 500_000, 4_000_000
CHUNK = 500_000
# Sums of logarithms that differ by rounding only; far below the margin within which R counts tables as equally likely.
SAME = 1e-9


@dataclass(frozen=True, eq=False)
class _Half:
    """Ways to fill some columns, sorted by what they take from the rows (as one number) and by their term, which is
    minus the sum of the logarithms of the counts' factorials; and how many ways have both in common."""

    taken: IntArray
    code: IntArray
    term: FloatArray
    ways: FloatArray


def share_of_unlikely(table: FloatArray, relative: float) -> float:
    """Share of the probability on tables that are no more likely than this one, but for a factor ``relative``.

    Parameters
    ----------
    table : ndarray, shape (r, c)
        Counts, no row or column empty.
    relative : float
        Just above 1.

    Raises
    ------
    ParameterError
        Too many tables have these margins.
    """
    if table.shape[0] > table.shape[1]:
        table = table.T
    log_factorial = special.gammaln(np.arange(table.sum() + 1) + 1.0)
    rows = table.sum(axis=1).astype(np.int64)
    columns = sorted(int(total) for total in table.sum(axis=0))
    one, other = (_half(part, rows, log_factorial) for part in (columns[::2], columns[1::2]))
    limit = -float(special.gammaln(table + 1).sum()) + float(np.log(relative))
    return _joined(one, other, rows, limit)


def _half(columns: list[int], rows: IntArray, log_factorial: FloatArray) -> _Half:
    nothing = np.zeros((1, len(rows)), np.int64)
    found = _Half(nothing, _code(nothing, rows), np.zeros(1), np.ones(1))
    steps = 0
    for total in columns:
        draws = _draws(rows, total)
        steps += len(found.term) * len(draws)
        if steps > MOST_STEPS:
            raise _too_large()
        found = _merged(list(_parts(found, draws, -log_factorial[draws].sum(axis=1), rows)))
    return found


def _joined(one: _Half, other: _Half, rows: IntArray, limit: float) -> float:
    """What one half takes from the rows the other must leave."""
    needed = _code(rows - other.taken, rows)
    order = np.lexsort((other.term, needed))
    needed, term = needed[order], other.term[order]
    weight = other.ways[order] * np.exp(term - term.max())
    mine = one.ways * np.exp(one.term - one.term.max())
    codes, starts = np.unique(one.code, return_index=True)
    ends = np.append(starts[1:], len(one.code))
    lows, highs = np.searchsorted(needed, codes, "left"), np.searchsorted(needed, codes, "right")
    unlikely = every = 0.0
    for start, end, low, high in zip(starts, ends, lows, highs, strict=True):
        if low < high:
            running = np.concatenate(([0.0], np.cumsum(weight[low:high])))
            within = np.searchsorted(term[low:high], limit - one.term[start:end], "right")
            unlikely += float(mine[start:end] @ running[within])
            every += float(mine[start:end].sum() * running[-1])
    return unlikely / every


def _code(taken: IntArray, rows: IntArray) -> IntArray:
    """The last row is what the others leave of a given number of patients, so it need not be in the code."""
    found: IntArray = np.ravel_multi_index(tuple(taken[:, :-1].T), tuple(rows[:-1] + 1)).astype(np.int64)
    return found


def _draws(rows: IntArray, total: int) -> IntArray:
    """Ways to draw a column's total from the rows, shape (ways, r)."""
    upto = [min(int(row), total) + 1 for row in rows[:-1]]
    if prod(upto) > MOST_DRAWS:
        raise _too_large()
    first = np.indices(upto).reshape(len(upto), -1).T
    last = total - first.sum(axis=1)
    fits = (last >= 0) & (last <= rows[-1])
    return np.column_stack((first[fits], last[fits])).astype(np.int64)


def _parts(found: _Half, draws: IntArray, drawn: FloatArray, rows: IntArray) -> Iterator[_Half]:
    size = max(1, CHUNK // len(draws))
    for start in range(0, len(found.term), size):
        at = slice(start, start + size)
        taken = found.taken[at, None, :] + draws[None, :, :]
        which, way = np.nonzero((taken <= rows).all(axis=2))
        kept = taken[which, way]
        yield _Half(kept, _code(kept, rows), found.term[at][which] + drawn[way], found.ways[at][which])


def _merged(parts: list[_Half]) -> _Half:
    """Ways that take the same and are equally likely are one: only their number matters from here on."""
    taken, code, term, ways = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("taken", "code", "term", "ways")
    )
    order = np.lexsort((term, code))
    code, term = code[order], term[order]
    is_new = np.concatenate(([True], (np.diff(code) != 0) | (np.diff(term) > SAME)))
    starts = np.flatnonzero(is_new)
    return _Half(taken[order][starts], code[starts], term[starts], np.add.reduceat(ways[order], starts))


def _too_large() -> ParameterError:
    return ParameterError("The table is too large for an exact test; use the chi-square test.")
