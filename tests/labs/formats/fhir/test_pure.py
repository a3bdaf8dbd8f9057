"""Reading and writing resources without a server: messages as bundles, dates, tokens, whatever bytes."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labs.formats.fhir.bundles import read_entries
from labs.formats.fhir.elements import parse_json
from labs.formats.fhir.observations import read_observation
from labs.formats.fhir.patients import read_patient
from labs.formats.fhir.problems import Problem
from labs.formats.fhir.reports import read_report
from labs.formats.fhir.search import (
    Token,
    chosen_type,
    parse_asked,
    preference,
    read_date_asked,
    read_token,
    split_escaped,
    unescaped,
)
from labs.formats.fhir.specimens import read_specimen
from labs.formats.fhir.times import partial_text, read_date
from tests.labs.connectors.fhir.messages import PANEL, bundle_of
from tests.labs.connectors.fhir.talking import observation, patient, specimen

pytestmark = pytest.mark.one_database
# A busy machine is no failure.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=100)


def test_a_message_is_a_bundle_that_says_the_same() -> None:
    bundle = bundle_of("panel.hl7", PANEL.encode())
    get_fhir_model_class("Bundle").model_validate(bundle)
    resources = [each["resource"] for each in bundle["entry"]]
    kinds = [each["resourceType"] for each in resources]
    assert kinds == ["Patient", "Specimen", *["Observation"] * 10, "DiagnosticReport"]
    who, drawn, *rows, report = resources
    assert (who["gender"], who["birthDate"], "name" in who) == ("female", "1960-05-04", False)
    assert [each["value"] for each in who["identifier"]] == ["MR-1", "ID-9"]
    assert drawn["collection"]["collectedDateTime"] == "2022-03-01T07:30:00+08:00"
    statuses = [row["status"] for row in rows]
    assert statuses == ["final", "corrected", "preliminary", "amended", "final", "final", "registered", "cancelled",
                        "final", "entered-in-error"]  # fmt: skip
    ucum = {"system": "http://unitsofmeasure.org", "code": "g/dL"}
    assert rows[0]["valueQuantity"] == {"value": 4, "comparator": "<", "unit": "g/dL", **ucum}
    assert rows[0]["referenceRange"][0]["low"]["value"] == 3.5
    assert (rows[0]["note"][0]["text"], rows[0]["device"]["display"]) == ("haemolytic", "DEV-1")
    assert rows[0]["code"]["coding"][0]["system"] == "http://loinc.org"
    assert rows[1]["valueQuantity"] == {"value": 400, "comparator": ">", "unit": "ng/mL"}
    assert rows[1]["referenceRange"][0]["high"]["value"] == 7
    assert rows[2]["valueRatio"]["denominator"]["value"] == 40
    assert rows[3]["valueRange"]["high"] == {"value": 4, "unit": "{n}"}
    assert (rows[3]["referenceRange"], rows[3]["interpretation"]) == ([{"text": "odd (text)"}], [{"text": "??"}])
    assert rows[4]["valueCodeableConcept"]["text"] == "negative"
    assert rows[5]["valueString"] == "see note"
    assert rows[7]["dataAbsentReason"]["coding"][0]["code"] == "not-performed"
    assert rows[8]["dataAbsentReason"]["coding"][0]["code"] == "unknown"
    assert "valueQuantity" not in rows[9]
    assert ([each["value"] for each in report["identifier"]], report["status"]) == (["PL-1", "FI-1"], "final")
    assert len(report["result"]) == 10
    assert bundle == bundle_of("panel.hl7", PANEL.encode())
    for sent, status in (("R", "partial"), ("X", "cancelled"), ("", "partial")):
        bundle = bundle_of("panel.hl7", PANEL.replace("|||F\r", f"|||{sent}\r", 1).encode())
        assert bundle["entry"][-1]["resource"]["status"] == status, "that of the order, else of its rows"
    refused = bundle_of("panel.hl7", PANEL.replace("|P|2.5.1", "|D|2.5.1").encode())
    assert "entry" not in refused


SENT: list[Any] = [observation("R-1"), patient("P-1"), specimen("S-1", "Patient/1")]
LEAF = st.sampled_from([None, True, 7, Decimal("1e400"), "", "x", "\0", "2022-02-30", "\u0100" * 600])
NAMES = st.sampled_from(["coding", "code", "system", "value", "reference", "identifier", "text", "request", "url", "x"])
INNER = LEAF | st.lists(LEAF, max_size=2) | st.dictionaries(NAMES, LEAF, max_size=3)
JSON = INNER | st.lists(INNER, max_size=2) | st.dictionaries(NAMES, INNER, max_size=3)


@unhurried
@given(st.sampled_from(SENT), st.data())
def test_whatever_an_element_holds_is_read_or_refused(sent: dict[str, Any], data: st.DataObject) -> None:
    changed = dict(sent)
    changed[data.draw(st.sampled_from(sorted(sent)))] = data.draw(JSON)
    readers: dict[str, Callable[[], Any]] = {
        "Observation": lambda: read_observation(changed, UTC),
        "Patient": lambda: read_patient(changed, UTC),
        "Specimen": lambda: read_specimen(changed, UTC, "urn:kind", ("blood",)),
        "DiagnosticReport": lambda: read_report(changed),
        "Bundle": lambda: read_entries(changed, "http://x/"),
    }
    for read in readers.values():
        try:
            read()
        except Problem as problem:
            assert problem.status in (400, 422)
            assert problem.issues[0].text


@unhurried
@given(st.binary(max_size=40) | st.text(max_size=40).map(str.encode))
def test_whatever_bytes_are_json_or_refused(data: bytes) -> None:
    try:
        assert isinstance(parse_json(data), dict)
    except Problem as problem:
        assert problem.status == 400


def test_numbers_keep_their_digits_and_depth_has_an_end() -> None:
    assert parse_json(b'\xef\xbb\xbf{"value": 4.10}') == {"value": Decimal("4.10")}
    with pytest.raises(Problem, match="nested"):
        parse_json(('{"a":' * 70 + "1" + "}" * 70).encode())
    with pytest.raises(Problem):
        parse_json(('{"a":' * 10_000 + "1" + "}" * 10_000).encode())


@unhurried
@given(st.dates(min_value=date(1000, 1, 1)), st.sampled_from(["day", "month", "year"]))
def test_a_partial_date_covers_its_days(day: date, precision: str) -> None:
    found = read_date(partial_text(day, precision))
    assert (found.first <= day <= found.last, found.precision) == (True, precision)


@unhurried
@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1)), st.integers(-11, 13))
def test_a_moment_is_the_same_moment(moment: datetime, offset: int) -> None:
    sent = moment.replace(microsecond=0, tzinfo=timezone(timedelta(hours=offset)))
    assert read_date(sent.isoformat()).moment == sent


@pytest.mark.parametrize(
    "text", ["", "2022-13", "2022-02-30", "22-01-01", "2022-01-01T10:00", "2022-1-1", "2022-01-01T25:00Z"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # that is all that is promised
        read_date(text)


def test_a_leap_second_and_a_minute_are_moments() -> None:
    assert read_date("2016-12-31T23:59:60Z").moment == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)
    east = timezone(timedelta(hours=8))
    days = [read_date(f"2022-01-01T23:30:00{zone}", east).first.day for zone in ("Z", "+08:00", "-05:00")]
    assert days == [2, 1, 1]
    assert read_date_asked("date", "ge2022-01-01T10:00:00 08:00", UTC).date.moment is not None


@unhurried
@given(st.text(alphabet="a,|\\$", max_size=8))
def test_escaping_a_token_is_undone(text: str) -> None:
    escaped = "".join(f"\\{sign}" if sign in ",|\\$" else sign for sign in text)
    assert split_escaped(escaped, ",") == [escaped]
    assert read_token(escaped) == Token(None, text)
    assert unescaped(escaped) == text


def test_what_a_search_asks_is_taken_apart() -> None:
    asked = parse_asked([("code:not", "a,b"), ("empty", ""), ("code", "http://loinc.org|1751-7")])
    assert [(each.name, each.modifier, each.values) for each in asked] == [
        ("code", "not", ("a", "b")),
        ("code", "", ("http://loinc.org|1751-7",)),
    ]
    assert [read_token(text) for text in ("|x", "s|", "x")] == [Token("", "x"), Token("s", ""), Token(None, "x")]
    assert preference("return=minimal; handling=Strict", "handling") == "strict"
    assert chosen_type("application/fhir+json;q=x, text/json") == "text/json"
    assert json.dumps(chosen_type("", "application/fhir json")) == '"application/fhir+json"'
