"""Real-time PCR: Cq exports, RDML, and the tables that hold no Cq."""

from pathlib import Path
from typing import Any

from tests.interop.comparison import CQ, MEAN_AND_SD, Comparison
from tests.interop.reading import read_message

UNCOMPARED = {"kind", "note"}


def cq_export(path: Path, entry: dict[str, Any], comparison: Comparison) -> None:
    said = read_message(path)
    comparison.equal("kind", said["kind"], "cfx_cq_csv")
    summary = said["summary"]
    for key, expected in entry.items():
        if key in UNCOMPARED:
            continue
        if key == "some_cq":
            _some_cq(summary["cq"], expected, comparison)
        elif key == "groups":
            _groups(summary["groups"], expected, comparison)
        elif key == "flags":
            _flags(summary["flags"], expected, comparison)
        elif key.startswith("exported_") and key.endswith("_below"):
            comparison.below(key, summary.get(key.removesuffix("_below")), expected)
        elif key in summary:
            comparison.equal(key, summary[key], expected)
        else:
            comparison.unknown(key)


def _some_cq(found: list[dict[str, Any]], expected: list[dict[str, Any]], comparison: Comparison) -> None:
    for wanted in expected:
        key = {name: value for name, value in wanted.items() if name != "cq"}
        rows = [row for row in found if all(row.get(name) == value for name, value in key.items())]
        comparison.equal(f"wells {key}", len(rows), 1)
        comparison.close(f"Cq of {key}", rows[0]["cq"] if rows else "no well", wanted["cq"], absolute=CQ)


def _groups(found: list[dict[str, Any]], expected: list[dict[str, Any]], comparison: Comparison) -> None:
    names = ("target", "content", "sample")
    by_key = {tuple(group[name] for name in names): group for group in found}
    comparison.equal("number of groups", len(found), len(expected))
    for wanted in expected:
        key = tuple(wanted[name] for name in names)
        group = by_key.get(key, {})
        for name in wanted.keys() - set(names):
            place = f"{name} of {key}"
            if name in {"mean", "sd"}:
                comparison.close(place, group.get(name, "no group"), wanted[name], absolute=MEAN_AND_SD)
            else:
                comparison.equal(place, group.get(name), wanted[name])


def _flags(found: dict[str, Any], expected: dict[str, Any], comparison: Comparison) -> None:
    """Every listed field of every flag; none more than expected."""
    for name, wanted in expected.items():
        flags = found.get(name)
        if not isinstance(wanted, list):
            comparison.equal(name, flags, wanted)
            continue
        if flags is None:
            comparison.unknown(name)
            continue
        comparison.equal(f"number of {name}", len(flags), len(wanted))
        for flag, wish in zip(flags, wanted, strict=False):
            _flag(name, flag, wish, comparison)


def _flag(name: str, found: dict[str, Any], expected: dict[str, Any], comparison: Comparison) -> None:
    for field, value in expected.items():
        if field in {"sd", "cq"}:
            comparison.close(f"{name} {field}", found.get(field), value, absolute=CQ if field == "cq" else MEAN_AND_SD)
        else:
            comparison.equal(f"{name} {field}", found.get(field), value)


def rdml(path: Path, entry: dict[str, Any], comparison: Comparison) -> None:
    said = read_message(path)
    comparison.equal("kind", said["kind"], "rdml")
    summary = said["summary"]
    for key, expected in entry.items():
        if key in UNCOMPARED:
            continue
        if key == "some_cq":
            _some_cq(summary["cq"], expected, comparison)
        elif key == "flags":
            _flags(summary["flags"], expected, comparison)
        elif key == "runs":
            _runs(summary["runs"], expected, comparison)
        elif key in summary:
            comparison.equal(key, summary[key], expected)
        else:
            comparison.unknown(key)


def _runs(found: list[dict[str, Any]], expected: list[dict[str, Any]], comparison: Comparison) -> None:
    comparison.equal("number of runs", len(found), len(expected))
    for run, wanted in zip(found, expected, strict=False):
        for name, value in wanted.items():
            comparison.equal(f"run {wanted.get('run')}, {name}", run.get(name), value)


def no_cq(path: Path, entry: dict[str, Any], comparison: Comparison) -> None:
    """A table that is recognised for what it is, whose sizes are told, and of which nothing is stored."""
    said = read_message(path)
    comparison.equal("kind", said["kind"], entry["kind"])
    comparison.equal("would store", said["would_store"], {})
    comparison.equal("says why not", bool(said["why_not"]), True)
    for key, expected in entry.items():
        if key in UNCOMPARED:
            continue
        if key in said["summary"]:
            comparison.equal(key, said["summary"][key], expected)
        else:
            comparison.unknown(key)


KINDS = {
    "cfx_cq_csv": cq_export,
    "rdml": rdml,
    "workbook": no_cq,
    "fluorescence_table": no_cq,
    "reference_table": no_cq,
}
