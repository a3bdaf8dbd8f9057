"""Child–Pugh, ALBI and BCLC of a patient: from blood and the baseline, typed, decided otherwise, and in discord."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from labs.blood.models import BloodResult
from labs.blood.selectors import analytes
from labs.blood.services import blood_result_correct, blood_result_record
from labs.liver.components import blood_components
from labs.liver.discord import discords
from labs.specimens.models import Specimen
from registry.clinical.liver.bclc import Tumours
from registry.clinical.liver.computing import Inputs, Measured
from registry.clinical.liver.models import LiverAssessment
from registry.clinical.liver.quantities import Quantity
from registry.clinical.liver.services import Decision, liver_assess
from registry.clinical.models import Baseline
from registry.clinical.services import baseline_save, treatment_add
from registry.log.actors import Actor
from registry.log.facts import StaleWrite
from registry.log.models import Change, Stream
from registry.models import Cohort, Enrolment
from registry.patients.services import enrolment_create, patient_create
from registry.people.roles import Role
from tests.registry.people import signed_in, site

PATH = "/liver/ICI-0001/ici/"
TYPED = Inputs(
    bilirubin=Measured(Quantity(40, "umol/L")),
    albumin=Measured(Quantity(33, "g/L")),
    clotting=Measured(Quantity(1.1, "INR")),
    ascites="none",
    encephalopathy="none",
    ecog=0,
    tumours=Tumours(2, 4.0, vascular_invasion=False, extrahepatic_spread=False),
)
ANSWER = {
    "bilirubin": "40",
    "bilirubin_unit": "umol/L",
    "albumin": "33",
    "albumin_unit": "g/L",
    "clotting": "1.1",
    "clotting_unit": "INR",
    "ascites": "none",
    "encephalopathy": "none",
    "ecog": "0",
    "tumour_count": "2",
    "tumour_size_cm": "4",
    "vascular_invasion": "no",
    "extrahepatic_spread": "no",
    "seen_assessment": "0",
    "seen_baseline": "0",
}
STORE = {"action": "store"}


@pytest.fixture
def manager(enrolment: Enrolment) -> Client:
    return signed_in(Role.DATA_MANAGER)


@pytest.fixture
def blood(draw: Specimen, by: Actor) -> dict[str, BloodResult]:
    treatment_add(patient=draw.patient, kind="ici", start=date(2024, 3, 10), by=by)
    known = analytes()
    values = {"TBIL": ("3.0", "mg/dL"), "ALB": ("33", "g/L"), "INR": ("1.1", "")}
    return {
        code: blood_result_record(specimen=draw, analyte=known[code], value=value, unit=unit, by=by)
        for code, (value, unit) in values.items()
    }


def text(response: Any) -> str:
    return str(response.content.decode())


def test_the_classes_and_their_inputs_go_to_the_baseline_and_move_its_stream(
    enrolment: Enrolment, cohort: Cohort, by: Actor
) -> None:
    before = Stream.objects.filter(cohort=cohort, domain="baseline").first()
    row = liver_assess(enrolment=enrolment, inputs=TYPED, by=by)
    assert (row.score, row.child_pugh, row.albi_grade, row.bclc) == (7, "B", 2, "B")
    assert row.points == {"bilirubin": 2, "albumin": 2, "clotting": 1, "ascites": 1, "encephalopathy": 1}
    baseline = Baseline.objects.get(enrolment=enrolment)
    assert (baseline.child_pugh, baseline.child_pugh_score, baseline.bclc) == ("B", 7, "B")
    assert (baseline.tumour_count, baseline.multiple_tumours, baseline.ecog) == (2, True, 0)
    after = Stream.objects.get(cohort=cohort, domain="baseline")
    assert after.version > (before.version if before else 0)


def test_the_same_assessment_again_writes_nothing(enrolment: Enrolment, by: Actor) -> None:
    liver_assess(enrolment=enrolment, inputs=TYPED, by=by)
    changes = Change.objects.count()
    liver_assess(enrolment=enrolment, inputs=TYPED, by=by)
    assert Change.objects.count() == changes


def test_an_override_needs_a_reason_and_bclc_follows_it(enrolment: Enrolment, by: Actor) -> None:
    with pytest.raises(ValidationError) as refused:
        liver_assess(enrolment=enrolment, inputs=TYPED, decision=Decision(child_pugh="C"), by=by)
    assert "child_pugh_why" in refused.value.message_dict
    assert not LiverAssessment.objects.exists()
    decision = Decision(child_pugh="C", child_pugh_why="refractory ascites under diuretics")
    row = liver_assess(enrolment=enrolment, inputs=TYPED, decision=decision, by=by)
    assert (row.child_pugh, row.decided_child_pugh, row.bclc) == ("B", "C", "D")
    baseline = Baseline.objects.get(enrolment=enrolment)
    assert (baseline.child_pugh, baseline.child_pugh_score, baseline.bclc) == ("C", None, "D")


def test_deciding_what_was_computed_is_no_decision(enrolment: Enrolment, by: Actor) -> None:
    with pytest.raises(ValidationError, match="leave the decision empty"):
        liver_assess(enrolment=enrolment, inputs=TYPED, decision=Decision(child_pugh="B", child_pugh_why="x"), by=by)


def test_a_typed_class_that_differs_is_replaced_only_when_told(enrolment: Enrolment, by: Actor) -> None:
    baseline_save(enrolment=enrolment, values={"child_pugh": "A", "bclc": "C"}, by=by)
    with pytest.raises(ValidationError) as refused:
        liver_assess(enrolment=enrolment, inputs=TYPED, by=by)
    assert len(refused.value.message_dict["replaces_typed"]) == 2
    assert Baseline.objects.get(enrolment=enrolment).child_pugh == "A"
    liver_assess(enrolment=enrolment, inputs=TYPED, decision=Decision(replaces_typed=True), by=by)
    assert Baseline.objects.get(enrolment=enrolment).child_pugh == "B"


def test_a_stale_save_writes_nothing(enrolment: Enrolment, by: Actor) -> None:
    baseline_save(enrolment=enrolment, values={"ecog": 1}, by=by)
    with pytest.raises(StaleWrite):
        liver_assess(enrolment=enrolment, inputs=TYPED, expected_version=0, baseline_version=0, by=by)
    assert not LiverAssessment.objects.exists()


def test_blood_of_the_window_is_taken_with_its_version_in_the_unit_reported(
    enrolment: Enrolment, blood: dict[str, BloodResult]
) -> None:
    found = blood_components(enrolment)
    bilirubin = found["bilirubin"].measured
    assert bilirubin is not None
    # 3.0 mg/dL is two points by its own bounds; converted it would be three.
    assert bilirubin.quantity == Quantity(3.0, "mg/dL")
    assert bilirubin.fact == f"bloodresult {blood['TBIL'].pk} v1"
    assert bilirubin.code == "B-0001 TBIL"


def test_a_patient_without_blood_says_why_and_the_values_are_typed(manager: Client) -> None:
    page = text(manager.get(PATH))
    assert "There is no draw with a result." in page
    page = text(manager.post(PATH, ANSWER | {"action": "look"}))
    assert "Child–Pugh B, 7 points" in page
    assert "ALBI grade 2" in page
    assert "BCLC B: 2 tumours, the largest 4 cm" in page
    assert not LiverAssessment.objects.exists()
    manager.post(PATH, ANSWER | STORE)
    assert {row["fact"] for row in LiverAssessment.objects.get().inputs if "fact" in row} == {""}


def test_the_form_starts_from_blood_and_says_which_values_were_typed_over(
    manager: Client, blood: dict[str, BloodResult]
) -> None:
    page = text(manager.get(PATH))
    assert 'name="bilirubin" value="3"' in page
    answer = ANSWER | STORE | {"bilirubin": "3", "bilirubin_unit": "mg/dL", "clotting": "2.0"}
    page = text(manager.post(PATH, answer, follow=True))
    row = LiverAssessment.objects.get()
    facts = {each["name"]: each["fact"] for each in row.inputs if "fact" in each}
    assert facts == {
        "bilirubin": f"bloodresult {blood['TBIL'].pk} v1",
        "albumin": f"bloodresult {blood['ALB'].pk} v1",
        "clotting": "",
    }
    assert "(B-0001 ALB)" in page
    assert "(typed)" in page


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"albumin": "4,1"}, "write a decimal point"),
        ({"albumin": ""}, "This field is required."),
        ({"bilirubin": "<60"}, "leaves its points open"),
        ({"ascites": ""}, "This field is required."),
        ({"tumour_count": "0"}, "greater than or equal to 1"),
        ({"child_pugh": "C"}, "Say why the Child–Pugh class is another"),
        ({"bclc": "C"}, "Say why the BCLC stage is another"),
    ],
)
def test_what_cannot_be_computed_is_refused_beside_its_field(
    manager: Client, changed: dict[str, str], message: str
) -> None:
    assert message in text(manager.post(PATH, ANSWER | STORE | changed))
    assert not LiverAssessment.objects.exists()
    assert not Baseline.objects.exists()


def test_bclc_without_its_inputs_is_left_open_and_says_what_lacks(manager: Client) -> None:
    answer = ANSWER | {"tumour_count": "", "action": "look"}
    assert "The number of tumours is not known." in text(manager.post(PATH, answer))
    manager.post(PATH, answer | STORE)
    assert (LiverAssessment.objects.get().bclc, Baseline.objects.get().bclc) == ("", "")


def test_the_page_shows_what_is_recorded_otherwise_before_anything_is_stored(
    manager: Client, enrolment: Enrolment, by: Actor
) -> None:
    baseline = baseline_save(enrolment=enrolment, values={"child_pugh": "A"}, by=by)
    answer = ANSWER | {"seen_baseline": str(baseline.version)}
    sentence = "is recorded as A; from these inputs it is B."
    assert sentence in text(manager.post(PATH, answer | {"action": "look"}))
    assert sentence in text(manager.post(PATH, answer | STORE))
    manager.post(PATH, answer | STORE | {"replaces_typed": "on"})
    assert Baseline.objects.get().child_pugh == "B"


def test_the_list_names_recorded_stages_that_do_not_follow(
    manager: Client, enrolment: Enrolment, cohort: Cohort, by: Actor
) -> None:
    baseline_save(enrolment=enrolment, values={"child_pugh": "C", "bclc": "B", "ecog": 0}, by=by)
    sentence = "BCLC is recorded as B; BCLC D: Child–Pugh C."
    assert sentence in text(manager.get("/liver/"))
    assert sentence in text(manager.get("/liver/", {"cohort": "ici"}))
    assert sentence not in text(manager.get("/liver/", {"cohort": "other"}))
    assert "1 patient has a recorded stage that disagrees" in text(manager.get("/cohorts/ici/"))


def test_the_list_names_what_changed_since(
    manager: Client, enrolment: Enrolment, cohort: Cohort, blood: dict[str, BloodResult], by: Actor
) -> None:
    manager.post(PATH, ANSWER | STORE | {"bilirubin": "3", "bilirubin_unit": "mg/dL"})
    assert discords([cohort]) == []
    blood_result_correct(result=blood["ALB"], value="29", unit="g/L", by=by, reason="misread")
    baseline = Baseline.objects.get()
    baseline_save(enrolment=enrolment, values={"child_pugh": "A", "child_pugh_score": 6, "ecog": 1}, by=by)
    assert baseline.child_pugh == "B"
    (found,) = discords([cohort])
    said = " ".join(found.sentences)
    assert "Child–Pugh is recorded as A, computed as B." in said
    assert "B-0001 ALB was corrected since it was used." in said
    assert "Changed since: ECOG." in said
    assert "BCLC is recorded as B; BCLC C: performance status 1." in said


def test_an_override_is_no_discord(enrolment: Enrolment, cohort: Cohort, by: Actor) -> None:
    decision = Decision(bclc="C", bclc_why="portal vein thrombosis seen later")
    liver_assess(enrolment=enrolment, inputs=TYPED, decision=decision, by=by)
    assert discords([cohort]) == []


def test_the_list_costs_the_same_number_of_queries_for_any_number(
    enrolment: Enrolment, cohort: Cohort, by: Actor
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            discords([cohort])
        return len(seen)

    liver_assess(enrolment=enrolment, inputs=TYPED, by=by)
    few = cost()
    for number in range(2, 8):
        patient = patient_create(study_number=f"ICI-{number}", site=cohort.site, by=by)
        liver_assess(
            enrolment=enrolment_create(patient=patient, cohort=cohort, index_date=None, by=by), inputs=TYPED, by=by
        )
    assert cost() == few


def test_strangers_and_readers_get_nothing(enrolment: Enrolment, by: Actor) -> None:
    baseline_save(enrolment=enrolment, values={"child_pugh": "C", "bclc": "B"}, by=by)
    far = signed_in(Role.DATA_MANAGER, username="far", sites=[site("FAR")])
    assert far.get(PATH).status_code == 404
    assert "ICI-0001" not in text(far.get("/liver/"))
    bob = signed_in(Role.PATHOLOGIST)
    assert bob.get(PATH).status_code == 403
    assert bob.get("/liver/").status_code == 403


def test_an_investigator_sees_the_assessment_on_the_patients_page(enrolment: Enrolment, by: Actor) -> None:
    liver_assess(enrolment=enrolment, inputs=TYPED, by=by)
    alice = signed_in(Role.INVESTIGATOR)
    page = text(alice.get("/patients/ICI-0001/"))
    assert "BCLC B: 2 tumours" in page
    assert 'href="/liver/ICI-0001/ici/"' not in page
    assert alice.get(PATH).status_code == 403
