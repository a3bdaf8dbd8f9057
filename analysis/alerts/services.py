"""Alerts: raised and closed with what causes them, acknowledged by somebody, mailed to who asked for it."""

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from analysis.alerts.causes import because_of
from analysis.alerts.mailing import is_settled, letter, mail_letter, recipients, unmailed
from analysis.alerts.models import Alert
from analysis.alerts.resolution import Standing, news, resolved
from analysis.alerts.selectors import are_open
from analysis.alerts.wording import failure_sentence, is_cutoff, movement_sentence, ranking_sentence
from analysis.engine.models import Analysis, Movement, Run
from analysis.headline.exploratory import mark_of
from analysis.headline.ranking import Overtaken, Ranking, leader, overtaken, values_of
from analysis.kinds.base import RankedKind
from analysis.kinds.registry import kind_of
from registry.log.actors import Actor
from registry.log.facts import log_fact
from registry.log.models import Action
from registry.log.recording import recording
from registry.models import Cohort

_LONGEST_WAIT = timedelta(minutes=5)


def alerts_of_movement(movement: Movement) -> list[Alert]:
    """In the transaction of the movement: what turned back closes its alert, every other turn raises one."""
    if movement.before is None:
        return []
    raised = [_conclusion(movement), _ranking(movement)]
    return [alert for alert in raised if alert]


def _conclusion(movement: Movement) -> Alert | None:
    flips = {claim["name"]: claim for claim in movement.claims if claim["flipped"]}
    open_ones = _standing(movement, Alert.Level.CONCLUSION)
    now = {claim["name"]: claim["verdict"] for claim in movement.after.claims}
    fresh = news({name: flip["after"]["verdict"] for name, flip in flips.items()}, open_ones)
    _close(open_ones, now, movement)
    if not fresh:
        return None
    told = [(flip["before"], flip["after"]) for name, flip in flips.items() if name in fresh]
    cutoffs = [
        (claim["before"], claim["after"])
        for claim in movement.claims
        if is_cutoff(claim["name"]) and _is_passage(claim["before"], claim["after"])
    ]
    thresholds = (movement.before.threshold if movement.before else movement.after.threshold, movement.after.threshold)
    return Alert.objects.create(
        analysis=movement.analysis,
        movement=movement,
        level=Alert.Level.CONCLUSION,
        sentence=movement_sentence(
            told,
            because_of(movement),
            cutoffs=cutoffs,
            thresholds=thresholds,
            mark=mark_of(movement.after.output_values),
        ),
        before={before["name"]: before["verdict"] for before, _after in told},
    )


def _is_passage(before: dict[str, object] | None, after: dict[str, object] | None) -> bool:
    return bool(before and after and before["value"] != after["value"])


def _ranking(movement: Movement) -> Alert | None:
    kind = kind_of(movement.analysis.kind)
    if movement.before is None or not isinstance(kind, RankedKind):
        return None
    rankings = kind.rankings(movement.after.output_values)
    found = [one for ranking in rankings if (one := _overtaken(ranking, movement))]
    open_ones = _standing(movement, Alert.Level.RANKING)
    leaders = {ranking.what: _leader(ranking, movement) for ranking in rankings}
    fresh = news({one.what: one.after for one in found}, open_ones)
    _close(open_ones, leaders, movement)
    told = [one for one in found if one.what in fresh]
    if not told:
        return None
    return Alert.objects.create(
        analysis=movement.analysis,
        movement=movement,
        level=Alert.Level.RANKING,
        sentence=ranking_sentence(told, because_of(movement)),
        before={one.what: one.before for one in told},
    )


def _overtaken(ranking: Ranking, movement: Movement) -> Overtaken | None:
    return overtaken(ranking, movement.before.claims if movement.before else [], movement.after.claims)


def _leader(ranking: Ranking, movement: Movement) -> str:
    name = leader(values_of(ranking, movement.after.claims))
    return ranking.names[name] if name else ""


