"""Messages of a file are stored together, and end as if each had come by itself."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any
from unittest.mock import patch

from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from labs.blood.models import Analyte, BloodResult
from labs.blood.services import blood_result_record
from labs.inbox.mapping.services import code_map, sender_set
from labs.inbox.models import DrawNumber, Message, MessageRow, ResultKey, Transport
from labs.inbox.receiving_files import receive_file
from labs.inbox.services import receive
from labs.specimens.models import Specimen
from labs.specimens.services import specimen_create
from registry.log.models import Change
from registry.models import Patient
from registry.patients.services import identity_save, patient_create
from tests.labs.inbox.conftest import BY
from tests.labs.inbox.messages import oru

# 9999 is not possible, 5.5 is what a person entered already.
ROWS = st.builds(
    lambda code, value, status: (*code[:1], value, *code[1:], status),
    st.sampled_from([("WBC", "G/l"), ("WBC", "G/l"), ("WBC", "/ul"), ("HB", "g/dL"), ("NEW", "G/l")]),
    st.sampled_from(["4.5", "4.5", "5.5", "12.5", "9999", "many"]),
    st.sampled_from("FFFPCXDW"),
)
MESSAGES = st.builds(
    lambda rows, **values: oru(*rows, **values),
    st.lists(ROWS, min_size=1, max_size=3),
    control=st.sampled_from("123"),
    issued=st.sampled_from(["20240308090000", "20240308100000", "20240308110000"]),
    pid=st.sampled_from(["4711^^^HOSP", "4711^^^HOSP", "4712^^^HOSP", "9^^^HOSP", ""]),
    born=st.sampled_from(["19500517", "19500517", "19620101", ""]),
    order=st.sampled_from(["A1", "A2", ""]),
    drawn=st.sampled_from(["202403080800", "202403080930", "202403090800", ""]),
    sender=st.sampled_from(["LAB|EAST", "LAB|WEST"]),
)


TWO_OF_ONE_SENDER = [
    oru(("HB", "12.8", "g/dL"), control=order, order=order, drawn="202403090800", sender="LAB|EAST") for order in "AB"
]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(messages=TWO_OF_ONE_SENDER)
@given(messages=st.lists(MESSAGES, min_size=2, max_size=12))
def test_the_same_as_one_by_one(known: Patient, messages: list[bytes]) -> None:
    def alone() -> None:
        for data in messages:
            receive(data=data, source=Transport.FILE, file_name="night.hl7", by=BY)

    def together() -> None:
        with patch("labs.inbox.services.raw_read", side_effect=AssertionError("it was not stored together")):
            receive_file(name="night.hl7", data=b"".join(messages), by=BY)

    assert _after(known, together) == _after(known, alone)


def _after(known: Patient, act: Callable[[], None]) -> dict[str, Any]:
    # No atomic block: the bytes are kept in a transaction of their own.
    start = transaction.savepoint()
    other = patient_create(study_number="ICI-0002", site=known.site, sex="F", by=BY)
    identity_save(patient=other, values={"record_number": "4712", "birth_date": date(1950, 5, 17)}, by=BY)
    sender_set(pattern="LAB|WEST", site=known.site, by=BY)
    code_map(sender="LAB|WEST", code="WBC", analyte=Analyte.objects.get(code="WBC"), by=BY)
    draw = specimen_create(patient=known, code="ours", kind="blood", collected=date(2024, 3, 8), by=BY)
    blood_result_record(specimen=draw, analyte=Analyte.objects.get(code="WBC"), value="5.5", unit="G/l", by=BY)
    before = Change.objects.latest("pk").pk
    act()
    state = _state() | {"log": _log(before)}
    transaction.savepoint_rollback(start)
    return state


def _state() -> dict[str, Any]:
    places = {pk: place for place, pk in enumerate(Message.objects.order_by("raw_id").values_list("pk", flat=True))}
    rows = MessageRow.objects.order_by("message__raw_id", "number").select_related("patient", "result__specimen")
    return {
        "messages": [
            (each.verdict, each.duplicate_of_id and places[each.duplicate_of_id], each.is_control_id_reused)
            for each in Message.objects.order_by("raw_id")
        ],
        "rows": [
            (
                (places[row.message_id], row.number, row.outcome, row.reason, row.detail, row.state, row.is_revision),
                str(row.patient),
                row.result and (row.result.specimen.code, row.result.analyte_id, row.result.version),
            )
            for row in rows
        ],
        "results": sorted(
            (each.specimen.code, each.analyte_id, each.version, each.value, each.is_retracted, each.status)
            for each in BloodResult.objects.select_related("specimen")
        ),
        "draws": sorted(Specimen.objects.values_list("code", "patient__study_number")),
        "numbers": Counter(DrawNumber.objects.values_list("specimen__code", "number", "collected_at")),
        "keys": sorted(
            (key.key, key.current and (places[key.current.message_id], key.current.number))
            for key in ResultKey.objects.select_related("current")
        ),
    }


def _log(before: int) -> Counter[tuple[Any, ...]]:
    return Counter(Change.objects.filter(pk__gt=before).values_list("domain", "action", "subject_type"))
