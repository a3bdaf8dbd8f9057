"""What differs between the tables that two results were computed from. Pure: patients are their study numbers."""

from collections.abc import Mapping
from typing import Any

from analysis.frames.frame import Frame

_TIMES = {"months", "time", "event"}


def frame_difference(
    before: Frame, after: Frame, groups_before: Mapping[str, str], groups_after: Mapping[str, str]
) -> dict[str, list[dict[str, Any]]]:
    """Who came, who went and why, who changed group, and each value that is another than it was."""
    old, new = ({row["patient"]: row for row in frame.rows} for frame in (before, after))
    why_out, why_in = _reasons(after), _reasons(before)
    stayed = [patient for patient in new if patient in old]
    return {
        "came": [{"patient": patient, "was": why_in.get(patient, "")} for patient in sorted(set(new) - set(old))],
        "went": [{"patient": patient, "reason": why_out.get(patient, "")} for patient in sorted(set(old) - set(new))],
        "regrouped": [
            {"patient": patient, "before": groups_before[patient], "after": groups_after[patient]}
            for patient in sorted({*groups_before} & {*groups_after})
            if groups_before[patient] != groups_after[patient]
        ],
        "values": [
            {"patient": patient, "column": name, "label": _label(after, before, name), "before": value, "after": moved}
            for patient in sorted(stayed)
            for name, value, moved in _moved(old[patient], new[patient])
        ],
        "reasons": [
            {"patient": patient, "before": why_in[patient], "after": why_out[patient]}
            for patient in sorted({*why_in} & {*why_out})
            if why_in[patient] != why_out[patient]
        ],
    }


def _moved(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    names = sorted({*old, *new} - {"patient"}, key=lambda name: (name not in _TIMES, name))
    return [(name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)]


def _reasons(frame: Frame) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for item in frame.left_out:
        found.setdefault(item["patient"], []).append(item["reason"])
    return {patient: "; ".join(sorted(reasons)) for patient, reasons in found.items()}


def _label(after: Frame, before: Frame, name: str) -> str:
    column = after.columns.get(name) or before.columns.get(name) or {}
    label, unit = column.get("label", name), column.get("unit", "")
    return f"{label}, {unit}" if unit else str(label)
