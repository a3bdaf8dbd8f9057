from datetime import date
from pathlib import Path

import pytest
from django.apps import apps
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.blood.models import Analyte, BloodResult
from labs.blood.services import blood_result_retract
from labs.cohort_import.errors import ImportRefused
from labs.ihc.models import Read
from labs.markers.models import Marker, Stain
from labs.specimens.models import Specimen
from registry.clinical.models import (
    Baseline,
    ExtraValue,
    ExtraVariable,
    FollowUp,
    ImportedTime,
    OutcomeEvent,
    ReportedResponse,
    Treatment,
)
from registry.clinical.services import baseline_save, fact_retire
from registry.cohorts.models import Cohort
from registry.cohorts.services import cohort_create
from registry.log.models import Change, Stream
from registry.patients.models import Enrolment, Patient, PatientIdentity
from registry.patients.services import patient_create
from registry.people.services import site_set
from tests.labs.cohort_import.tables import BY, CLINIC_CSV, clinic, imported, small, spoiled, table

pytestmark = pytest.mark.django_db


def counts() -> dict[str, int]:
    models = [model for name in ("registry", "labs") for model in apps.get_app_config(name).get_models()]
    return {model._meta.label: model._default_manager.count() for model in models}


def rules(outcome: object) -> list[tuple[int, str, str]]:
    return [(error.row, error.column, error.value) for error in outcome.errors]  # type: ignore[attr-defined]


def test_a_row_becomes_a_patient_with_every_fact_that_the_mapping_names() -> None:
    imported()
    enrolment = Enrolment.objects.get(patient__study_number="CL-001")
    patient = enrolment.patient
    assert (patient.sex, enrolment.index_date, enrolment.cohort.code) == ("F", date(2021, 3, 5), "clinic")
    baseline = Baseline.objects.get(enrolment=enrolment)
    assert (baseline.age, baseline.hepatitis, baseline.afp, baseline.cirrhosis) == (61.5, "HBV", 12.5, True)
    time = ImportedTime.objects.get(enrolment=enrolment)
    assert (time.endpoint, round(time.months, 2), time.is_event) == ("PFS", 20.17, True)
    event = OutcomeEvent.objects.get(patient=patient)
    assert (event.kind, event.day, event.method) == ("recurrence", date(2022, 5, 11), "MRI")
    response = ReportedResponse.objects.get(enrolment=enrolment)
    assert (response.is_responder, response.definition) == (True, "first mRECIST: CR, PR or SD")
    assert FollowUp.objects.get(patient=patient).day == date(2023, 6, 1)
    assert Treatment.objects.get(patient=patient).kind == "resection"


def test_eligibility_is_judged_by_the_imported_rules_and_baseline() -> None:
    imported()
    judged = dict(Enrolment.objects.values_list("patient__study_number", "eligibility"))
    assert judged == {"CL-001": "eligible", "CL-002": "eligible", "CL-003": "eligible", "CL-004": "ineligible"}


def test_a_cohort_may_declare_no_eligibility_limits(tmp_path: Path) -> None:
    assert imported(table(tmp_path, "id\n1\n"), small()).is_stored
    assert not Cohort.objects.get().rules.exists()


def test_tissues_get_their_stains_and_reads_in_the_scale_of_the_marker() -> None:
    imported()
    reads = {
        (read.stain.specimen.code, read.stain.marker.code): (read.reader, read.value)
        for read in Read.objects.select_related("stain__specimen", "stain__marker")
    }
    assert reads["CL-001-T", "FAP"] == ("R1", 12)
    assert reads["CL-002-T", "FAP"] == ("R1", 0)
    assert reads["CL-001-T", "CD206"] == ("R1", 14.0)
    assert reads["CL-001-N", "PDL1X"] == ("import", 0.55)
    fewer = Read.objects.get(stain__specimen__code="CL-003-T", stain__marker__code="CD206")
    assert (fewer.value, fewer.fewer_fields_reason) == (7.0, "blank in the imported file")


def test_blood_is_stored_as_entered_and_in_the_canonical_unit() -> None:
    imported()
    albumin = BloodResult.objects.get(specimen__code="CL-001-B", analyte__code="ALB")
    assert (albumin.value, albumin.entered_value, albumin.entered_unit) == (43.5, "4,35", "g/dL")
    below = BloodResult.objects.get(specimen__code="CL-001-B", analyte__code="IL6")
    assert (below.comparator, below.value) == ("<", 2.5)
    assert BloodResult.objects.get(specimen__code="CL-002-B", analyte__code="FERR").value == 310


