"""JSON of other systems: whatever it holds, readers and judge give rows and raise nothing; numbers stay as written."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.formats.json_documents import document_of, dumped
from labs.formats.messages.judging import judge
from labs.formats.messages.reading import kind_of, read_messages
from labs.formats.messages.site import AnalyteRule, CodeRule, Site

ANALYTE = AnalyteRule("AFP", "ng/mL", plausible=(0.0, 1e6), units={"ng/ml": 1.0}, words={"NEG": ("negative",)})
SITE = Site(frozenset({"P"}), analytes={"AFP": ANALYTE}, codes=(CodeRule("*", "AFP", "AFP"),))
NAMES = [
    "portal_type",
    "uid",
    "parent_uid",
    "ClientSampleID",
    "Keyword",
    "Result",
    "Unit",
    "DetectionLimitOperand",
    "ResultOptions",
    "ResultValue",
    "ResultText",
    "ResultCaptureDate",
    "DateSampled",
    "review_state",
    "modified",
    "items",
    "Analyses",
    "api_url",
    "resourceType",
    "id",
    "identifier",
    "value",
    "system",
    "status",
    "code",
    "coding",
    "display",
    "subject",
    "reference",
    "specimen",
    "basedOn",
    "valueQuantity",
    "comparator",
    "unit",
    "valueString",
    "effectiveDateTime",
    "issued",
    "meta",
    "tag",
    "lastUpdated",
    "entry",
    "resource",
    "fullUrl",
    "link",
    "relation",
    "url",
    "birthDate",
    "gender",
]
ODD = ("0001-01-01T00:00:00+14:00", "http://[", "\ud800", "Patient/1", "self", "self\x1f", "9" * 400)
KNOWN = (
    "Analysis",
    "AnalysisRequest",
    "Observation",
    "Patient",
    "Bundle",
    "AFP",
    "<",
    "5",
    "",
    "2024-03-08",
    "invalid",
)
TEXTS = st.sampled_from([*ODD, *KNOWN, "final"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=6,
)
ANYTHING: list[Any] = [
    None,
    True,
    5,
    1e30,
    "",
    [],
    {},
    [None],
    ["x"],
    [{}],
    {"value": 3},
    {"value": [], "unit": {}},
    {"coding": 1},
]
ANYTHING += [[{"code": "AFP", "system": []}], {"reference": "Patient/1"}, {"reference": {}}, {"tag": [{"code": "QC"}]}]
ANYTHING += [{"value": "5", "comparator": "<", "unit": "ng/mL"}, [{"ResultValue": "5", "ResultText": None}]]
ANYTHING += [{"coding": [{"code": "AFP", "display": "AFP"}]}, [{"value": "1", "system": "/samp_labNo"}]]
ITEM = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(ANYTHING) | TEXTS, max_size=12)


@settings(max_examples=100)
@given(st.lists(ITEM, max_size=4), st.sampled_from(["Analysis", "Observation"]))
def test_nothing_that_is_json_stops_a_reader(items: list[Any], kind: str) -> None:
    items = [{"portal_type": kind, "resourceType": kind, **item} for item in items]
    entries = [{"resource": item, "fullUrl": item.get("fullUrl")} for item in items]
    for document in ({"items": items}, {"resourceType": "Bundle", "entry": entries}):
        data = json.dumps(document).encode()
        sent = read_messages("x.json", data, SITE)
        assert (sent is None) == (kind_of("x.json", data) == "")
        if sent is not None:
            (message,) = sent.messages
            assert len(judge(message, SITE)) == (len(message.observations) if message.verdict == "AA" else 0)
            assert read_messages("", data, SITE) == sent


@settings(max_examples=60)
@given(VALUES)
def test_a_part_keeps_its_numbers_as_they_were_written(value: Any) -> None:
    text = json.dumps({"number": value})
    # Half a surrogate pair cannot be kept.
    document, expected = document_of(text.encode()), document_of(text.replace("\\ud800", "?").encode())
    assert document_of(dumped(document)) == expected


@pytest.mark.parametrize("number", ["4.50", "1E3", "-0.0", "12345678901234567890.10"])
def test_digits_are_kept(number: str) -> None:
    assert (
        dumped(document_of(f'{{"a": [{number}, "{number}"]}}'.encode())) == f'{{"a": [{number}, "{number}"]}}'.encode()
    )


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{", b"{}", b'{"items": 1}', b"{" * 100_000, b'{"a":' * 100_000, b"\xff{"]
)
def test_what_is_no_document_is_none(data: bytes) -> None:
    assert kind_of("x.json", data) == ""
