from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from labs.blood.models import BloodResult
from labs.blood.selectors import analytes
from labs.blood.services import blood_result_correct, blood_result_record
from labs.markers.models import Marker, Stain
from labs.specimens.models import Specimen
from labs.wetlab.models import BlotRatio, FoldChange
from labs.wetlab.services import blot_record
from registry import extensions
from registry.log.actors import Actor
from registry.models import Patient
from registry.people.roles import Role
from tests.registry.people import signed_in, site


@pytest.fixture
def technician(enrolment: object) -> Client:
    return signed_in(Role.TECHNICIAN)


@pytest.fixture
def two_dependents() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extensions._extensions, "dependents", [lambda streams: ["ROC of albumin"] if streams else []])
        yield


def text(response: Any) -> str:
    return str(response.content.decode())


def test_a_technician_registers_a_specimen(technician: Client, patient: Patient) -> None:
    answer = {
        "study_number": patient.study_number,
        "code": "T-9",
        "kind": "tumour",
        "timing": "dated",
        "collected": "2024-01-05",
        "precision": "day",
    }
    response = technician.post("/specimens/new/", answer, follow=True)
    assert "T-9 registered." in text(response)
    assert Specimen.objects.get().collected == date(2024, 1, 5)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"study_number": "nobody"}, "There is no patient with this study number."),
        ({"collected": ""}, "Give the date, or declare the specimen as baseline without one."),
        ({"timing": "baseline_declared"}, "Give the date, or declare the specimen as baseline without one."),
        ({"collected": "2999-01-01"}, "The date lies in the future."),
        ({"code": "T 9"}, "Letters, digits, dots, dashes only."),
    ],
)
def test_a_wrong_specimen_is_refused(
    technician: Client, patient: Patient, changed: dict[str, str], message: str
) -> None:
    answer = {
        "study_number": patient.study_number,
        "code": "T-9",
        "kind": "tumour",
        "timing": "dated",
        "collected": "2024-01-05",
        "precision": "day",
    }
    assert message in text(technician.post("/specimens/new/", answer | changed))
    assert not Specimen.objects.exists()


def test_a_specimen_is_corrected_with_its_version(technician: Client, tumour: Specimen) -> None:
    path = f"/specimens/{tumour.pk}/correct/"
    answer = {
        "code": "T-0001",
        "kind": "normal",
        "timing": "dated",
        "collected": "2024-01-05",
        "precision": "day",
        "version": "1",
        "reason": "mixed up",
    }
    technician.post(path, answer)
    tumour.refresh_from_db()
    assert (tumour.kind, tumour.version) == ("normal", 2)
    stale = text(technician.post(path, answer | {"kind": "peritumour"}))
    assert "kind: tumour → normal" in stale


def test_a_stain_is_added_and_marked_as_an_error(technician: Client, tumour: Specimen) -> None:
    fap = Marker.objects.get(code="FAP")
    technician.post(f"/specimens/{tumour.pk}/stains/new/", {"marker": fap.pk, "stained_on": "2024-02-01"})
    stain = Stain.objects.get()
    assert "FAP" in text(technician.get(f"/specimens/{tumour.pk}/"))
    technician.post(f"/stains/{stain.pk}/retire/", {"version": "1", "reason": "other block"})
    stain.refresh_from_db()
    assert stain.retired_reason == "other block"


def test_a_panel_is_entered_in_one_go(technician: Client, draw: Specimen) -> None:
    answer = {
        "ALB-value": "4.12",
        "ALB-unit": "g/dL",
        "IL6-value": "<1.5",
        "IL6-unit": "pg/mL",
        "HBSAG-value": "negative",
    }
    response = technician.post(f"/blood/{draw.pk}/", answer, follow=True)
    assert "3 results of B-0001 saved." in text(response)
    assert {str(result) for result in BloodResult.objects.all()} == {
        "ALB 41.2 g/L",
        "IL6 <1.5 pg/mL",
        "HBSAG negative",
    }


def test_one_bad_row_saves_nothing_and_keeps_what_was_typed(technician: Client, draw: Specimen) -> None:
    answer = {"ALB-value": "41", "ALB-unit": "g/L", "LYM-value": "1,3", "LYM-unit": "10*9/L"}
    page = text(technician.post(f"/blood/{draw.pk}/", answer))
    assert "write a decimal point" in page
    assert 'value="1,3"' in page
    assert not BloodResult.objects.exists()


