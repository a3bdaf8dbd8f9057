import json
from datetime import timedelta

import pytest
from django.core import mail
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis
from analysis.reports.documents import ReportDocument
from analysis.reports.models import Report
from analysis.reports.services import request_report, run_waiting, subscription_set
from labs.ihc.services import read_correct
from labs.models import Read
from labs.outbox.services import outbox_deliver
from registry.models import Cohort
from registry.people.models import User
from tests.analysis.fixtures import Scored
from tests.registry.fixtures import BY
from tests.registry.people import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_once")]


def made(cohort: Cohort, trigger: str = "manual") -> Report:
    report = request_report(cohort=cohort, trigger=trigger, requested_by="alice")
    run_waiting()
    report.refresh_from_db()
    return report


def test_the_first_report_computes_every_analysis(scored: Scored, pfs_by_fap: Analysis) -> None:
    report = made(scored.cohort)
    assert report.state == Report.State.DONE
    assert report.verdict == "First report: 1 analysis"
    assert report.content_values["analyses"][0]["claims"][2]["after"]["verdict"] == "FAP splits PFS"


def test_nothing_changed_is_said_in_one_line(scored: Scored, pfs_by_fap: Analysis) -> None:
    made(scored.cohort)
    report = made(scored.cohort)
    assert report.verdict.startswith("Nothing changed since ")
    assert report.content_values["data"]["records"] == []


def test_a_turned_conclusion_is_told_with_the_records_that_turned_it(scored: Scored, pfs_by_fap: Analysis) -> None:
    made(scored.cohort)
    for number, read in enumerate(scored.reads):
        if number % 4 == 0:
            read_correct(read=read, intensity=1, percent=20, by=BY, reason="restained")
        if number % 4 == 1:
            read_correct(read=read, intensity=3, percent=90, by=BY, reason="restained")
    report = made(scored.cohort)
    assert report.verdict == "12 records changed, 1 conclusion changed"
    row = report.content_values["analyses"][0]
    flip = next(flip for flip in row["flips"] if flip["label"] == "Log-rank p")
    assert (flip["before"]["verdict"], flip["after"]["verdict"]) == ("FAP splits PFS", "FAP does not split PFS")
    codes = {record["code"] for record in report.content_values["data"]["records"]}
    assert codes == {f"T-{number:03d} FAP" for number in range(24) if number % 4 < 2}


def test_a_change_by_hand_is_found_and_called_so(scored: Scored, pfs_by_fap: Analysis) -> None:
    made(scored.cohort)
    Read.objects.filter(pk=scored.reads[0].pk).update(intensity=1, percent=20, extent=1, value=1)
    report = made(scored.cohort)
    assert "changed outside the log" in report.verdict
    assert "by hand" in report.content_values["troubles"][0]["text"]


def test_page_and_json_say_the_same(scored: Scored, pfs_by_fap: Analysis, alice: User) -> None:
    report = made(scored.cohort)
    client = client_of(alice)
    page = client.get(reverse("analysis:report", args=[report.pk])).content.decode()
    assert report.verdict in page
    assert report.content_values["log_head"] in page
    content = json.loads(client.get(reverse("analysis:report-json", args=[report.pk])).content)
    assert content["verdict"] == report.verdict
    assert content["state"] == "done"


def test_run_now_makes_a_report_and_a_second_press_is_the_same(scored: Scored, alice: User) -> None:
    client = client_of(alice)
    first = client.post(reverse("analysis:report-run", args=["resection"]))
    second = client.post(reverse("analysis:report-run", args=["resection"]))
    assert first["Location"] == second["Location"]
    assert "every 2s" in client.get(first["Location"]).content.decode()
    assert run_waiting() == 1
    assert "First report" in client.get(first["Location"], headers={"X-Poll": "1"}).content.decode()


def test_subscribers_get_a_mail_once(scored: Scored, pfs_by_fap: Analysis, alice: User, dora: User) -> None:
    alice.email = "alice@example.org"
    alice.save()
    subscription_set(cohort=scored.cohort, user=alice, weekly_report=True, conclusion_alerts=False)
    subscription_set(cohort=scored.cohort, user=dora, weekly_report=True, conclusion_alerts=True)
    report = made(scored.cohort)
    outbox_deliver()
    outbox_deliver()
    [message] = mail.outbox
    assert message.to == ["alice@example.org"]
    assert report.verdict in message.subject
    assert f"/reports/{report.pk}/report.pdf" in message.body


