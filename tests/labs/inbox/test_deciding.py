from typing import Any

import pytest
from django.core.exceptions import ValidationError

from labs.blood.models import Analyte, BloodResult
from labs.blood.services import blood_result_correct
from labs.inbox.deciding import (
    as_seen,
    message_rerun,
    row_adjudicate,
    row_reopen,
    rows_assign,
    rows_discard,
    rows_rerun,
)
from labs.inbox.mapping.models import CodeMapping
from labs.inbox.mapping.services import authority_set, code_map, sender_set
from labs.inbox.models import Message, MessageRow
from labs.inbox.previewing import code_map_and_rerun, code_map_preview, messages_preview
from labs.inbox.services import receive
from registry.log.facts import StaleWrite
from registry.log.models import Change
from registry.models import Patient, Site
from tests.labs.inbox.conftest import BY
from tests.labs.inbox.messages import oru


def waiting() -> MessageRow:
    return MessageRow.objects.select_related("message__raw").get(state="open")


def test_a_mapping_is_looked_at_before_it_is_saved(known: Patient) -> None:
    receive(data=oru(("CRPX", "4", "mg/Gal"), control="1"), by=BY)
    receive(data=oru(("CRPX", "5", "mg/Gal"), control="2", pid="9^^^HOSP"), by=BY)
    mapping: dict[str, Any] = {
        "sender": "lab|*",
        "code": "CRPX",
        "analyte": Analyte.objects.get(code="CRP"),
        "unit": "mg/Gal",
        "by": BY,
    }
    blind = code_map_preview(factor=None, **mapping)
    assert [row.reason for row in blind] == ["unit_unknown", "unit_unknown"]
    looked = code_map_preview(factor=0.2642, **mapping)
    assert [(row.outcome, row.reason) for row in looked] == [("quarantined", "unmatched"), ("placed", "")]
    assert (BloodResult.objects.count(), MessageRow.objects.filter(reason="unmapped_code").count()) == (0, 2)
    assert not CodeMapping.objects.filter(code="CRPX").exists()
    moved = code_map_and_rerun(factor=0.2642, **mapping)
    assert len(moved) == 2
    assert BloodResult.objects.get().value == pytest.approx(1.0568)
    assert rows_rerun(rows=MessageRow.objects.all(), by=BY) == []
    with pytest.raises(ValidationError, match="has the factor"):
        code_map_preview(factor=0.3, **mapping)


def test_a_row_is_assigned_by_a_person_who_says_why(known: Patient, site: Site) -> None:
    receive(data=oru(("WBC", "5.2", "G/l"), ("QQ", "1", ""), pid="7^^^HOSP"), by=BY)
    unmatched = MessageRow.objects.get(code="WBC")
    with pytest.raises(ValidationError):
        rows_assign(rows=[unmatched], patient=known, by=BY, reason=" ")
    with pytest.raises(ValidationError):
        rows_assign(rows=MessageRow.objects.filter(code="QQ"), patient=known, by=BY, reason="why not")
    rows_assign(rows=[unmatched], patient=known, by=BY, reason="asked the ward")
    row = MessageRow.objects.get(code="WBC")
    assert (row.state, row.outcome, row.patient, row.decision_reason) == ("assigned", "placed", known, "asked the ward")
    assert BloodResult.objects.get().specimen.patient == known
    changes = Change.objects.filter(subject_type="messagerow", subject_id=str(row.pk), reason="asked the ward")
    assert any("patient" in change.new_values for change in changes)
    # A number that is registered later finds what waited for it.
    receive(data=oru(("HB", "12.8", "g/dL"), pid="4711^^^LAB", control="2"), by=BY)
    authority_set(name="LAB", site=site, by=BY)
    assert len(rows_rerun(rows=MessageRow.objects.filter(state="open"), by=BY)) == 1


def test_a_row_is_discarded_with_its_reason_and_may_wait_again(known: Patient) -> None:
    receive(data=oru(("QQ", "1", "")), by=BY)
    row = rows_discard(rows=[waiting()], by=BY, reason="not of this study")[0]
    assert rows_rerun(rows=[row], by=BY) == []
    with pytest.raises(ValidationError):
        rows_discard(rows=[row], by=BY, reason="once more")
    row_reopen(row=row, by=BY, reason="it is after all")
    assert waiting().decided_by == ""


def test_what_somebody_decided_meanwhile_is_not_undone(known: Patient) -> None:
    receive(data=oru(("QQ", "4", "mg/L"), ("QQ", "5", "mg/L")), by=BY)
    listed, seen = list(MessageRow.objects.order_by("number")), list(MessageRow.objects.order_by("number"))
    rows_discard(rows=seen[1:], by=BY, reason="not of this study")
    code_map(sender="LAB|EAST", code="QQ", analyte=Analyte.objects.get(code="CRP"), by=BY)
    assert [row.number for row in rows_rerun(rows=listed, by=BY)] == [1]
    assert [row.state for row in MessageRow.objects.order_by("number")] == ["placed", "discarded"]
    for stale in listed:
        with pytest.raises(ValidationError):
            rows_discard(rows=[stale], by=BY, reason="once more")
    with pytest.raises(StaleWrite), as_seen(row=seen[0], expected_version=1, by=BY, reason="no more"):
        raise AssertionError


@pytest.mark.parametrize("is_theirs", [True, False])
def test_ours_or_theirs(is_theirs: bool, known: Patient) -> None:
    receive(data=oru(("WBC", "5.2", "G/l"), control="1"), by=BY)
    stored = BloodResult.objects.get()
    blood_result_correct(result=stored, value="5.0", unit="G/l", by=BY, reason="counted by hand")
    receive(data=oru(("WBC", "5.6", "G/l"), control="2", issued="20240308130000"), by=BY)
    row_adjudicate(row=waiting(), is_theirs=is_theirs, by=BY, reason="the laboratory was asked")
    current = BloodResult.objects.current().get()
    assert (current.value, current.is_received) == ((5.6, True) if is_theirs else (5.0, False))
    assert current.correction_reason.endswith("the laboratory was asked" if is_theirs else "counted by hand")
    # The same value once more is not asked about again.
    again = receive(data=oru(("WBC", "5.6", "G/l"), control="3", issued="20240308140000"), by=BY)
    assert again.outcomes == {"ignored:unchanged": 1}


def test_a_message_that_was_not_accepted_is_read_again_as_a_whole(known: Patient) -> None:
    sent = oru(("WBC", "5.2", "G/l")).replace(b"WBC by name", b"Wei\xdf")
    assert receive(data=sent, by=BY).reason == "charset"
    sender_set(pattern="LAB|EAST", charset_if_empty=["utf-8", "latin-1"], by=BY)
    found = message_rerun(message=Message.objects.get(), by=BY)
    assert (found.verdict, found.answered, found.rows.get().text) == ("AA", "AE", "Weiß")
    assert BloodResult.objects.count() == 1


def test_a_look_at_a_message_stores_nothing(known: Patient) -> None:
    looked = messages_preview(name="", data=oru(("WBC", "5.2", "G/l"), ("QQ", "1", "")), port="production", by=BY)
    assert looked is not None
    assert [row.reason for row in looked[0].rows] == ["", "unmapped_code"]
    assert not Message.objects.exists()
    assert not BloodResult.objects.exists()
    assert messages_preview(name="", data=b"a,b\n1,2\n", port="production", by=BY) is None