def test_a_specimen_is_dated_by_its_column_or_declared_as_baseline() -> None:
    imported()
    assert Specimen.objects.get(code="CL-001-B").collected == date(2021, 3, 1)
    tumour = Specimen.objects.get(code="CL-001-T")
    assert (tumour.timing, tumour.collected) == ("baseline_declared", None)


def test_texts_are_kept_as_they_are_whatever_a_spreadsheet_would_make_of_them() -> None:
    imported()
    remarks = ExtraValue.objects.filter(variable__code="remark").order_by("enrolment__patient__study_number")
    assert [value.text for value in remarks] == ["well; stable", "naïve 患者", "=1+1"]


def test_extra_variables_come_with_their_dictionary() -> None:
    imported()
    smoking = ExtraVariable.objects.get(code="smoking")
    assert smoking.levels == {"never": "never", "former": "former", "current": "current"}
    assert ExtraVariable.objects.get(code="bmi").unit == "kg/m²"


def test_identifiers_go_to_their_table_and_never_to_the_log_or_the_outcome() -> None:
    outcome = imported()
    identity = PatientIdentity.objects.get(patient__study_number="CL-001")
    assert (identity.name, identity.record_number, identity.birth_date) == ("Anna Muster", "900001", date(1960, 5, 1))
    logged = "".join(old + new for old, new in Change.objects.values_list("old", "new"))
    assert "Muster" not in logged + str(outcome.as_dict())


def test_the_second_time_nothing_changes() -> None:
    first = imported()
    before = counts(), list(Stream.objects.values_list("domain", "version"))
    second = imported()
    assert (counts(), list(Stream.objects.values_list("domain", "version"))) == before
    expected = {
        kind: {"new": 0, "changed": 0, "same": sum(each.values())} for kind, each in first.tally.as_dict().items()
    }
    assert second.tally.as_dict() == expected


def test_a_dry_run_says_what_would_be_and_leaves_not_one_row() -> None:
    before = counts()
    outcome = imported(dry_run=True)
    assert counts() == before
    assert not outcome.is_stored
    assert outcome.as_dict()["patients"] == {"new": 4, "changed": 0, "same": 0}


def test_bad_rows_are_named_and_nothing_is_changed(tmp_path: Path) -> None:
    before = counts()
    outcome = imported(
        spoiled(tmp_path, ("61,5", "old"), (";66;C;", ";166;C;"), ("15.06.2021", "15.06.2221"), (";80;10", ";0;10"))
    )
    assert counts() == before
    assert rules(outcome) == [
        (2, "Age", "old"),
        (2, "FAP %", "0"),
        (3, "Age", "166"),
        (4, "First ICI", "15.06.2221"),
    ]
    assert outcome.as_dict()["patients"] == {"new": 0, "changed": 0, "same": 0}


def test_good_rows_are_taken_where_that_is_asked_for(tmp_path: Path) -> None:
    outcome = imported(spoiled(tmp_path, ("61,5", "old"), ("4,35", "435")), accept_valid=True)
    assert outcome.is_stored
    assert rules(outcome) == [(2, "Age", "old"), (2, "Albumin", "435")]
    assert list(Patient.objects.values_list("study_number", flat=True)) == ["CL-002", "CL-003", "CL-004"]
    assert not Specimen.objects.filter(code__startswith="CL-001").exists()


def test_a_file_without_a_good_row_makes_no_cohort_even_so(tmp_path: Path) -> None:
    outcome = imported(table(tmp_path, "id\n1\n1\n"), small(), accept_valid=True)
    assert (outcome.is_stored, Cohort.objects.exists()) == (False, False)


def test_what_changed_in_the_file_is_corrected_with_its_reason(tmp_path: Path) -> None:
    imported()
    outcome = imported(
        spoiled(tmp_path, ("61,5", "62,5"), (";3;80;", ";2;80;"), ("4,35", "4,3"), ("11.05.2022", "12.05.2022"))
    )
    assert sorted(outcome.tally.changes) == [
        "CL-001 baseline: age 61.5 → 62.5",
        "CL-001 blood_results: value 43.5 → 43",
        "CL-001 events: day 2022-05-11 → 2022-05-12",
        "CL-001 reads: intensity 3 → 2",
    ]
    read = Read.objects.current().get(stain__specimen__code="CL-001-T", stain__marker__code="FAP")
    assert (read.version, read.value, read.correction_reason) == (2, 8, "import clinic.csv")
    assert Change.objects.filter(subject_type="baseline", action="update").get().reason == "import clinic.csv"
    assert OutcomeEvent.objects.filter(patient__study_number="CL-001").count() == 1


