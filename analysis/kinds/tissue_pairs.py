"""Tumour and adjacent normal tissue by one method: directions, the test by the declared rule, what is unmatched."""

from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from analysis.frames.frame import Frame
from analysis.frames.pair_columns import LABELS, TISSUES, pair_column, side_column, specimen_column
from analysis.stats.errors import StatsInputError
from analysis.stats.group_test import GroupTest, compare_pairs, compare_samples
from analysis.stats.proportion import proportion

UP, DOWN, SAME = "higher", "lower", "equal"
# Ratios and folds are compared as logarithms: twice and half are equally far from no change.
DIFFERENCE, LOG2 = "difference", "log2"
SCALES = {"ihc": DIFFERENCE, "blot": LOG2, "qpcr": LOG2}
NOT_ACROSS = {
    "blot": "ratios of different gels are not compared",
    "qpcr": "fold changes against different calibrators are not compared",
}


@dataclass(frozen=True)
class Pair:
    patient: str
    tumour_specimen: str
    normal_specimen: str
    tumour: float
    normal: float
    # None where a logarithm is asked of 0
    change: float | None
    direction: str
    source: str


def pairs_of(frame: Frame, marker: str, method: str) -> list[Pair]:
    return [_pair(row, marker, method) for row in frame.rows if _is_pair(row, marker, method)]


def describe(frame: Frame, marker: str, method: str) -> dict[str, Any]:
    """What the page says of one method."""
    pairs = pairs_of(frame, marker, method)
    counts = {way: sum(pair.direction == way for pair in pairs) for way in (UP, DOWN, SAME)}
    share = proportion(counts[UP], len(pairs))
    unmatched = [item for row in frame.rows for item in _unmatched(row, marker, method)]
    return {
        "code": method,
        "label": LABELS[method],
        "unit": frame.columns[side_column(method, marker, TISSUES[0])]["unit"],
        "scale": SCALES[method],
        "n": len(pairs),
        **{f"n_{way}": n for way, n in counts.items()},
        "share_higher": asdict(share),
        "medians": {side: median(getattr(pair, side) for pair in pairs) if pairs else None for side in TISSUES},
        "pairs": [asdict(pair) for pair in pairs],
        "unmatched": unmatched,
        **_tested(frame, marker, method, pairs),
    }


def _is_pair(row: dict[str, Any], marker: str, method: str) -> bool:
    both = all(row.get(side_column(method, marker, tissue)) is not None for tissue in TISSUES)
    return both and not row[pair_column(method, marker, "unmatched")]


def _pair(row: dict[str, Any], marker: str, method: str) -> Pair:
    tumour, normal = (row[side_column(method, marker, tissue)] for tissue in TISSUES)
    change = row[pair_column(method, marker, "change")]
    against = tumour - normal if change is None else change
    codes = [row[specimen_column(method, marker, tissue)] for tissue in TISSUES]
    direction = UP if against > 0 else DOWN if against < 0 else SAME
    source = row[pair_column(method, marker, "source")]
    return Pair(row["patient"], codes[0], codes[1], tumour, normal, change, direction, source)


def _unmatched(row: dict[str, Any], marker: str, method: str) -> list[dict[str, Any]]:
    """One line for each tissue that has a value and no partner; one for a patient whose tissues have none yet."""
    reason = row.get(pair_column(method, marker, "unmatched"))
    if not reason:
        return []
    found = [(tissue, row[side_column(method, marker, tissue)]) for tissue in TISSUES]
    alone = [(tissue, value) for tissue, value in found if value is not None]
    if not alone:
        return [{"patient": row["patient"], "specimen": "", "tissue": "", "value": None, "reason": reason}]
    return [
        {
            "patient": row["patient"],
            "specimen": row[specimen_column(method, marker, tissue)],
            "tissue": tissue,
            "value": value,
            "reason": reason,
        }
        for tissue, value in alone
    ]


def _tested(frame: Frame, marker: str, method: str, pairs: list[Pair]) -> dict[str, Any]:
    """Paired where patients have both tissues; else, where values can be compared across patients, unpaired."""
    changes = [pair.change for pair in pairs if pair.change is not None]
    described = {"test": None, "refused": None, "without_logarithm": len(pairs) - len(changes)}
    try:
        found = _compared(frame, marker, method, changes)
    except StatsInputError as error:
        return described | {"refused": f"No test: {error}"}
    if isinstance(found, str):
        return described | {"refused": f"No test: {found}."}
    return described | {"test": asdict(found) | {"effect": _effect(found, SCALES[method])}}


def _compared(frame: Frame, marker: str, method: str, changes: list[float]) -> GroupTest | str:
    """The test, or why there is none."""
    if len(changes) >= 2:
        return compare_pairs(changes, [0.0] * len(changes))
    have = "one patient has both tissues" if changes else "no patient has both tissues"
    if method in NOT_ACROSS:
        return f"{have}, and {NOT_ACROSS[method]}"
    tumours, normals = (_unpaired(frame, marker, method, tissue) for tissue in TISSUES)
    if min(len(tumours), len(normals)) < 2:
        return f"{have}; of other patients there are {len(tumours)} tumour and {len(normals)} normal tissues"
    return compare_samples(tumours, normals)


def _unpaired(frame: Frame, marker: str, method: str, tissue: str) -> list[float]:
    return [item["value"] for row in frame.rows for item in _unmatched(row, marker, method) if item["tissue"] == tissue]


def _effect(found: GroupTest, scale: str) -> dict[str, float | None]:
    """How much higher the tumour is: a difference, or how many times."""
    numbers = {"value": found.difference, "low": found.low, "high": found.high}
    if scale == DIFFERENCE:
        return numbers
    return {name: None if number is None else 2**number for name, number in numbers.items()}
