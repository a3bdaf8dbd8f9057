"""Entering and correcting facts in forms: what is saved, what is refused and where, what a second person reads."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from registry import extensions
from registry.clinical.models import Baseline, ExtraValue, FollowUp, OutcomeEvent, Treatment
from registry.clinical.services import extra_variable_set, fact_update, response_report, treatment_add
from registry.cohorts.models import Cohort
from registry.log.actors import Actor
from registry.log.models import Change
from registry.patients.models import Enrolment, Patient, PatientIdentity
from registry.patients.services import identity_save
from registry.people.models import Site, User
from tests.registry.fixtures import BY, enrol
from tests.registry.people import client_of

pytestmark = pytest.mark.django_db
URL = "/patients/P-001"
IN = f"{URL}/in/resection"


@pytest.fixture
def client(dora: User) -> Client:
    return client_of(dora)


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def sent(client: Client, url: str, **values: Any) -> Any:
    """Sends the form of a page as a browser would: what it shows, with these values typed over it."""
    return client.post(url, seen(client, url) | values)


def seen(client: Client, url: str) -> dict[str, Any]:
    """What the form of a page holds when it is opened; an empty field is sent as an empty one."""
    form = client.get(url).context["form"]
    held = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in held.items()}


@pytest.mark.parametrize(
    ("slug", "values", "model"),
    [
        ("treatment", {"kind": "tace", "start": "2023-01-02", "start_precision": "day"}, Treatment),
        ("assessment", {"day": "2023-01-02", "mrecist": "SD", "method": "CT"}, None),
        ("follow-up", {"day": "2023-01-02", "mode": "telephone", "note": "well"}, FollowUp),
        (
            "event",
            {"kind": "death", "day": "2023-01-01", "precision": "month", "method": "liver failure"},
            OutcomeEvent,
        ),
    ],
)
def test_each_kind_of_fact_is_entered_by_a_form(
    client: Client, enrolled: Enrolment, slug: str, values: dict[str, str], model: Any
) -> None:
    assert client.post(f"{URL}/{slug}/add/", values).headers["Location"] == f"{URL}/"
    change = Change.objects.latest("id")
    assert (change.actor_name, change.source, change.action) == ("dora", "form", "create")
    assert {name: str(change.new_values[name]) for name in values} == values
    if model:
        assert model.objects.get().patient == enrolled.patient


def test_a_refusal_stands_beside_its_field_and_what_was_typed_stays(client: Client, enrolled: Enrolment) -> None:
    answer = client.post(f"{URL}/follow-up/add/", {"day": "2199-01-01", "mode": "visit", "note": "typed"})
    assert answer.context["form"].errors == {"day": ["The date lies in the future."]}
    assert 'value="typed"' in answer.content.decode()
    assert not FollowUp.objects.exists()


def test_the_same_fact_twice_is_refused_in_words(client: Client, enrolled: Enrolment) -> None:
    treatment_add(patient=enrolled.patient, kind="tace", start=date(2023, 1, 2), by=BY)
    answer = client.post(
        f"{URL}/treatment/add/", {"kind": "tace", "start": "2023-01-02", "start_precision": "day", "agent": ""}
    )
    assert "This treatment is already recorded." in text(answer)


@pytest.fixture
def tace(enrolled: Enrolment) -> Treatment:
    return treatment_add(patient=enrolled.patient, kind="tace", start=date(2023, 1, 2), by=BY)


def test_a_correction_is_logged_with_its_reason(client: Client, tace: Treatment) -> None:
    assert sent(client, f"{URL}/treatment/{tace.pk}/", kind="haic", reason="read the chart again").status_code == 302
    change = Change.objects.latest("id")
    assert (change.old_values, change.new_values) == ({"kind": "tace"}, {"kind": "haic", "version": 2})
    assert change.reason == "read the chart again"


def test_a_stale_save_says_what_the_other_changed_and_keeps_what_was_typed(
    client: Client, tace: Treatment, ada: User
) -> None:
    shown = seen(client, f"{URL}/treatment/{tace.pk}/")
    fact_update(fact=tace, changes={"agent": "epirubicin"}, expected_version=1, by=Actor.of(ada))
    typed = shown | {"agent": "lipiodol"}
    answer = client.post(f"{URL}/treatment/{tace.pk}/", typed)
    page = text(answer)
    assert "ada changed this at" in page
    assert "agent: — → epirubicin" in page
    assert "Stored now: epirubicin" in page
    assert 'value="lipiodol"' in answer.content.decode()
    tace.refresh_from_db()
    assert tace.agent == "epirubicin"


def test_after_a_stale_save_the_next_one_is_a_decision_and_counts(client: Client, tace: Treatment, ada: User) -> None:
    shown = seen(client, f"{URL}/treatment/{tace.pk}/")
    fact_update(fact=tace, changes={"agent": "epirubicin"}, expected_version=1, by=Actor.of(ada))
    typed = shown | {"agent": "lipiodol"}
    again = client.post(f"{URL}/treatment/{tace.pk}/", typed).context["form"]
    assert client.post(f"{URL}/treatment/{tace.pk}/", typed | {"version": again["version"].value()}).status_code == 302
    tace.refresh_from_db()
    assert (tace.agent, tace.version) == ("lipiodol", 3)


def test_a_form_names_what_saving_makes_stale(client: Client, tace: Treatment, monkeypatch: pytest.MonkeyPatch) -> None:
    cohort_id = tace.patient.enrolments.get().cohort_id

    def reading(streams: Any) -> list[str]:
        return [f"PFS by FAP reads {domain}" for cohort, domain in streams if cohort == cohort_id]

    monkeypatch.setattr(extensions._extensions, "dependents", [reading])
    assert "PFS by FAP reads treatments" in text(client.get(f"{URL}/treatment/{tace.pk}/"))
    assert "PFS by FAP reads baseline" in text(client.get(f"{IN}/baseline/"))


def test_a_baseline_is_entered_then_corrected(client: Client, enrolled: Enrolment) -> None:
    assert sent(client, f"{IN}/baseline/", age="61.5", mvi="true").status_code == 302
    assert sent(client, f"{IN}/baseline/", age="62").status_code == 302
    baseline = Baseline.objects.get()
    assert (baseline.age, baseline.mvi, baseline.cirrhosis, baseline.version) == (62.0, True, None, 2)


def test_two_who_enter_the_first_baseline_at_once_are_told_of_each_other(
    client: Client, enrolled: Enrolment, ada: User
) -> None:
    first = client.get(f"{IN}/baseline/").context["form"]
    assert sent(client_of(ada), f"{IN}/baseline/", age="61").status_code == 302
    answer = client.post(f"{IN}/baseline/", {"age": "70", "version": first["version"].value()})
    assert "ada changed this at" in text(answer)
    assert Baseline.objects.get().age == 61.0


def test_a_contradiction_within_the_baseline_is_explained(client: Client, enrolled: Enrolment) -> None:
    answer = sent(client, f"{IN}/baseline/", child_pugh="A", child_pugh_score="8")
    assert "A score of 8 is class B." in text(answer)


def test_a_reported_response_is_entered_and_corrected(client: Client, enrolled: Enrolment) -> None:
    assert sent(client, f"{IN}/response/", is_responder="True", definition="RECIST").status_code == 302
    assert sent(client, f"{IN}/response/", is_responder="False").status_code == 302
    response = enrolled.reported_responses.get()
    assert (response.is_responder, response.definition, response.version) == (False, "RECIST", 2)


def test_a_response_that_was_changed_meanwhile_is_not_overwritten(
    client: Client, enrolled: Enrolment, ada: User
) -> None:
    response_report(enrolment=enrolled, is_responder=True, definition="RECIST", by=BY)
    response_report(enrolment=enrolled, is_responder=True, definition="mRECIST", by=Actor.of(ada))
    answer = sent(client, f"{IN}/response/", definition="iRECIST", version=1)
    assert "ada changed this" in text(answer)


@pytest.fixture
def variables(enrolled: Enrolment) -> None:
    extra_variable_set(cohort=enrolled.cohort, code="ggt", label="GGT", type="number", unit="U/L", by=BY)
    levels = {"0": "no", "1": "yes"}
    extra_variable_set(cohort=enrolled.cohort, code="capsule", label="Capsule", type="category", levels=levels, by=BY)


def test_a_cohorts_own_variables_are_saved_together(client: Client, variables: None) -> None:
    assert sent(client, f"{IN}/variables/", **{"x-ggt": "51.5", "x-capsule": "1"}).status_code == 302
    assert {value.variable.code: value.value for value in ExtraValue.objects.all()} == {"ggt": 51.5, "capsule": "1"}
    before = Change.objects.count()
    assert sent(client, f"{IN}/variables/").status_code == 302
    assert Change.objects.count() == before


def test_removing_a_value_takes_a_reason(client: Client, variables: None) -> None:
    sent(client, f"{IN}/variables/", **{"x-ggt": "51.5"})
    assert "Say why the value of GGT is removed." in text(sent(client, f"{IN}/variables/", **{"x-ggt": ""}))
    assert sent(client, f"{IN}/variables/", **{"x-ggt": "", "reason": "another patient's"}).status_code == 302
    assert ExtraValue.objects.get().retired_reason == "another patient's"
    assert sent(client, f"{IN}/variables/", **{"x-ggt": "40"}).status_code == 302
    assert ExtraValue.objects.get().value == 40.0


def test_a_stale_value_among_several_saves_none_of_them(client: Client, variables: None, ada: User) -> None:
    sent(client, f"{IN}/variables/", **{"x-ggt": "51.5"})
    shown = seen(client, f"{IN}/variables/")
    sent(client_of(ada), f"{IN}/variables/", **{"x-ggt": "60"})
    answer = client.post(f"{IN}/variables/", shown | {"x-ggt": "70", "x-capsule": "1"})
    assert "ada changed this" in text(answer)
    assert [value.value for value in ExtraValue.objects.all()] == [60.0]


def test_an_index_date_is_corrected_with_a_reason(client: Client, enrolled: Enrolment) -> None:
    assert sent(client, f"{IN}/index-date/", index_date="2022-03-07", reason="theatre book").status_code == 302
    enrolled.refresh_from_db()
    assert enrolled.index_date == date(2022, 3, 7)
    assert Change.objects.filter(domain="enrolment").latest("id").reason == "theatre book"


def test_withdrawing_takes_a_day_and_a_reason(client: Client, enrolled: Enrolment) -> None:
    assert "This field is required." in text(sent(client, f"{IN}/withdraw/", withdrawn_on="2023-01-01"))
    url = f"{IN}/withdraw/"
    assert sent(client, url, withdrawn_on="2023-01-01", withdrawal_reason="consent withdrawn").status_code == 302
    enrolled.refresh_from_db()
    assert enrolled.withdrawal_reason == "consent withdrawn"


def new_patient(client: Client, **values: str) -> Any:
    given = {"study_number": "P-100", "site": "HEB", "sex": "M", "cohort": "resection", "index_date": "2022-05-01"}
    return client.post("/new-patient/", given | values)


def test_a_patient_identity_and_enrolment_are_entered_at_once(client: Client, a_cohort: Cohort) -> None:
    assert new_patient(client, name="Li Na", record_number="M1").headers["Location"] == "/patients/P-100/"
    patient = Patient.objects.get()
    assert patient.identity.name == "Li Na"
    assert patient.enrolments.get().index_date == date(2022, 5, 1)


def test_a_patient_without_a_cohort_or_name_may_be_entered(client: Client, a_cohort: Cohort) -> None:
    assert new_patient(client, cohort="", index_date="").status_code == 302
    assert not PatientIdentity.objects.exists()


@pytest.mark.parametrize(
    ("typed", "because"),
    [
        ({"study_number": "p1"}, "the study number is written almost alike"),
        ({"record_number": "MRN-7"}, "the medical record number is the same"),
        ({"name": "li na", "birth_date": "1960-02-03"}, "name and date of birth are the same"),
    ],
)
def test_who_may_be_the_same_person_is_shown_before_anything_is_saved(
    client: Client, a_cohort: Cohort, a_patient: Patient, typed: dict[str, str], because: str
) -> None:
    known = {"name": "Li Na", "record_number": "MRN-7", "birth_date": date(1960, 2, 3)}
    identity_save(patient=a_patient, values=known, by=BY)
    answer = new_patient(client, **typed)
    page = text(answer)
    assert "P-001" in page
    assert because in page
    assert Patient.objects.count() == 1
    # Another record number, since within a site that one is taken whatever anybody decides.
    decided = new_patient(client, **(typed | {"record_number": "MRN-8", "is_somebody_else": "on"}))
    assert decided.status_code == 302


def test_a_study_number_that_is_taken_is_refused_beside_its_field(
    client: Client, a_cohort: Cohort, a_patient: Patient
) -> None:
    answer = new_patient(client, study_number="P-001")
    assert answer.context["form"].errors == {"study_number": ["This study number is taken."]}
    assert Patient.objects.count() == 1


def test_a_failing_enrolment_leaves_no_half_patient(client: Client, a_cohort: Cohort) -> None:
    answer = new_patient(client, record_number="x" * 61)
    assert answer.status_code == 200
    assert not Patient.objects.exists()


def test_a_patient_is_enrolled_in_a_second_cohort(client: Client, enrolled: Enrolment, an_ici_cohort: Cohort) -> None:
    offered = client.get(f"{URL}/enrol/").content.decode()
    assert 'value="ici"' in offered
    assert 'value="resection"' not in offered
    assert sent(client, f"{URL}/enrol/", cohort="ici", index_date="2023-06-01").status_code == 302
    assert enrolled.patient.enrolments.count() == 2


def test_reading_an_identity_is_logged_and_shown_to_the_next_reader(
    client: Client, a_patient: Patient, ada: User
) -> None:
    identity_save(patient=a_patient, values={"name": "Li Na"}, by=BY)
    assert "Li Na" in client_of(ada).get(f"{URL}/identity/").content.decode()
    page = text(client.get(f"{URL}/identity/"))
    assert "ada" in page
    reads = Change.objects.filter(action="read").values_list("actor_name", flat=True)
    assert list(reads) == ["ada", "dora"]


def test_an_identity_is_corrected_and_the_log_keeps_no_name(client: Client, a_patient: Patient) -> None:
    assert sent(client, f"{URL}/identity/", name="Li Na").status_code == 302
    assert sent(client, f"{URL}/identity/", name="Li Nan").status_code == 302
    assert a_patient.identity.name == "Li Nan"
    assert not Change.objects.filter(new__contains="Li Na").exists()


def test_an_identity_is_no_business_of_an_investigator(a_patient: Patient, alice: User) -> None:
    assert client_of(alice).get(f"{URL}/identity/").status_code == 403


def test_the_sex_of_a_patient_is_corrected(client: Client, a_patient: Patient) -> None:
    assert sent(client, f"{URL}/correct/", sex="M", reason="typing error").status_code == 302
    a_patient.refresh_from_db()
    assert a_patient.sex == "M"


def test_the_definition_of_a_cohort_is_edited_and_its_history_shown(client: Client, a_cohort: Cohort) -> None:
    url = "/cohorts/resection/"
    assert sent(client, f"{url}edit/", data_cut="2024-06-30", reason="second look").status_code == 302
    a_cohort.refresh_from_db()
    assert a_cohort.data_cut == date(2024, 6, 30)
    history = text(client.get(f"{url}history/"))
    assert "second look" in history
    assert "2024-01-31 → 2024-06-30" in history


def test_an_investigator_may_not_edit_a_cohort(a_cohort: Cohort, alice: User) -> None:
    assert client_of(alice).get("/cohorts/resection/edit/").status_code == 403


def test_the_cohort_page_adds_up(client: Client, a_cohort: Cohort, a_site: Site) -> None:
    for number in range(4):
        enrol(a_cohort, f"P-{number}", index_date=None if number == 3 else date(2022, 1, 1), sex="F")
    sent(client, "/patients/P-0/in/resection/baseline/", age="60")
    client.post(
        "/patients/P-1/in/resection/withdraw/",
        {"withdrawn_on": "2023-01-01", "withdrawal_reason": "moved", "version": 1},
    )
    answer = client.get("/cohorts/resection/")
    boxes = answer.context["flow"]
    assert [(box.n, sum(n for _, n in box.out)) for box in boxes] == [(4, 1), (3, 0), (3, 0)]
    rows = {row.label: (row.known, row.missing) for row in answer.context["completeness"]}
    assert rows["Resection"] == (2, 1)
    assert rows["sex"] == (3, 0)
    assert rows["age (years)"] == (1, 2)
    page = text(answer)
    assert "This cohort declares no limits." in page
    assert "PFS" in page


def test_the_list_of_cohorts_counts_their_patients(client: Client, a_cohort: Cohort) -> None:
    enrol(a_cohort, "P-1")
    assert "1 patients" in text(client.get("/cohorts/"))