def test_another_spelling_of_the_same_number_is_no_change(tmp_path: Path) -> None:
    imported()
    before = counts()
    imported(spoiled(tmp_path, ("4,35", "4,350"), ("61,5", "61,50")))
    assert counts() == before


def test_a_later_contact_is_one_more_contact(tmp_path: Path) -> None:
    imported()
    imported(spoiled(tmp_path, ("01.06.2023", "02.09.2023")))
    assert FollowUp.objects.filter(patient__study_number="CL-001").count() == 2


def test_a_blank_cell_erases_nothing(tmp_path: Path) -> None:
    imported()
    imported(spoiled(tmp_path, ("61,5", ""), ("PR;never", ";never")))
    assert Baseline.objects.get(enrolment__patient__study_number="CL-001").age == 61.5
    assert ReportedResponse.objects.filter(enrolment__patient__study_number="CL-001").exists()


def test_what_people_entered_besides_stays() -> None:
    imported()
    enrolment = Enrolment.objects.get(patient__study_number="CL-001")
    baseline_save(enrolment=enrolment, values={"ecog": 1}, by=BY)
    imported()
    assert Baseline.objects.get(enrolment=enrolment).ecog == 1


def test_what_was_marked_as_an_error_does_not_come_back() -> None:
    imported()
    event = OutcomeEvent.objects.get(patient__study_number="CL-001")
    fact_retire(fact=event, expected_version=1, by=BY, reason="another patient's")
    result = BloodResult.objects.get(specimen__code="CL-001-B", analyte__code="ALB")
    blood_result_retract(result=result, by=BY, reason="haemolytic")
    before = counts()
    imported()
    assert counts() == before
    assert not OutcomeEvent.objects.filter(patient__study_number="CL-001", retired_reason="").exists()


def test_a_retracted_result_stays_retracted_whatever_the_file_says_now(tmp_path: Path) -> None:
    imported()
    result = BloodResult.objects.get(specimen__code="CL-001-B", analyte__code="ALB")
    blood_result_retract(result=result, by=BY, reason="haemolytic")
    imported(spoiled(tmp_path, ("4,35", "4,3")))
    assert not BloodResult.objects.current().filter(specimen__code="CL-001-B", analyte__code="ALB").exists()


def test_a_specimen_belongs_to_one_patient(tmp_path: Path) -> None:
    more = (
        "[specimens.tumour]\ncode = 'block'\n[[markers]]\ncode = 'M'\nname = 'M'\nscale = 'density'\n"
        "[[ihc]]\nmarker = 'M'\nspecimen = 'tumour'\ndensity = 'm'\n"
    )
    imported(table(tmp_path, "id,block,m\n1,B-17,2.5\n"), small(more))
    outcome = imported(table(tmp_path, "id,block,m\n2,B-17,3\n"), small(more))
    assert [(error.row, error.column, error.rule) for error in outcome.errors] == [
        (2, "block", "Another patient has the specimen B-17.")
    ]


def test_a_patient_known_from_another_cohort_is_enrolled_not_doubled() -> None:
    site = site_set(code="clinic", name="clinic", by=BY)
    known = patient_create(study_number="CL-001", site=site, sex="F", by=BY)
    outcome = imported()
    assert outcome.as_dict()["patients"] == {"new": 3, "changed": 0, "same": 1}
    assert Enrolment.objects.filter(cohort__code="clinic", patient=known).count() == 1


def test_another_site_s_patient_is_not_taken_over() -> None:
    elsewhere = site_set(code="far", name="Far", by=BY)
    patient_create(study_number="CL-001", site=elsewhere, by=BY)
    outcome = imported()
    assert [(error.row, error.rule) for error in outcome.errors] == [
        (2, "A patient of another site has this study number.")
    ]


def test_a_cohort_of_another_site_is_not_taken_over() -> None:
    elsewhere = site_set(code="far", name="Far", by=BY)
    cohort_create(code="clinic", name="Theirs", site=elsewhere, index_event="resection", by=BY)
    with pytest.raises(ImportRefused, match="the cohort clinic belongs to the site far"):
        imported()


