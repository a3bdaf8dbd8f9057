"""How survival by a marker would come out if one reader were right: same patients and cutoff, that reader's values."""

from typing import Any

from analysis.frames.frame import Frame
from analysis.frames.reader_columns import CONSENSUS, is_of_reader, reader_column
from analysis.headline.claims import Claim
from analysis.kinds.base import Output
from analysis.kinds.groups import survival_by_group
from analysis.kinds.wording import ALPHA

LOW, HIGH = "low", "high"


def reader_sensitivity(frame: Frame, marker: str, cutoff: float) -> Output | None:
    """Of the patients who have a value under every reader; None where no closed round is behind the marker."""
    names = [column.removeprefix(reader_column(marker, "")) for column in frame.columns if is_of_reader(marker, column)]
    if not names:
        return None
    names.sort(key=lambda name: (not name.startswith("reader"), name))
    columns = {name: reader_column(marker, name) for name in names} | {CONSENSUS: marker}
    rows = [row for row in frame.rows if all(row[column] is not None for column in columns.values())]
    first = frame.columns[reader_column(marker, names[0])]
    return {
        "rounds": first["rounds"],
        "n": len(rows),
        "without": len(frame.rows) - len(rows),
        "lines": [_line(rows, name, column, cutoff) for name, column in columns.items()] if rows else [],
    }


def _line(rows: list[dict[str, Any]], name: str, column: str, cutoff: float) -> Output:
    groups = [HIGH if row[column] > cutoff else LOW for row in rows]
    times, events = [row["months"] for row in rows], [row["event"] for row in rows]
    found = survival_by_group(times, events, groups, [LOW, HIGH])
    test, ratio, refused = found["logrank"], found["hr"], found["refused"]
    return {
        "name": name,
        "n_high": groups.count(HIGH),
        "n_low": groups.count(LOW),
        "events": found["events"],
        # Too few patients or events: then neither number says anything, as in the analysis itself.
        "hr": None if refused or ratio is None else {key: ratio[key] for key in ("hr", "low", "high")},
        "p": None if refused or test is None else test["p"],
        "refused": refused,
    }


def reader_claims(readers: Output, label: str, endpoint: str, threshold: float = ALPHA) -> list[Claim]:
    """The hazard ratio under each reader, and whether the conclusion depends on who read."""
    claims = []
    for line in readers["lines"]:
        if line["name"] == CONSENSUS:
            continue
        ratio = line["hr"] or {"hr": None, "low": None, "high": None}
        claims.append(
            Claim(
                f"under_{line['name'].replace(' ', '_')}",
                f"Hazard ratio under {'the ' if line['name'].startswith('mean') else ''}{line['name']}",
                ratio["hr"],
                ratio["low"],
                ratio["high"],
                verdict=_verdict(line, label, endpoint, threshold),
            )
        )
    verdicts = {_verdict(line, label, endpoint, threshold) for line in readers["lines"]}
    if verdicts:
        same = len(verdicts) == 1
        verdict = "the same under every reader" if same else "depends on the reader"
        claims.append(Claim("readers", "Conclusion by reader", None, verdict=verdict))
    return claims


def _verdict(line: Output, label: str, endpoint: str, threshold: float) -> str:
    if line["p"] is None:
        return "no test"
    verb = "splits" if line["p"] < threshold else "does not split"
    return f"{label} {verb} {endpoint}"
