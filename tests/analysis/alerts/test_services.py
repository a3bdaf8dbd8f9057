"""Alerts are raised with the movement, close by themselves, are acknowledged once and mailed once."""

import pytest
from django.core.exceptions import ValidationError

from analysis.alerts.models import Alert
from analysis.alerts.services import alert_acknowledge, alerts_mail
from analysis.engine.execution import run_stale
from analysis.engine.models import Analysis, AnalysisInput, Run
from analysis.engine.services import analysis_retry
from analysis.kinds.survival import Survival
from analysis.reports.services import subscription_set
from analysis.subcohorts.services import subcohort_define
from labs.ihc.services import read_correct
from labs.outbox.models import Outbox
from registry.cohorts.models import Cohort
from registry.log.models import Change
from registry.people.models import User
from registry.people.roles import Role
from tests.analysis.alerts.turning import turn, turn_back
from tests.analysis.fixtures import Scored, define_pfs
from tests.labs.rounds.fixtures import reading
from tests.registry.fixtures import BY
from tests.registry.people import client_of, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("scored_once")]


@pytest.fixture
def turned(scored: Scored, pfs_by_fap: Analysis) -> Alert:
    run_stale("test")
    assert not Alert.objects.exists()
    turn(scored)
    run_stale("test")
    return Alert.objects.get()


def subscriber(cohort: Cohort, username: str, *roles: Role, weekly: bool = True, alerts: bool = True) -> User:
    user = person(*(roles or (Role.INVESTIGATOR,)), username=username)
    user.email = f"{username}@example.org"
    user.save()
    subscription_set(cohort=cohort, user=user, weekly_report=weekly, conclusion_alerts=alerts)
    return user


def test_a_verdict_that_turns_raises_an_alert_that_names_the_records(turned: Alert, pfs_by_fap: Analysis) -> None:
    assert (turned.analysis, turned.level, turned.state) == (pfs_by_fap, Alert.Level.CONCLUSION, "open")
    assert turned.movement == pfs_by_fap.movements.first()
    assert turned.sentence.startswith("FAP no longer splits PFS (p < 0.0001 → ")
    assert "because slides T-000 FAP, T-001 FAP, T-004 FAP, T-005 FAP and 8 more were corrected." in turned.sentence


def test_what_turns_back_closes_its_alert_and_raises_none(turned: Alert, scored: Scored) -> None:
    turn_back(scored)
    run_stale("test")
    turned.refresh_from_db()
    assert (turned.state, turned.closed_note) == ("closed", "Turned back by itself with result 3.")
    assert Alert.objects.count() == 1


def test_what_turns_back_after_somebody_took_note_is_news(turned: Alert, scored: Scored) -> None:
    alert_acknowledge(alert=turned, comment="expected", by=BY)
    turn_back(scored)
    run_stale("test")
    newest = Alert.objects.order_by("-pk")[0]
    assert newest.is_open and newest.sentence.startswith("FAP now splits PFS")
    turned.refresh_from_db()
    assert turned.state == "acknowledged"


def test_numbers_that_move_under_the_same_verdict_raise_nothing(scored: Scored, pfs_by_fap: Analysis) -> None:
    run_stale("test")
    read_correct(read=scored.reads[0], intensity=3, percent=20, by=BY, reason="typing error")
    run_stale("test")
    assert pfs_by_fap.movements.count() == 2
    assert not Alert.objects.exists()


def test_an_alert_is_acknowledged_once_with_a_comment_that_is_logged(turned: Alert) -> None:
    with pytest.raises(ValidationError, match="Say what you make of it"):
        alert_acknowledge(alert=turned, comment="  ", by=BY)
    done = alert_acknowledge(alert=turned, comment="restained slides", by=BY)
    assert (done.state, done.acknowledged_by) == ("acknowledged", BY.name)
    change = Change.objects.get(subject_type="alert")
    assert change.new_values["comment"] == "restained slides"
    with pytest.raises(ValidationError, match="restained slides"):
        alert_acknowledge(alert=turned, comment="me too", by=BY)


