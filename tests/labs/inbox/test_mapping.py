"""A code means an analyte in a unit and of a specimen: by service, by form, from a row that waits, from a file."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from labs.blood.models import Analyte, BloodResult
from labs.inbox.deciding import rows_rerun
from labs.inbox.mapping.importing import documents_import
from labs.inbox.mapping.models import CodeMapping
from labs.inbox.mapping.services import code_change, code_map, code_unmap, spellings_add
from labs.inbox.models import MessageRow
from labs.inbox.services import receive
from registry.log.models import Change
from registry.models import Patient, Site
from registry.people.roles import Role
from registry.people.services import user_create
from tests.labs.inbox.conftest import BY
from tests.labs.inbox.messages import oru


def analyte(code: str) -> Analyte:
    return Analyte.objects.get(code=code)


def mapped(meaning: str, only_unit: str = "", only_specimen: str = "") -> CodeMapping:
    return code_map(
        sender="LAB|EAST",
        code="X",
        analyte=analyte(meaning),
        only_unit=only_unit,
        only_specimen=only_specimen,
        by=BY,
    )


def test_a_code_is_mapped_once_for_a_unit_and_a_specimen(known: Patient) -> None:
    plain, precise = mapped("WBC"), mapped("HGB", " G / dL", "Capillary-BLOOD")
    assert (precise.unit, precise.specimen) == ("g/dl", "capillary blood")
    assert mapped("HGB", "g/dl", "capillary blood").version == 1
    with pytest.raises(ValidationError, match="means Haemoglobin already"):
        mapped("WBC", "g/dL", "capillary blood")
    with pytest.raises(IntegrityError), transaction.atomic():
        CodeMapping.objects.create(sender="LAB|EAST", code="X", analyte=analyte("CRP"))
    changed: dict[str, Any] = {"analyte": analyte("CRP"), "by": BY, "reason": "asked the laboratory"}
    with pytest.raises(ValidationError, match="mapped already for the same unit and specimen"):
        code_change(mapping=precise, only_unit="", only_specimen="", expected_version=1, **changed)
    code_change(mapping=precise, only_unit="mg/L", only_specimen="", expected_version=1, **changed)
    with pytest.raises(ValidationError, match="changed this"):
        code_change(mapping=precise, only_unit="", only_specimen="serum", expected_version=1, **changed)
    log = Change.objects.filter(subject_type="codemapping", subject_id=str(precise.pk)).latest("id")
    assert (log.new_values["unit"], log.old_values["specimen"]) == ("mg/l", "capillary blood")
    # What was taken back is no obstacle, and mapped again it is the same row.
    code_unmap(mapping=plain, expected_version=1, by=BY, reason="another test")
    code_change(mapping=precise, only_unit="", only_specimen="", expected_version=2, **changed)
    receive(data=oru(("X", "4", "mg/l")), by=BY)
    assert BloodResult.objects.get().analyte.code == "CRP"


def test_what_waits_is_read_by_the_mapping_as_it_is_now(known: Patient) -> None:
    mapped("HGB", "g/dL")
    receive(data=oru(("X", "12.8", "g/dL"), ("X", "5.1", "G/l"), ("X", "40", "%")), by=BY)
    assert list(MessageRow.objects.order_by("number").values_list("analyte__code", "reason")) == [
        ("HGB", ""),
        (None, "unmapped_code"),
        (None, "unmapped_code"),
    ]
    mapped("WBC", "g/l")
    rows = MessageRow.objects.filter(state="open")
    assert [row.value for row in rows_rerun(rows=rows, by=BY)] == [5.1]
    assert rows_rerun(rows=MessageRow.objects.all(), by=BY) == []
    # What was placed stays where it is when its mapping means something else.
    code_change(
        mapping=CodeMapping.objects.get(unit="g/dl"),
        analyte=analyte("ALB"),
        only_unit="g/dL",
        only_specimen="",
        expected_version=1,
        by=BY,
        reason="another test",
    )
    assert rows_rerun(rows=MessageRow.objects.all(), by=BY) == []
    assert set(BloodResult.objects.current().values_list("analyte__code", flat=True)) == {"HGB", "WBC"}


def test_a_loinc_counts_by_its_own_name_until_a_site_says_more(known: Patient) -> None:
    sent = oru(("1751-7", "41", "g/L"), ("718-7", "128", "g/L"), ("6690-2", "5", "10*9/L"), order="A1").decode()
    named = sent.replace("1751-7^1751-7 by name", "1751-7^Serum albumin^LN").replace("718-7 by name", "HGB^LN")
    named = named.replace("6690-2 by name", "Rhubarb^LN")
    assert receive(data=named.encode(), by=BY).outcomes == {"placed": 2, "quarantined:unmapped_code": 1}
    urine = oru(("1751-7", "30", "g/L"), order="A2", control="2").decode().replace("1751-7 by name", "Albumin^LN")
    receipt = receive(data=f"{urine}SPM|1|||UR^Urine^HL70487\r".encode(), by=BY)
    assert receipt.outcomes == {"quarantined:unmapped_code": 1}
    albumin = Analyte.objects.get(code="ALB")
    spellings_add(analyte=albumin, factors={}, loincs=["1751-7"], name_words=["eiwit"], by=BY)
    receipt = receive(data=urine.replace("A2", "A3").encode(), by=BY)
    assert receipt.outcomes == {"quarantined:unmapped_code": 1}


def test_a_row_offers_its_unit_and_specimen_and_a_mapping_is_corrected_by_form(known: Patient, site: Site) -> None:
    sent = oru(("X", "4", "mg/l"), ("X", "40", "%")).decode() + "SPM|1|||SER^Serum^HL70487\r"
    receive(data=sent.encode(), by=BY)
    client = Client()
    client.force_login(user_create(username="tech", password=None, roles=[Role.TECHNICIAN], sites=[site], by=BY))
    row = MessageRow.objects.get(number=1)
    url = reverse("labs:inbox-row", args=[row.pk])
    form = client.get(url).context["map_form"]
    assert [value for value, _label in form.fields["only_unit"].choices] == ["", "mg/l"]
    assert [value for value, _label in form.fields["only_specimen"].choices] == ["", "SER Serum HL70487"]
    typed = {"sender": "LAB|EAST", "code": "X", "analyte": analyte("CRP").pk, "unit": "mg/l", "factor": ""}
    typed |= {"only_unit": "mg/l", "only_specimen": "SER Serum HL70487"}
    looked = client.post(url, typed | {"action": "look"})
    assert dict(looked.context["looked_counts"]) == {"placed": 1, "the code is not mapped": 1}
    assert client.post(url, typed | {"action": "map", "only_unit": "g/l"}).context["map_form"].errors
    client.post(url, typed | {"action": "map"})
    mapping = CodeMapping.objects.get(code="X")
    assert (mapping.unit, mapping.specimen) == ("mg/l", "ser serum hl70487")
    assert b"ser serum" in client.get(reverse("labs:inbox-mappings"), {"q": "serum"}).content
    again = client.post(reverse("labs:inbox-mappings"), typed | {"analyte": analyte("ALB").pk})
    assert "code" in again.context["form"].errors
    page = reverse("labs:inbox-mapping", args=[mapping.pk])
    change = {"action": "change", "analyte": analyte("CRP").pk, "unit": "", "specimen": " SERUM", "version": "1"}
    assert client.post(page, change | {"reason": "all units"}, follow=True).status_code == 200
    mapping.refresh_from_db()
    assert (mapping.unit, mapping.specimen, mapping.version) == ("", "serum", 2)
    assert client.post(page, change | {"unit": "%"}).context["form"].errors, "somebody changed it in between"
    assert MessageRow.objects.get(number=2).reason == "unit_unknown"


def test_files_may_name_unit_and_specimen(known: Patient) -> None:
    rows = [
        {"sender": "LAB|EAST", "code": "X", "analyte": "CRP"},
        {"sender": "LAB|EAST", "code": "X", "analyte": "ALB", "unit": "g/L", "specimen": "Serum"},
        {"sender": "LAB|EAST", "code": "X", "analyte": "HGB", "unit": "G / l", "specimen": "serum"},
    ]
    document = {"form": 1, "mappings": rows}
    for _time in range(2):
        documents_import(documents=[document], by=BY)
        found = CodeMapping.objects.filter(code="X").order_by("pk").values_list("analyte__code", "unit", "specimen")
        assert list(found) == [("CRP", "", ""), ("ALB", "g/l", "serum")]
