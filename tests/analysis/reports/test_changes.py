"""What a report tells of values that are missing, and of a verdict that turned since the one before."""

import re
from uuid import uuid4

import pytest
from django.utils import timezone

from analysis.alerts.models import Alert
from analysis.engine.models import Analysis
from analysis.engine.services import analysis_define
from analysis.reports.services import subscription_set
from analysis.snapshots.services import snapshot_make
from labs.ihc.services import read_correct, read_record
from labs.markers.services import marker_set, stain_create
from registry.log.models import Change, Stream
from registry.people.models import User
from tests.analysis.alerts.turning import turn
from tests.analysis.fixtures import Scored
from tests.analysis.reports.making import made, tables
from tests.registry.fixtures import BY

pytestmark = pytest.mark.django_db


def test_missing_values_are_counted_with_their_reason(scored: Scored) -> None:
    analysis_define(
        cohort=scored.cohort,
        slug="cox-age",
        title="FAP and age",
        kind="cox",
        parameters={"endpoint": "PFS", "covariates": ["ihc:FAP@tumour", "baseline:age"]},
        by=BY,
    )
    rows = tables(made(scored.cohort), "missing")["Known and missing values of eligible patients"]
    by_name = {row[0]: row[1:4] for row in rows}
    assert by_name["FAP"] == ["24", "0", "—"]
    assert by_name["age (years)"] == ["0", "24 (100.0%)", "not recorded (24)"]


def test_a_flip_shows_the_curves_of_both_results_and_names_the_records(scored: Scored, pfs_by_fap: Analysis) -> None:
    before = made(scored.cohort)
    for number, read in enumerate(scored.reads):
        if number % 4 < 2:
            intensity, percent = (1, 20) if number % 4 == 0 else (3, 90)
            read_correct(read=read, intensity=intensity, percent=percent, by=BY, reason="restained")
    report = made(scored.cohort)
    first_page = report.content_values["sections"][0]["blocks"]
    told = [block["text"] for block in first_page if block["kind"] == "text"]
    [sentence] = [text for text in told if text.startswith(f"{pfs_by_fap.title}: ")]
    said = r"FAP no longer splits PFS \(p < 0.0001 → [\d.]+\) because slides T-000 FAP, .* corrected\."
    assert re.search(f"{said}$", sentence)
    assert report.content_values["analyses"][0]["told"] == [sentence.partition(": ")[2]]
    [pair] = [block["figures"] for block in first_page if block["kind"] == "figures"]
    old, new = (content["analyses"][0]["fingerprint"] for content in (before.content_values, report.content_values))
    assert [figure["data"] for figure in pair] == [old, new]
    assert all(f"run {figure['run']}, data {figure['data'][:12]}" in figure["caption"] for figure in pair)
    counted = tables(report, "summary")["Records by table"]
    assert [row for row in counted if row[0] == "IHC reads (FAP)"] == [["IHC reads (FAP)", "—", "—", "12", "—"]]


def test_a_registration_that_is_gone_is_news_though_no_number_moved(scored: Scored, pfs_by_fap: Analysis) -> None:
    Analysis.objects.filter(pk=pfs_by_fap.pk).update(is_registered=True)
    made(scored.cohort)
    assert made(scored.cohort).verdict.startswith("Nothing changed since")
    Analysis.objects.filter(pk=pfs_by_fap.pk).update(is_registered=False)
    report = made(scored.cohort)
    assert report.verdict == "0 records changed, no conclusion changed"
    told = [block.get("text") for block in report.content_values["sections"][0]["blocks"]]
    assert "PFS by FAP is not registered any more: exploratory." in told
    assert made(scored.cohort).verdict.startswith("Nothing changed since")


def test_what_is_made_of_the_data_is_no_change_of_them(scored: Scored, pfs_by_fap: Analysis, alice: User) -> None:
    made(scored.cohort)
    snapshot_make(cohort=scored.cohort, name="Draft 1", purpose="a paper", by=BY)
    subscription_set(cohort=scored.cohort, user=alice, weekly_report=True, conclusion_alerts=True)
    assert made(scored.cohort).verdict.startswith("Nothing changed since")


def test_what_all_cohorts_share_is_told_to_whoever_reads_it(scored: Scored, pfs_by_fap: Analysis) -> None:
    made(scored.cohort)
    marker_set(code="FAP", name="Fibroblast activation protein", scale="score", by=BY)
    marker_set(code="CD8", name="CD8", scale="density", unit="cells/mm2", by=BY)
    report = made(scored.cohort)
    assert tables(report, "summary")["Records by table"] == [["Markers (FAP)", "—", "1", "—", "—"]]


def test_an_entry_that_was_numbered_before_and_committed_after_a_report_is_in_the_next(
    scored: Scored, pfs_by_fap: Analysis
) -> None:
    made(scored.cohort)
    stream = Stream.objects.get(cohort=scored.cohort, domain="ihc/FAP")
    Stream.objects.filter(pk=stream.pk).update(version=stream.version + 1)
    Change.objects.create(
        pk=-1,
        at=timezone.now(),
        batch=uuid4(),
        actor_name="import",
        source="import",
        cohort=scored.cohort,
        domain="ihc/FAP",
        version=stream.version + 1,
        action="correct",
        subject_type="read",
        subject_id="1",
        subject_code="T-000 FAP",
    )
    assert made(scored.cohort).verdict == "1 record changed, no conclusion changed"
    assert made(scored.cohort).verdict.startswith("Nothing changed since")


def test_another_best_marker_is_a_conclusion_in_alert_and_report(scored: Scored) -> None:
    second = marker_set(code="CD206", name="CD206", scale="score", by=BY)
    for number, read in enumerate(scored.reads):
        # As FAP is, but for the first four.
        is_high = (number % 2 == 0) != (number < 4)
        stain = stain_create(specimen=read.stain.specimen, marker=second, by=BY)
        read_record(stain=stain, reader="bob", intensity=3 if is_high else 1, percent=90 if is_high else 20, by=BY)
    analysis_define(
        cohort=scored.cohort,
        slug="areas",
        title="Areas",
        kind="timeroc",
        parameters={"endpoint": "PFS", "markers": ["ihc:FAP@tumour", "ihc:CD206@tumour"], "times": [9]},
        by=BY,
    )
    made(scored.cohort)
    turn(scored)
    report = made(scored.cohort)
    alert = Alert.objects.get(level=Alert.Level.RANKING)
    assert alert.sentence.startswith("CD206 has the largest AUC at 9 months now, not FAP (CD206 0.")
    assert report.content_values["analyses"][0]["told"][-1] == alert.sentence
    assert report.verdict.endswith("1 conclusion changed")
