"""Answers of SENAITE: what is read of the first item, and what the inbox would make of an analysis."""

from pathlib import Path
from typing import Any

from labs.formats.json_documents import document_of, members, text_of
from labs.formats.messages.judging import judge
from labs.formats.messages.reading import read_messages
from labs.formats.senaite.reading import items_of
from tests.interop.comparison import Comparison
from tests.interop.site import site_at


def compare(path: Path, entry: dict[str, Any], comparison: Comparison) -> None:
    data = path.read_bytes()
    document = document_of(data) or {}
    items = items_of(data)
    first = items[0]
    found: dict[str, Any] = {
        "kind": "senaite_json",
        "count": int(document["count"]),
        "items": len(items),
        "paged": "pagesize" in document,
        "has_api_url": bool(text_of(first.get("api_url"))),
        "analyses_count": len(members(first.get("Analyses"))),
        # The one way from a sample of theirs to a specimen of ours.
        "match_by": "ClientSampleID",
    }
    for key, expected in entry.items():
        if key == "read":
            for name, value in expected.items():
                comparison.equal(f"read, {name}", text_of(first.get(name)) or None, value)
        elif key == "result":
            _result(path.name, data, expected, comparison)
        elif key in found:
            comparison.equal(key, found[key], expected)
        else:
            comparison.unknown(key)


def _result(name: str, data: bytes, expected: dict[str, Any], comparison: Comparison) -> None:
    site = site_at("production")
    sent = read_messages(name, data, site)
    assert sent is not None
    (row,) = judge(sent.messages[0], site)
    comparison.equal("result, raw", row.observation.raw, expected["raw"])
    comparison.close("result, value", float(row.observation.raw), expected["value"])
    comparison.equal("result, unit", row.observation.unit or None, expected["unit"])
    comparison.equal("result, outcome", str(row.outcome), expected["outcome"])
    comparison.equal("result, reason", row.reason, expected["reason"])


KINDS = {"senaite_json": compare}
