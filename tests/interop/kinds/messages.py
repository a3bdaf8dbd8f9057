"""HL7 v2 and ASTM messages, as they would be judged one after another into an empty store."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from labs.formats.hl7.header import read_header
from labs.formats.hl7.segments import Segment, lines_of, segment_of
from tests.interop.comparison import RELATIVE, Comparison
from tests.interop.reading import read_message
from tests.interop.site import site_options

SAME = ("ack", "control_id", "sender", "type", "version", "processing_id", "mode", "commit_ack", "application_ack_sent",
        "encoding", "identification", "outcomes")  # fmt: skip
SEGMENTS = {"obr": "OBR", "obx": "OBX", "nte": "NTE"}
ASTM_ROWS = ("R", "Q")
PLACE = re.compile(r"(\w{3})(?:\[(\d+)\])?-(\d+)\.(\d+)")
FILE_KEYS = {"kind", "messages", "batch", "warning", "file_error", "frames", "checksums_ok", "note", "build", "cases"}
MESSAGE_KEYS = {*SAME, *SEGMENTS, "reason", "port", "patients", "z", "results", "probe", "type_used", "specimens",
                "stored", "note"}  # fmt: skip


def compare(path: Path, entry: dict[str, Any], comparison: Comparison) -> None:
    for key in sorted(entry.keys() - FILE_KEYS):
        comparison.unknown(key)
    expected = entry.get("messages", [])
    ports = sorted({message.get("port", "production") for message in expected} | {"production"})
    said = {port: read_message(path, *site_options(), "--identifiers", "--port", port) for port in ports}
    _file(said["production"], entry, comparison)
    for number, message in enumerate(expected):
        found = _at(said[message.get("port", "production")], number)
        _message(f"message {number + 1}", found, message, comparison)
        if message.get("port") == "validation":
            _refused_in_production(f"message {number + 1}", _at(said["production"], number), comparison)
        for place, text in message.get("probe", {}).items():
            comparison.equal(place, _probed(path, found["encoding"], place), text)


def compare_cases(path: Path, entry: dict[str, Any], comparison: Comparison) -> None:
    for name, data, expected in built_cases(path, entry):
        with tempfile.TemporaryDirectory() as folder:
            built = Path(folder) / name
            built.write_bytes(data)
            compare(built, {"kind": entry["kind"], "messages": [expected]}, comparison)


def built_cases(path: Path, entry: dict[str, Any]) -> Iterator[tuple[str, bytes, dict[str, Any]]]:
    """Name, bytes and expectation of each message of the file."""
    cases = yaml.safe_load(path.read_text("utf-8"))
    for one in entry["cases"]:
        text = "\r".join(cases[one["case"]]["segments"])
        text = text.replace("%s", "20180709163300", 1).replace("%s", one["case"], 1)
        text = text.replace("PID_SEGMENT_PLACEHOLDER", _placeholder(entry["build"]))
        yield f"{one['case']}.hl7", text.encode(), one["message"]


def _placeholder(build: str) -> str:
    return build.partition("PID_SEGMENT_PLACEHOLDER = ")[2].strip()


def _file(said: dict[str, Any], entry: dict[str, Any], comparison: Comparison) -> None:
    summary = said["summary"]
    error = summary["file_error"] if summary else "not_astm" * (entry["kind"] == "astm")
    comparison.equal("file_error", error, entry.get("file_error", ""))
    if entry.get("file_error"):
        comparison.equal("would store", said["would_store"], {})
    if summary:
        comparison.equal("number of messages", len(summary["messages"]), len(entry.get("messages", [])))
        comparison.equal("batch", summary["batch"], entry.get("batch", {}).get("segments", []))
        comparison.equal("warning", summary["batch_warnings"], [entry["warning"]] if "warning" in entry else [])
    for key in ("frames", "checksums_ok"):
        if key in entry:
            comparison.equal(key, summary[key], entry[key])


def _at(said: dict[str, Any], number: int) -> dict[str, Any]:
    messages: list[dict[str, Any]] = said["summary"].get("messages", [])
    return messages[number] if number < len(messages) else {"results": [], "segments": {}, "patients": []}


def _refused_in_production(place: str, found: dict[str, Any], comparison: Comparison) -> None:
    told = (found.get("ack"), found.get("reason"), found.get("outcomes"))
    comparison.equal(f"{place} on the production port", told, ("AR", "processing_id", {}))


def _message(place: str, found: dict[str, Any], expected: dict[str, Any], comparison: Comparison) -> None:
    for key in sorted(expected.keys() - MESSAGE_KEYS):
        comparison.unknown(f"{place}, {key}")
    for key in SAME:
        if key in expected:
            comparison.equal(f"{place}, {key}", _blank(found.get(key)), _blank(expected[key]))
    comparison.equal(f"{place}, reason", found.get("reason"), expected.get("reason", ""))
    comparison.equal(f"{place}, type_used", found.get("type_used", ""), expected.get("type_used", ""))
    if "specimens" in expected:
        comparison.equal(f"{place}, specimens", found.get("specimens"), expected["specimens"])
    _counts(place, found, expected, comparison)
    _results(place, found["results"], expected["results"], comparison)


def _blank(value: object) -> object:
    """What was not read is None in one place and nothing in the other."""
    return "" if value is None else value


def _counts(place: str, found: dict[str, Any], expected: dict[str, Any], comparison: Comparison) -> None:
    segments = found["segments"]
    if "obr" in expected:
        counts = {key: segments.get(name, 0) for key, name in SEGMENTS.items()}
        comparison.equal(f"{place}, segments", counts, {key: expected[key] for key in SEGMENTS})
        comparison.equal(f"{place}, z", [name for name in segments if name.startswith("Z")], expected["z"])
        patients = [{"pid3": one["pid3"], "pid2": one["pid2"]} for one in found["patients"]]
        comparison.equal(f"{place}, patients", patients, expected["patients"])
    elif expected["obx"]:
        comparison.equal(f"{place}, obx", sum(segments.get(name, 0) for name in ASTM_ROWS), expected["obx"])
    if expected.get("patients") and "practice_id" in expected["patients"][0]:
        numbered = [
            dict(zip(("practice_id", "lab_id", "id3"), one["numbered"], strict=True)) for one in found["patients"]
        ]
        comparison.equal(f"{place}, patients", numbered, expected["patients"])
    if expected["ack"] == "AA":
        comparison.equal(f"{place}, rows", sum(found["outcomes"].values()), expected["obx"])


def _results(place: str, found: list[dict[str, Any]], expected: list[dict[str, Any]], comparison: Comparison) -> None:
    comparison.equal(f"{place}, rows told", [row["row"] for row in found], [row["row"] for row in expected])
    for row, wanted in zip(found, expected, strict=False):
        here = f"{place}, row {wanted['row']}"
        for key in sorted({*wanted, *row} - {"value"}):
            comparison.equal(f"{here}, {key}", row.get(key), wanted.get(key))
        if isinstance(wanted.get("value"), int | float):
            comparison.close(f"{here}, value", row.get("value"), wanted["value"], relative=RELATIVE)
        else:
            comparison.equal(f"{here}, value", row.get("value"), wanted.get("value"))


def _probed(path: Path, encoding: str, place: str) -> str:
    """`OBX[1]-3.2`: of the first OBX, field 3, component 2."""
    found = PLACE.fullmatch(place)
    if found is None:
        raise AssertionError(f"{place} is no place of a message")
    name, nth, field, component = found.groups()
    segments = [one for one in _segments(path.read_bytes().decode(encoding)) if one.name == name]
    return segments[int(nth or 1) - 1].component(int(field), int(component))


def _segments(text: str) -> Iterator[Segment]:
    lines = lines_of(text[text.index("MSH") :])
    delimiters = read_header(lines[0]).delimiters
    return (segment_of(line, delimiters) for line in lines)


KINDS = {"hl7v2": compare, "hl7v2_cases": compare_cases, "astm": compare}