def test_a_burst_is_one_mail_to_each_who_asked_for_it_and_may_look(scored: Scored, pfs_by_fap: Analysis) -> None:
    define_pfs(scored.cohort, slug="again", cutoff=6)
    run_stale("test")
    subscriber(scored.cohort, "wants")
    subscriber(scored.cohort, "report-only", alerts=False)
    subscriber(scored.cohort, "reader", Role.PATHOLOGIST)
    both = subscriber(scored.cohort, "both", Role.PATHOLOGIST, Role.INVESTIGATOR)
    made = reading(scored.cohort)
    made.round.readers.filter(reader=made.first).update(reader=both)
    run_stale("test")
    looks = pfs_by_fap.results.count()
    turn(scored)
    assert alerts_mail() == 0
    run_stale("test")
    assert Alert.objects.count() == 2
    assert (alerts_mail(), alerts_mail()) == (1, 0)
    [message] = Outbox.objects.all()
    assert message.recipient == "wants@example.org"
    assert message.subject == "Hepatica resection: 2 conclusions changed"
    assert message.text.count("FAP no longer splits PFS") == 2
    assert all(f"Run {alert.run_number}." in message.text for alert in Alert.objects.all())
    assert f"/cohorts/resection/analyses/pfs-fap/diff/?from={looks}&to={looks + 1}\n" in message.text
    turn_back(scored)
    run_stale("test")
    assert alerts_mail() == 1
    newest = Outbox.objects.order_by("-pk")[0]
    assert newest.subject == "Hepatica resection: turned back"


def test_the_mail_waits_for_a_run_in_parts_that_nobody_holds_at_the_moment(turned: Alert, scored: Scored) -> None:
    subscriber(scored.cohort, "wants")
    heavy = define_pfs(scored.cohort, slug="heavy", cutoff=6)
    for row in heavy.inputs.select_related("stream"):
        AnalysisInput.objects.filter(pk=row.pk).update(computed_version=row.stream.version)
    run = Run.objects.create(analysis=heavy, state=Run.State.RUNNING, trigger="change", worker="")
    assert alerts_mail() == 0
    Run.objects.filter(pk=run.pk).update(state=Run.State.DONE)
    assert alerts_mail() == 1


def test_page_and_mail_say_of_which_part_of_the_cohort_it_is(turned: Alert, scored: Scored) -> None:
    high = [{"variable": "ihc:FAP@tumour", "operator": "above", "bounds": [6]}]
    part = subcohort_define(cohort=scored.cohort, code="fap-high", name="FAP high", conditions=high, by=BY)
    Analysis.objects.update(subcohort=part)
    wants = subscriber(scored.cohort, "wants")
    alerts_mail()
    assert "! PFS by FAP, FAP high: FAP no longer splits PFS" in Outbox.objects.get().text
    for page in ("/alerts/", "/"):
        assert ">PFS by FAP, FAP high</a>" in client_of(wants).get(page).content.decode()


def test_nobody_is_told_of_what_turned_back_before_the_mail(turned: Alert, scored: Scored) -> None:
    subscriber(scored.cohort, "wants")
    turn_back(scored)
    run_stale("test")
    assert (alerts_mail(), alerts_mail()) == (0, 0)


def test_a_failure_where_a_good_result_stands_is_told_until_a_run_succeeds(
    scored: Scored, pfs_by_fap: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_stale("test")
    with monkeypatch.context() as broken:
        broken.setattr(Survival, "compute", lambda *given: 1 / 0)
        turn(scored)
        run_stale("test")
        analysis_retry(pfs_by_fap)
        run_stale("test")
    alert = Alert.objects.get()
    assert alert.level == Alert.Level.FAILURE
    assert alert.sentence.startswith("the run failed: The arithmetic broke down (ZeroDivisionError)")
    assert alert.sentence.endswith("Result 1 stays on show, marked stale.")
    analysis_retry(pfs_by_fap)
    run_stale("test")
    alert.refresh_from_db()
    assert alert.closed_note == "A later run succeeded."


def test_a_first_run_that_fails_replaces_no_result(pfs_by_fap: Analysis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Survival, "compute", lambda *given: 1 / 0)
    run_stale("test")
    assert not Alert.objects.exists()
