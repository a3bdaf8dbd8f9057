"""Does anybody still work? Told from the web side, because a dead scheduler cannot report its own death."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Max, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from analysis.engine.broker import Broker, ask_broker
from analysis.engine.freshness import waiting, waiting_since
from analysis.engine.models import Analysis, Beat, RunPart, Worker
from analysis.engine.overdue import Job, installed_at, is_never_late, jobs, last_ring, silence_after
from analysis.reports.models import Report
from labs.connectors.selectors import failing_connectors
from labs.connectors.signs.models import ListenerSign
from labs.outbox.models import Outbox

# A sweep waits its turn behind the work of the workers, so it is given longer than their signs of life.
_SWEEPS = 5
_MAILS_OF = timedelta(days=2)


@dataclass(frozen=True)
class Check:
    name: str
    label: str
    is_well: bool
    says: str
    since: datetime | None = None
    # what everybody may know; the rest is the administrators'
    is_for_all: bool = False
    # without it nothing new is computed: told by a banner on every page and by mail
    is_of_the_works: bool = False


@dataclass(frozen=True)
class Health:
    checks: list[Check]
    broker: Broker
    database: bool
    last_sweep: datetime | None
    is_sweep_late: bool
    stale: int
    stuck: int

    @property
    def is_well(self) -> bool:
        return all(check.is_well for check in self.checks)


def note_sweep() -> None:
    Beat.objects.update_or_create(name="sweep", defaults={"at": timezone.now()})


def health() -> Health:
    beat, broker, stuck = _last_sweep(), ask_broker(), _stuck()
    stale = waiting(Analysis.objects.all()).count()
    return Health(
        checks=[
            Check("database", _("Database"), True, _("The database answers."), is_for_all=True),
            _broker_check(broker),
            *works(),
            *_schedule_checks(),
            _stale_check(stale),
            _stuck_check(stuck),
            _mail_check(),
            _connectors_check(),
            *_listener_checks(),
        ],
        broker=broker,
        database=connection.is_usable(),
        last_sweep=beat,
        is_sweep_late=_is_sweep_late(beat),
        stale=stale,
        stuck=stuck,
    )


def works() -> list[Check]:
    """Scheduler and workers: cheap to ask, as every page does."""
    return [_scheduler_check(), *_worker_checks(), _sweep_check()]


def scheduler_banner(request: HttpRequest) -> dict[str, Any]:
    if not getattr(request, "user", None) or not request.user.is_authenticated or request.headers.get("X-Poll"):
        return {}
    # Parts of a page have no banner, and need not ask.
    return {"system_warnings": SimpleLazyObject(_warnings)}


def _warnings() -> list[str]:
    silent = [check.says for check in works() if not check.is_well]
    return [f"{silent[0]} {_('Stale analyses may wait. Tell your administrator.')}"] if silent else []


def clock(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"


def _last_sweep() -> datetime | None:
    return Beat.objects.filter(name="sweep").values_list("at", flat=True).first()


def _is_sweep_late(last: datetime | None) -> bool:
    return _is_old(last, timedelta(seconds=_SWEEPS * settings.SWEEP_SECONDS))


def _is_old(last: datetime | None, after: timedelta) -> bool:
    return is_never_late() if last is None else last < timezone.now() - after


def _scheduler_check() -> Check:
    last = last_ring()
    is_silent = _is_old(last, silence_after())
    if is_silent:
        says = (
            _("The scheduler has been silent since %(since)s.") % {"since": clock(last)}
            if last
            else _("The scheduler was never started.")
        )
    else:
        says = _("The scheduler keeps its times.")
    since = (last or installed_at()) if is_silent else None
    return Check("scheduler", _("Scheduler"), not is_silent, says, since, is_for_all=True, is_of_the_works=True)


def _sweep_check() -> Check:
    last = _last_sweep()
    is_late = _is_sweep_late(last)
    if last is None:
        says = _("No worker has looked for stale analyses so far.")
    elif is_late:
        says = _("No worker has looked for stale analyses since %(since)s.") % {"since": clock(last)}
    else:
        says = _("Workers look for stale analyses in time.")
    since = (last or installed_at()) if is_late else None
    return Check("sweep", _("Sweep"), not is_late, says, since, is_for_all=True, is_of_the_works=True)


def _worker_checks() -> Iterator[Check]:
    seen = Worker.objects.aggregate(
        live=Max("at", filter=Q(queues__contains=",live,")), heavy=Max("at", filter=Q(queues__contains=",heavy,"))
    )
    words = {
        "live": (_("Workers"), _("The workers have been silent since %(since)s."), _("No worker was ever started.")),
        "heavy": (
            _("Workers for heavy analyses"),
            _("The workers for heavy analyses have been silent since %(since)s."),
            _("No worker for heavy analyses was ever started."),
        ),
    }
    for queue, (label, silent, never) in words.items():
        last = seen[queue]
        is_silent = _is_old(last, silence_after())
        silence = silent % {"since": clock(last)} if last else never
        says = silence if is_silent else _("They show signs of life.")
        since = (last or installed_at()) if is_silent else None
        yield Check(f"workers_{queue}", label, not is_silent, says, since, is_for_all=True, is_of_the_works=True)


def _listener_checks() -> Iterator[Check]:
    """Of each listener for messages that was ever started; a hospital without one misses none."""
    for sign in ListenerSign.objects.all():
        is_silent = _is_old(sign.stopped_at or sign.at, silence_after())
        says = _("It takes messages.")
        if is_silent:
            since = {"place": sign.place, "since": clock(sign.stopped_at or sign.at)}
            says = _("The listener at %(place)s has taken no messages since %(since)s.") % since
        yield Check("listener", _("Listener for messages"), not is_silent, says, sign.at if is_silent else None)


def _broker_check(broker: Broker) -> Check:
    says = broker.error or _("The broker answers.")
    return Check("broker", _("Broker"), broker.is_there, says, is_for_all=True)


def _schedule_checks() -> Iterator[Check]:
    """The scheduled reanalysis; whether beat keeps its short intervals is the scheduler's own check."""
    found = [job for job in jobs() if job.task == "analysis.tasks.reanalyse_all"]
    late = [job for job in found if job.is_late]
    label = _("Scheduled reanalysis")
    if late:
        first: Job = min(late, key=lambda job: job.due)
        says = _("The reanalysis that was due at %(due)s has not been started.") % {"due": clock(first.due)}
        yield Check("schedule", label, False, says, first.due)
    else:
        yield Check("schedule", label, True, _("No scheduled reanalysis was missed."))


