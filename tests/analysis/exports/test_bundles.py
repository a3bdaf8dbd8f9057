"""What is in a bundle, and above all what is not."""

import hashlib
import io
import re
from datetime import date, timedelta

import openpyxl
import pyarrow.parquet as pq
import pytest

from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis
from analysis.exports.errors import ExportRefused
from analysis.exports.plan import make_plan
from analysis.exports.profiles import Profile
from analysis.exports.wish import FORMATS
from labs.ihc.services import read_correct
from registry.clinical.models import Treatment
from registry.clinical.services import fact_retire
from registry.models import Cohort, Enrolment
from registry.patients.services import enrolment_withdraw
from registry.people.models import Site, User
from tests.analysis.exports.fixtures import (
    PATIENTS,
    PLANTED_NAME,
    PLANTED_WORDS,
    SPECIMEN,
    STUDY,
    TABLES,
    Bundle,
    days_of,
    made,
    planted,
    wish,
)
from tests.analysis.fixtures import Scored, define_pfs
from tests.registry.fixtures import BY, enrol, make_cohort
from tests.registry.people import site

pytestmark = pytest.mark.django_db

ANY_DAY = re.compile(r"\b(19|20)\d\d-\d\d-\d\d")


@pytest.fixture(autouse=True)
def bundles_go_to_a_folder_of_their_own(tmp_path_factory: pytest.TempPathFactory, settings: object) -> None:
    settings.EXPORTS_ROOT = tmp_path_factory.mktemp("exports")  # type: ignore[attr-defined]  # pytest-django's


def test_an_anonymous_bundle_holds_nothing_that_leads_to_a_patient(a_cohort: Cohort, ada: User) -> None:
    planted(a_cohort)
    bundle = Bundle(made(ada, wish(a_cohort, Profile.ANONYMOUS, formats=FORMATS)))
    everything = bundle.text()
    of_files = "\n".join(content.decode() for name, content in bundle.files.items() if name.endswith(".csv"))
    assert not ANY_DAY.search(of_files)
    # Searched in a bundle that may have them as well: the search would have found each.
    known = Bundle(made(ada, wish(a_cohort, Profile.IDENTIFIED, tables=(*TABLES, "registry.patientidentity")))).text()
    for secret in (PLANTED_NAME, PLANTED_WORDS, STUDY, SPECIMEN, "MRN-"):
        assert secret not in everything, secret
        assert secret in known, secret
    assert ANY_DAY.search(known)


def test_an_anonymous_bundle_is_whole_and_nobody_in_it_stands_out(a_cohort: Cohort, ada: User) -> None:
    planted(a_cohort)
    bundle = Bundle(made(ada, wish(a_cohort, Profile.ANONYMOUS)))
    # Rows of a patient belong together, and days count from the index event.
    ready = {row["patient"]: (row["age"], row["sex"]) for row in bundle.rows("analysis-ready")}
    assert len(ready) == PATIENTS
    treatments = bundle.rows("registry-treatment")
    assert {row["patient__study_number"] for row in treatments} == set(ready)
    assert {row["start_days"] for row in treatments} == {"10"}
    draws = {row["code"] for row in bundle.rows("labs-specimen")}
    assert {row["specimen__code"] for row in bundle.rows("labs-bloodresult")} == draws
    assert {row["collected_days"] for row in bundle.rows("labs-specimen")} == {"-1"}
    # All tables together tell nobody's age and sex that fewer than five share.
    ages = {row["enrolment__patient__study_number"]: row["age"] for row in bundle.rows("registry-baseline")}
    sexes = {row["study_number"]: row["sex"] for row in bundle.rows("registry-patient")}
    assert ready == {patient: (ages[patient], sexes[patient]) for patient in ready}
    cells = list(ready.values())
    assert all(cells.count(cell) >= 5 for cell in cells)
    assert bundle.manifest["small_cells"]["smallest"] == 5
    # The dictionary explains every column, and what the profile did to it.
    explained = bundle.dictionary
    for name in (name for name in bundle.files if name.startswith("data/")):
        table = name.removeprefix("data/").removesuffix(".csv")
        assert {(table, column) for column in bundle.rows(table)[0]} <= set(explained)
    assert "random code" in explained["analysis-ready", "patient"]["transformation"]
    assert explained["analysis-ready", "PFS_months"]["unit"] == "mo"
    assert "F = Female" in explained["registry-patient", "sex"]["levels"]
    assert bundle.manifest["columns_withheld"]["registry-followup"]["note"] == "free text"


