"""What a run used of each patient, with the rows of the database behind it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from analysis.engine.models import Run
from analysis.frames.frame import Frame
from analysis.stats.printing import significant


@dataclass(frozen=True)
class Evidence:
    patient: str
    variable: str
    value: str
    rows: list[str]


def evidence(run: Run) -> list[Evidence]:
    """By patient: the time, then every value. A time comes from many dates: the patient's page says from which."""
    if run.result is None or run.facts is None:
        return []
    frame = Frame.from_bytes(run.result.frame.content)
    rows = {(patient, column): refs for patient, column, refs in json.loads(run.facts.content)}
    endpoint = run.analysis.parameters.get("endpoint", "")
    return [line for row in frame.rows for line in _of_patient(row, frame, rows, endpoint)]


def _of_patient(
    row: dict[str, Any], frame: Frame, rows: dict[tuple[str, str], list[str]], endpoint: str
) -> Iterator[Evidence]:
    patient = row["patient"]
    if "months" in row:
        end = _("event") if row["event"] else _("censored")
        yield Evidence(patient, endpoint, _("%(n)s months, %(end)s") % {"n": f"{row['months']:.1f}", "end": end}, [])
    for name in sorted(set(row) - {"patient", "months", "event"}):
        if row[name] is not None:
            unit = frame.columns.get(name, {}).get("unit", "")
            yield Evidence(patient, name, f"{_written(row[name])} {unit}".strip(), rows.get((patient, name), []))


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return significant(value, 6) if isinstance(value, int | float) else str(value)