def _standing(movement: Movement, level: Alert.Level) -> list[Standing]:
    rows = are_open(Alert.objects.filter(analysis=movement.analysis, level=level)).order_by("pk")
    return [Standing(alert.pk, alert.before) for alert in rows]


def _close(standing: Sequence[Standing], now: dict[str, str], movement: Movement) -> None:
    back = resolved(standing, now)
    note = _("Turned back by itself with result %(look)s.") % {"look": movement.after.look}
    Alert.objects.filter(pk__in=back).update(closed_at=timezone.now(), closed_note=note)


def alert_of_failure(run: Run) -> Alert | None:
    """Only where a good result stands, and once until a run succeeds again."""
    analysis = Analysis.objects.select_related("current").get(pk=run.analysis_id)
    if analysis.current is None or _failures(analysis).exists():
        return None
    return Alert.objects.create(
        analysis=analysis,
        run=run,
        level=Alert.Level.FAILURE,
        sentence=failure_sentence(run.error, analysis.current.look),
    )


def failures_over(analysis: Analysis) -> None:
    """A run has succeeded."""
    note = _("A later run succeeded.")
    _failures(analysis).update(closed_at=timezone.now(), closed_note=note)


def _failures(analysis: Analysis) -> QuerySet[Alert]:
    return Alert.objects.filter(analysis=analysis, level=Alert.Level.FAILURE, closed_at__isnull=True)


def alert_acknowledge(*, alert: Alert, comment: str, by: Actor) -> Alert:
    """Somebody has taken note, and says what of it. The first to say so stands."""
    if not comment.strip():
        raise ValidationError({"comment": _("Say what you make of it.")})
    with recording(by) as log:
        row = Alert.objects.select_for_update(of=("self",)).select_related("analysis__cohort").get(pk=alert.pk)
        if not row.is_open:
            raise ValidationError(_("This alert is no longer open: %(how)s") % {"how": _how_it_ended(row)})
        row.acknowledged_at, row.acknowledged_by, row.comment = timezone.now(), by.name, comment.strip()
        row.version += 1
        row.full_clean()
        row.save()
        log_fact(log, row, Action.UPDATE, old={"comment": ""}, new={"comment": row.comment, "version": row.version})
    return row


def _how_it_ended(alert: Alert) -> str:
    if alert.closed_at:
        return alert.closed_note
    return _("%(who)s acknowledged it: %(comment)s") % {"who": alert.acknowledged_by, "comment": alert.comment}


def alerts_mail() -> int:
    """One mail per subscriber for all that a burst turned in a cohort; returns how many were written.

    Called after the work is done, and by the sweep: a worker that dies in between loses no mail. A cohort that is
    never at rest is told of after a while all the same.
    """
    cohorts = Cohort.objects.filter(analyses__alerts__in=unmailed()).distinct()
    return sum(_mail(cohort) for cohort in cohorts if is_settled(cohort) or _has_waited(cohort))


def _has_waited(cohort: Cohort) -> bool:
    return unmailed().filter(analysis__cohort=cohort, at__lt=timezone.now() - _LONGEST_WAIT).exists()


def _mail(cohort: Cohort) -> int:
    with transaction.atomic():
        held = unmailed().filter(analysis__cohort=cohort).select_for_update(of=("self",))
        alerts = list(
            held.select_related(
                "analysis__cohort", "analysis__subcohort", "movement__before", "movement__after"
            ).order_by("pk")
        )
        told = letter(cohort, alerts)
        users = recipients(cohort) if told.raised or told.closed else []
        for user in users:
            mail_letter(told, user, settings.SITE_URL)
        now, of_these = timezone.now(), Alert.objects.filter(pk__in=[alert.pk for alert in alerts])
        of_these.filter(closed_at__isnull=False).update(closing_mailed_at=now)
        of_these.filter(mailed_at__isnull=True).update(mailed_at=now)
    return len(users)