def test_too_few_patients_are_no_anonymous_export(a_cohort: Cohort, ada: User) -> None:
    planted(a_cohort, patients=4)
    job = made(ada, wish(a_cohort, Profile.ANONYMOUS))
    assert job.state == "failed"
    assert "fewer than 5 patients" in job.error


def test_shifted_dates_keep_every_interval_of_a_patient_in_all_tables(a_cohort: Cohort, ada: User) -> None:
    planted(a_cohort)
    bundle = Bundle(made(ada, wish(a_cohort, Profile.LIMITED)))
    index = {row["patient"]: date.fromisoformat(row["index_date"]) for row in bundle.rows("analysis-ready")}
    true = dict(Enrolment.objects.values_list("patient__study_number", "index_date"))
    shifts = {patient: day - known for patient, day in index.items() if (known := true[patient])}
    assert len(set(shifts.values())) > PATIENTS / 2
    assert timedelta(0) not in shifts.values()
    for row in bundle.rows("registry-treatment"):
        assert date.fromisoformat(row["start"]) - index[row["patient__study_number"]] == timedelta(days=10)
    for row in bundle.rows("labs-specimen"):
        assert date.fromisoformat(row["collected"]) - index[row["patient__study_number"]] == timedelta(days=-1)
    # Nothing true is beside them from which the shift would follow: the cohort's data cut, times of entry.
    everything = bundle.text()
    assert "2024-01-31" not in everything
    assert "recorded_at" not in bundle.rows("labs-bloodresult")[0]
    days = {day.isoformat() for day in true.values() if day}
    moved = {day.isoformat() for day in days_of(bundle.rows("registry-treatment"), "start")}
    assert PLANTED_WORDS not in everything
    assert len(days & moved) < len(days)


def test_a_limited_bundle_without_shift_has_true_dates_no_words_and_no_error(a_cohort: Cohort, ada: User) -> None:
    planted(a_cohort, patients=6)
    enrolment, error = Enrolment.objects.order_by("pk")[0], Treatment.objects.order_by("-pk")[0]
    enrolment_withdraw(enrolment=enrolment, on=date(2023, 1, 1), why="asked to leave", by=BY)
    fact_retire(fact=error, expected_version=error.version, by=BY, reason="other patient")
    left_out = {"registry.treatment": ("kind",), "analysis-ready": ("cirrhosis",)}
    bundle = Bundle(made(ada, wish(a_cohort, Profile.LIMITED, shift_dates=False, left_out=left_out)))
    treatments = bundle.rows("registry-treatment")
    valid = Treatment.objects.exclude(pk=error.pk).exclude(patient=enrolment.patient)
    assert set(days_of(treatments, "start")) == set(valid.values_list("start", flat=True))
    everything = bundle.text()
    assert PLANTED_WORDS not in everything
    assert PLANTED_NAME not in everything
    assert f"{STUDY}000" not in everything
    assert f"{STUDY}001" in everything
    # What nobody wanted.
    assert "kind" not in treatments[0]
    assert "cirrhosis" not in bundle.rows("analysis-ready")[0]