def test_a_marker_that_exists_keeps_its_scale() -> None:
    marker = Marker.objects.get(code="FAP")
    Marker.objects.filter(pk=marker.pk).update(scale="density")
    with pytest.raises(ImportRefused, match="FAP: this marker exists on the scale 'density'"):
        imported()


@pytest.mark.parametrize(
    ("blood", "sentence"),
    [
        ("analyte = 'XYZ'", "[[blood]] 1: the analyte 'XYZ' is not known: declare it under [[analytes]]."),
        ("analyte = 'ALB'\nunit = 'mol'", "[[blood]] 1 unit: “mol” is no unit of Albumin"),
    ],
)
def test_an_unknown_analyte_or_unit_is_a_fault_of_the_mapping(tmp_path: Path, blood: str, sentence: str) -> None:
    mapping = small(f"[[blood]]\ncolumn = 'a'\n{blood}\n")
    with pytest.raises(ImportRefused) as refusal:
        imported(table(tmp_path, "id,a\n1,2\n"), mapping)
    assert sentence in str(refusal.value)
    assert not Cohort.objects.exists()


def test_an_unusual_value_needs_the_mapping_s_consent(tmp_path: Path) -> None:
    blood = "[[blood]]\ncolumn = 'p'\nanalyte = 'PLT'\nunit = '10*9/L'\n"
    file = table(tmp_path, "id,p\n1,1400\n")
    assert rules(imported(file, small(blood))) == [(2, "p", "1400")]
    assert imported(file, small(blood + "accept_unusual = true\n")).is_stored
    assert BloodResult.objects.get().is_unusual_accepted


def test_an_analyte_of_the_mapping_has_the_unit_that_it_exists_with(tmp_path: Path) -> None:
    mapping = small("[[analytes]]\ncode = 'ALB'\nname = 'Albumin'\nunit = 'g/dL'\nhighest = 10\n")
    with pytest.raises(ImportRefused, match="ALB: this analyte exists with the unit 'g/L'"):
        imported(table(tmp_path, "id\n1\n"), mapping)
    assert Analyte.objects.get(code="ALB").possible_high > 10


def test_two_readers_of_one_stain_are_two_reads(tmp_path: Path) -> None:
    more = "[[markers]]\ncode = 'M'\nname = 'M'\nscale = 'density'\n"
    for reader in ("R1", "R2"):
        more += f"[[ihc]]\nmarker = 'M'\nspecimen = 'tumour'\nreader = '{reader}'\ndensity = '{reader}'\n"
    imported(table(tmp_path, "id,R1,R2\n1,2.5,3\n"), small(more))
    assert sorted(Read.objects.values_list("reader", "value")) == [("R1", 2.5), ("R2", 3.0)]
    assert Stain.objects.count() == 1


def test_the_progress_counts_every_row() -> None:
    seen: list[tuple[int, int]] = []
    imported(CLINIC_CSV, clinic(), progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_every_change_says_which_file_it_came_from() -> None:
    imported()
    assert set(Change.objects.filter(cohort__code="clinic").values_list("reason", flat=True)) == {"import clinic.csv"}


COLUMNS = CLINIC_CSV.read_text(encoding="utf-8").splitlines()[0].split(";")
NASTY = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters='\r\n\0"'), max_size=12),
    st.sampled_from(
        ["1e308", "-0", "99999999999999999999", "0001-01-01", "31.12.9999", "29.02.2023", "<", "=1+1", "½"]
    ),
)


@settings(max_examples=25, deadline=None)
@given(cells=st.dictionaries(st.tuples(st.integers(1, 4), st.sampled_from(COLUMNS)), NASTY, min_size=1, max_size=12))
def test_whatever_stands_in_the_cells_is_imported_or_named(
    cells: dict[tuple[int, str], str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    lines = [line.split(";") for line in _one_line_rows()]
    for (line, column), text in cells.items():
        lines[line][COLUMNS.index(column)] = text.replace(";", ",")
    file = tmp_path_factory.mktemp("fuzz") / "clinic.csv"
    file.write_text("\n".join(";".join(line) for line in lines), encoding="utf-8")
    outcome = imported(file, dry_run=True)
    patients = outcome.as_dict()["patients"]
    assert patients["new"] + len({error.row for error in outcome.errors}) == outcome.rows
    assert all(error.rule and error.row for error in outcome.errors)


def _one_line_rows() -> list[str]:
    return CLINIC_CSV.read_text(encoding="utf-8").replace('"well; stable"', "well").splitlines()