def test_an_unusual_value_is_asked_about_and_saved_with_the_tick(technician: Client, draw: Specimen) -> None:
    answer = {"ALB-value": "12", "ALB-unit": "g/L"}
    page = text(technician.post(f"/blood/{draw.pk}/", answer))
    assert "12 g/L is unusual for Albumin" in page
    assert 'name="ALB-accept_unusual"' in page
    technician.post(f"/blood/{draw.pk}/", answer | {"ALB-accept_unusual": "on"})
    assert BloodResult.objects.get().is_unusual_accepted


def test_a_stored_value_is_corrected_in_the_panel_with_a_reason(
    technician: Client, draw: Specimen, by: Actor, two_dependents: None
) -> None:
    first = blood_result_record(specimen=draw, analyte=analytes()["ALB"], value="41", unit="g/L", by=by)
    path, answer = f"/blood/{draw.pk}/", {"ALB-value": "44", "ALB-unit": "g/L", "ALB-seen": str(first.version)}
    assert "ROC of albumin" in text(technician.get(path))
    assert "Say why the result is corrected." in text(technician.post(path, answer))
    technician.post(path, answer | {"reason": "typing error"})
    assert [row.value for row in BloodResult.objects.current()] == [44.0]


def test_saving_an_untouched_panel_changes_nothing(technician: Client, draw: Specimen, by: Actor) -> None:
    first = blood_result_record(specimen=draw, analyte=analytes()["ALB"], value="41", unit="g/L", by=by)
    answer = {"ALB-value": "41", "ALB-unit": "g/L", "ALB-seen": str(first.version)}
    assert "Nothing was changed." in text(technician.post(f"/blood/{draw.pk}/", answer, follow=True))
    assert BloodResult.objects.count() == 1


def test_an_emptied_row_takes_nothing_back(technician: Client, draw: Specimen, by: Actor) -> None:
    first = blood_result_record(specimen=draw, analyte=analytes()["ALB"], value="41", unit="g/L", by=by)
    page = text(
        technician.post(f"/blood/{draw.pk}/", {"ALB-value": "", "ALB-unit": "g/L", "ALB-seen": str(first.version)})
    )
    assert "retract the result instead" in page
    assert BloodResult.objects.current().count() == 1


def test_a_stale_row_says_what_changed_and_an_untouched_one_is_left_alone(
    technician: Client, draw: Specimen, by: Actor
) -> None:
    first = blood_result_record(specimen=draw, analyte=analytes()["ALB"], value="41", unit="g/L", by=by)
    blood_result_correct(result=first, value="44", unit="g/L", by=by, reason="typing error")
    path = f"/blood/{draw.pk}/"
    stale = {"ALB-value": "45", "ALB-unit": "g/L", "ALB-seen": str(first.version), "reason": "mine"}
    refused = text(technician.post(path, stale))
    assert "value: 41.0 → 44.0" in refused
    assert "An emptied row" not in refused
    untouched = stale | {"ALB-value": "41", "LYM-value": "1.3", "LYM-unit": "10*9/L"}
    assert "1 result of B-0001 saved." in text(technician.post(path, untouched, follow=True))
    assert {row.value for row in BloodResult.objects.current()} == {44.0, 1.3}


def test_a_result_is_retracted_after_the_page_said_what_becomes_stale(
    technician: Client, draw: Specimen, by: Actor, two_dependents: None
) -> None:
    first = blood_result_record(specimen=draw, analyte=analytes()["ALB"], value="41", unit="g/L", by=by)
    path = f"/results/blood/{first.pk}/"
    assert "ROC of albumin" in text(technician.get(path))
    technician.post(path, {"seen": str(first.version), "reason": "wrong tube"})
    assert not BloodResult.objects.current().exists()
    page = text(technician.get(path))
    assert "wrong tube" in page
    assert "retracted" in page


def test_a_ratio_and_a_fold_change_are_entered_and_corrected(technician: Client, tumour: Specimen) -> None:
    fap = Marker.objects.get(code="FAP")
    blot = {"marker": fap.pk, "gel": "G1", "loading_control": "ACTB", "ratio": "1.8"}
    assert "write a decimal point" in text(
        technician.post(f"/specimens/{tumour.pk}/blots/new/", blot | {"ratio": "1,8"})
    )
    technician.post(f"/specimens/{tumour.pk}/blots/new/", blot)
    technician.post(f"/specimens/{tumour.pk}/folds/new/", {"marker": fap.pk, "reference_gene": "ACTB", "fold": "2.4"})
    ratio, fold = BlotRatio.objects.get(), FoldChange.objects.get()
    path = f"/results/blots/{ratio.pk}/correct/"
    answer = {"loading_control": "ACTB", "ratio": "1.6", "seen": str(ratio.version), "reason": "saturated"}
    technician.post(path, answer)
    assert "ratio: 1.8 → 1.6" in text(technician.post(path, answer | {"ratio": "1.7"}))
    assert [row.ratio for row in BlotRatio.objects.current()] == [1.6]
    assert "2.4 (ACTB)" in text(technician.get(f"/results/folds/{fold.pk}/"))