def test_all_files_of_a_table_hold_the_same_rows_and_the_manifest_their_hashes(a_cohort: Cohort, ada: User) -> None:
    planted(a_cohort, patients=5)
    job = made(ada, wish(a_cohort, Profile.IDENTIFIED, tables=("registry.followup",), formats=FORMATS))
    bundle = Bundle(job)
    rows = bundle.rows("registry-followup")
    assert [row["note"] for row in rows] == [f"'={PLANTED_WORDS}"] * 5
    sheet = openpyxl.load_workbook(io.BytesIO(bundle.files["data/registry-followup.xlsx"])).active
    assert [line[list(rows[0]).index("note")] for line in list(sheet.values)[1:]] == [row["note"] for row in rows]
    table = pq.read_table(io.BytesIO(bundle.files["data/registry-followup.parquet"]))
    # For programs, the text is what was stored.
    assert table.column("note").to_pylist() == [f"={PLANTED_WORDS}"] * 5
    assert [str(day) for day in table.column("day").to_pylist()] == [row["day"] for row in rows]
    assert str(table.schema.field("day").type) == "date32[day]"
    for file in bundle.manifest["files"]:
        assert hashlib.sha256(bundle.files[file["file"]]).hexdigest() == file["sha256"], file["file"]
    counts = {file["file"]: (file["rows"], file["columns"]) for file in bundle.manifest["files"] if "rows" in file}
    assert counts["data/registry-followup.parquet"] == (5, table.num_columns)
    assert job.sha256 == hashlib.sha256(job.path.read_bytes()).hexdigest()


# Derived columns.


def test_a_group_carries_its_run_and_a_stale_one_is_refused_until_accepted(
    scored: Scored, pfs_by_fap: Analysis, ada: User
) -> None:
    run_stale("test")
    asked = wish(scored.cohort, Profile.LIMITED, tables=())
    fresh = Bundle(made(ada, asked))
    groups = {row["patient"]: row["group_pfs_fap"] for row in fresh.rows("analysis-ready")}
    assert set(groups.values()) == {"low", "high"}
    (run,) = fresh.manifest["runs"]
    assert (run["run"], run["freshness"]) == (pfs_by_fap.runs.order_by("-id")[0].pk, "fresh")
    assert f"run {run['run']}" in fresh.dictionary["analysis-ready", "group_pfs_fap"]["provenance"]

    read_correct(read=scored.reads[0], intensity=1, percent=10, by=BY, reason="wrong slide")
    with pytest.raises(ExportRefused, match="Stale"):
        make_plan(ada, asked, "default")
    accepted = Bundle(made(ada, wish(scored.cohort, Profile.LIMITED, tables=(), stale_accepted=True)))
    assert "group_pfs_fap_stale" in accepted.rows("analysis-ready")[0]
    assert accepted.manifest["runs"][0]["freshness"] == "stale"
    assert "stale" in accepted.files["readme.txt"].decode()


def test_an_exploratory_cutoff_is_marked_in_the_name_of_the_column(scored: Scored, ada: User) -> None:
    define_pfs(scored.cohort, slug="pfs-median", cutoff="median")
    run_stale("test")
    bundle = Bundle(made(ada, wish(scored.cohort, Profile.LIMITED, tables=())))
    assert "group_pfs_median_exploratory" in bundle.rows("analysis-ready")[0]
    assert "exploratory" in bundle.dictionary["analysis-ready", "group_pfs_median_exploratory"]["provenance"]


# Who gets what.


def test_only_administrators_get_identifiers(a_cohort: Cohort, alice: User, dora: User) -> None:
    for user in (alice, dora):
        with pytest.raises(ExportRefused, match="administrators"):
            make_plan(user, wish(a_cohort, Profile.IDENTIFIED), "default")
        for profile in (Profile.LIMITED, Profile.ANONYMOUS):
            barred = wish(a_cohort, profile, tables=("registry.patientidentity",))
            with pytest.raises(ExportRefused, match="does not let out"):
                make_plan(user, barred, "default")
            with pytest.raises(ExportRefused, match="does not let out"):
                make_plan(user, wish(a_cohort, profile, tables=("registry.change",)), "default")


def test_another_site_and_another_cohort_stay_out(a_cohort: Cohort, a_site: Site, ada: User, alice: User) -> None:
    enrol(a_cohort, "HERE-1")
    other = make_cohort(a_site, "other")
    enrol(other, "OTHER-1")
    rows = Bundle(made(ada, wish(a_cohort, Profile.IDENTIFIED, tables=("registry.patient",)))).rows("registry-patient")
    assert {row["study_number"] for row in rows} == {"HERE-1"}
    alice.sites.set([site("FAR")])
    with pytest.raises(ExportRefused, match="not there"):
        make_plan(alice, wish(a_cohort, Profile.LIMITED), "default")