def test_when_nothing_changed_the_mail_is_one_line_and_no_pdf_is_made(
    scored: Scored, pfs_by_fap: Analysis, alice: User
) -> None:
    full = made(scored.cohort)
    User.objects.filter(pk=alice.pk).update(email="alice@example.org")
    subscription_set(cohort=scored.cohort, user=alice, weekly_report=True, conclusion_alerts=False)
    report = made(scored.cohort)
    outbox_deliver()
    [message] = mail.outbox
    assert len(message.body.strip().splitlines()) == 1
    assert not ReportDocument.objects.filter(report=report).exists()
    client = client_of(alice)
    assert client.get(reverse("analysis:report-pdf", args=[report.pk])).status_code == 404
    page = client.get(reverse("analysis:report", args=[report.pk])).content.decode()
    assert "1 analysis was computed anew, checked" in page
    assert reverse("analysis:report", args=[full.pk]) in page
    assert "report.pdf" not in page
    # What still holds is not called replaced on its own page.
    still = client.get(reverse("analysis:report", args=[full.pk])).content.decode()
    assert 'data-state="fresh"' in still and "A later report has replaced it." not in still


def test_a_failing_report_tells_why_and_leaves_the_last_good_one_marked_stale(
    scored: Scored, pfs_by_fap: Analysis, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = made(scored.cohort)
    User.objects.filter(pk=alice.pk).update(email="alice@example.org")
    subscription_set(cohort=scored.cohort, user=alice, weekly_report=True, conclusion_alerts=False)
    monkeypatch.setattr("analysis.reports.services.compose", lambda *given: 1 / 0)
    report = made(scored.cohort)
    assert report.state == Report.State.FAILED
    outbox_deliver()
    [message] = mail.outbox
    assert "ZeroDivisionError" in message.body
    assert reverse("analysis:report", args=[good.pk]) in message.body
    client = client_of(alice)
    page = client.get(reverse("analysis:report", args=[good.pk])).content.decode()
    assert 'data-state="stale"' in page
    assert "The report after it failed." in page
    assert client.get(reverse("analysis:report-pdf", args=[good.pk])).status_code == 200
    assert "stale</span>" in client.get(reverse("analysis:reports")).content.decode()


def test_a_report_that_meets_a_busy_database_is_tried_again_and_not_for_ever(
    scored: Scored, pfs_by_fap: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*given: object) -> object:
        raise OperationalError("database is locked")

    def tried() -> Report:
        Report.objects.update(lease_until=None)
        run_waiting()
        return Report.objects.get()

    request_report(cohort=scored.cohort, trigger="schedule", requested_by="system:schedule")
    with monkeypatch.context() as locked:
        locked.setattr("analysis.reports.services.compose", busy)
        report = tried()
        assert report.state == Report.State.RUNNING
        assert report.lease_until is not None and report.lease_until > timezone.now()
        Report.objects.update(started_at=timezone.now() - timedelta(hours=1))
        assert (report := tried()).state == Report.State.FAILED
        assert "busy or away" in report.verdict
    Report.objects.update(state=Report.State.RUNNING, started_at=timezone.now())
    assert tried().state == Report.State.DONE


def test_the_stranger_sees_no_report(scored: Scored, charlie: User, client: Client) -> None:
    report = made(scored.cohort)
    assert client_of(charlie).get(reverse("analysis:report", args=[report.pk])).status_code == 404
    assert client_of(charlie).post(reverse("analysis:report-run", args=["resection"])).status_code == 404


def test_a_result_of_before_the_report_is_not_computed_again(scored: Scored, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    report = made(scored.cohort)
    assert pfs_by_fap.results.count() == 1
    assert pfs_by_fap.runs.first().trigger == "manual"  # type: ignore[union-attr]  # the report's own run
    assert report.content_values["analyses"][0]["looks"] == 1