@pytest.mark.parametrize(
    ("role", "looks", "writes"),
    [
        (Role.PATHOLOGIST, 403, 403),
        (Role.TECHNICIAN, 200, 200),
        (Role.DATA_MANAGER, 200, 200),
        (Role.INVESTIGATOR, 200, 403),
        (Role.ADMINISTRATOR, 200, 200),
    ],
)
def test_each_role_reaches_its_pages_only(
    draw: Specimen, stain: Stain, by: Actor, role: Role, looks: int, writes: int
) -> None:
    result = blood_result_record(specimen=draw, analyte=analytes()["ALB"], value="41", unit="g/L", by=by)
    blot = blot_record(specimen=stain.specimen, marker=stain.marker, gel="G", loading_control="ACTB", ratio=1, by=by)
    client = signed_in(role)
    for path in (
        "/specimens/",
        f"/specimens/{draw.pk}/",
        f"/specimens/{stain.specimen_id}/",
        f"/results/blood/{result.pk}/",
    ):
        assert client.get(path).status_code == looks, path
    names = ("specimen-correct", "specimen-retire", "stain-new", "blot-new", "fold-new")
    paths = [reverse(f"labs:{name}", args=[stain.specimen_id]) for name in names]
    paths += [
        "/specimens/new/",
        f"/blood/{draw.pk}/",
        f"/stains/{stain.pk}/retire/",
        f"/results/blots/{blot.pk}/correct/",
    ]
    for path in paths:
        assert client.get(path).status_code == writes, path
        assert client.post(path, {}).status_code in ({403} if writes == 403 else {200, 302}), path
    retraction = client.post(f"/results/blood/{result.pk}/", {"seen": str(result.version), "reason": "no"})
    assert retraction.status_code == (403 if writes == 403 else 302)


def test_a_specimen_of_another_site_is_not_there(draw: Specimen, by: Actor) -> None:
    result = blood_result_record(specimen=draw, analyte=analytes()["ALB"], value="41", unit="g/L", by=by)
    stranger = signed_in(Role.DATA_MANAGER, username="far", sites=[site("FAR")])
    for path in (f"/specimens/{draw.pk}/", f"/blood/{draw.pk}/", f"/results/blood/{result.pk}/"):
        assert stranger.get(path).status_code == 404
    assert "B-0001" not in text(stranger.get("/specimens/"))


def test_an_investigator_sees_on_the_patients_page_which_draw_is_the_baseline_and_why(
    draw: Specimen, by: Actor
) -> None:
    known = analytes()
    blood_result_record(specimen=draw, analyte=known["ALB"], value="41.2", unit="g/L", by=by)
    blood_result_record(specimen=draw, analyte=known["LYM"], value="1.3", unit="G/l", by=by)
    page = text(signed_in(Role.INVESTIGATOR).get(f"/patients/{draw.patient.study_number}/"))
    assert "B-0001 of 2024-03-08 is the last draw in the window, 2 d before the first ICI dose (2024-03-10)." in page
    assert "47.7" in page
    assert "Blood draws" in page


def test_specimens_are_filtered_by_patient_kind_and_results(
    technician: Client, draw: Specimen, tumour: Specimen, by: Actor
) -> None:
    blood_result_record(specimen=draw, analyte=analytes()["ALB"], value="41", unit="g/L", by=by)
    found = {}
    for query in ("q=ICI-0001", "kind=blood", "state=none", "state=some", "q=T-00", "kind=nonsense"):
        table = text(technician.get(f"/specimens/?{query}")).partition("<tbody>")[2]
        found[query] = ("B-0001" in table, "T-0001" in table)
    assert found == {
        "q=ICI-0001": (True, True),
        "kind=blood": (True, False),
        "state=none": (False, True),
        "state=some": (True, False),
        "q=T-00": (False, True),
        "kind=nonsense": (True, True),
    }