def _stale_check(stale: int) -> Check:
    label, limit = _("Stale analyses"), settings.STALE_MINUTES
    since = waiting_since() if stale else None
    if since is None or since >= timezone.now() - timedelta(minutes=limit):
        return Check("stale", label, True, _("None has been stale for longer than %(n)d minutes.") % {"n": limit})
    says = _("Stale analyses: %(n)d. The first has waited since %(since)s, longer than %(limit)d minutes.")
    return Check("stale", label, False, says % {"n": stale, "since": clock(since), "limit": limit}, since)


def _stuck() -> int:
    """Whoever held them is gone, and nobody has taken them up again."""
    now = timezone.now()
    before = now - timedelta(seconds=2 * settings.LEASE_SECONDS)
    runs = Analysis.objects.filter(lease_until__lt=before).count()
    parts = RunPart.objects.filter(state=RunPart.State.RUNNING, parted__run__state="running", lease_until__lt=before)
    reports = Report.objects.filter(state=Report.State.RUNNING).filter(
        Q(lease_until__lt=before) | Q(lease_until__isnull=True, started_at__lt=now - timedelta(minutes=10))
    )
    return runs + parts.count() + reports.count()


def _stuck_check(stuck: int) -> Check:
    says = _("Runs or reports whose worker is gone and that nobody has taken up: %(n)d.") % {"n": stuck}
    return Check("stuck", _("Stuck runs"), not stuck, says if stuck else _("No run is stuck."))


def _connectors_check() -> Check:
    failing = failing_connectors()
    if not failing:
        return Check("connectors", _("Other systems"), True, _("Every laboratory system that is set up answers."))
    says = _("Laboratory systems that do not answer, or refuse: %(names)s.")
    names = ", ".join(state.name for state in failing)
    return Check("connectors", _("Other systems"), False, says % {"names": names}, failing[0].failing_since)


def _mail_check() -> Check:
    undelivered = Outbox.objects.exclude(state=Outbox.State.SENT).exclude(last_error="")
    recent = undelivered.filter(created_at__gt=timezone.now() - _MAILS_OF).order_by("created_at")
    count, first = recent.count(), recent.first()
    is_well = count <= settings.FAILED_MAILS
    says = _("Messages of the last two days that could not be delivered: %(n)d; more than %(most)d are a fault.")
    told = (
        says % {"n": count, "most": settings.FAILED_MAILS}
        if first
        else _("Nothing of the last two days is undelivered.")
    )
    return Check("mail", _("Outgoing messages"), is_well, told, first.created_at if first and not is_well else None)
