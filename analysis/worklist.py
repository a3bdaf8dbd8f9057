"""What waits for the one who has signed in."""

from collections import Counter
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import ngettext

from analysis.access import may_see_reports, visible_alerts, visible_analyses, visible_reports
from analysis.alerts.selectors import ShownAlert, are_open, shown_alerts
from analysis.engine.freshness import freshness_of, stale
from analysis.engine.models import Analysis, Movement
from analysis.remark.profile import remark
from analysis.reports.models import Report
from labs.ihc.worklist import stains_with_my_read, under_the_microscope
from labs.inbox.access import INBOX_ROLES
from labs.inbox.selectors import waiting_count
from labs.rounds.access import coordinated_rounds, my_duties
from labs.rounds.models import Round, RoundReader, RoundStatus
from labs.rounds.queue import Queue, is_reading, queue_of
from labs.rounds.selectors import slide_reads
from registry.cohorts.access import visible_cohorts
from registry.models import Cohort, Enrolment
from registry.patients.due import DUE_SOON, OVERDUE, due_list
from registry.people.models import User
from registry.people.roles import CLINICAL, Role

_RECENT = 5


@dataclass(frozen=True)
class Item:
    count: int
    text: str
    url: str


@dataclass
class Worklist:
    has_simulated: bool = False
    items: list[Item] = field(default_factory=list)
    alerts: list[ShownAlert] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    cohorts: list[Cohort] = field(default_factory=list)

    def add(self, *items: Item) -> None:
        self.items += [item for item in items if item.count]


def worklist(user: User) -> Worklist:
    work = Worklist(has_simulated=visible_cohorts(user).filter(is_simulated=True).exists())
    if user.has_role(Role.PATHOLOGIST):
        work.add(*_slides_to_score(user), _stains_to_read(user))
    if user.has_role(*INBOX_ROLES):
        work.add(_received(user))
    if not user.has_role(*CLINICAL):
        return work
    work.cohorts = list(visible_cohorts(user))
    if user.has_role(Role.DATA_MANAGER, Role.ADMINISTRATOR):
        work.add(*_rounds_to_settle(user))
        work.add(*_follow_up(work.cohorts), _pending(work.cohorts))
    analyses = visible_analyses(user)
    work.add(*_analyses(analyses))
    if may_see_reports(user):
        work.add(*(_remark(cohort, analyses) for cohort in work.cohorts))
    work.alerts = shown_alerts(are_open(visible_alerts(user))[:_RECENT])
    work.movements = list(
        Movement.objects.filter(analysis__in=analyses, before__isnull=False)
        .select_related("analysis__cohort", "analysis__subcohort")
        .order_by("-id")[:_RECENT]
    )
    work.reports = list(visible_reports(user)[:_RECENT])
    return work


def _slides_to_score(user: User) -> list[Item]:
    """The reader's own queues; nothing here depends on what another reader has done."""
    duties = [duty for duty in my_duties(user) if is_reading(duty)]
    return [_slides_of(duty, queue_of(duty)) for duty in duties]


def _slides_of(duty: RoundReader, queue: Queue) -> Item:
    count = queue.total - queue.done
    text = ngettext("slide to score in round %(round)s", "slides to score in round %(round)s", count)
    return Item(count, text % {"round": duty.round.code}, reverse("labs:reading-next", args=[duty.round.code]))


def _rounds_to_settle(user: User) -> list[Item]:
    rounds = coordinated_rounds(user).filter(status=RoundStatus.ADJUDICATION)
    return [_settling(round) for round in rounds]


def _settling(round: Round) -> Item:
    count = sum(found.is_discordant and found.consensus is None for found in slide_reads(round))
    text = ngettext("discordant slide in round %(round)s", "discordant slides in round %(round)s", count)
    return Item(count, text % {"round": round.code}, reverse("labs:round", args=[round.code]))


def _stains_to_read(user: User) -> Item:
    count = under_the_microscope(stains_with_my_read(user)).filter(is_read=False).count()
    text = ngettext("slide without a read of yours", "slides without a read of yours", count)
    return Item(count, text, reverse("labs:stains"))


def _received(user: User) -> Item:
    count = waiting_count(user)
    return Item(count, ngettext("result waits in the inbox", "results wait in the inbox", count), reverse("labs:inbox"))


def _follow_up(cohorts: list[Cohort]) -> list[Item]:
    states = Counter(row.state for row in due_list(cohorts))
    late, soon = states[OVERDUE], states[DUE_SOON]
    return [
        Item(late, ngettext("follow-up is overdue", "follow-ups are overdue", late), reverse("registry:due")),
        Item(
            soon,
            ngettext("follow-up is due within 30 days", "follow-ups are due within 30 days", soon),
            reverse("registry:due") + f"?state={DUE_SOON}",
        ),
    ]


def _pending(cohorts: list[Cohort]) -> Item:
    count = Enrolment.objects.filter(
        cohort__in=cohorts, eligibility=Enrolment.Eligibility.PENDING, withdrawn_on__isnull=True
    ).count()
    text = ngettext("enrolment lacks facts for its eligibility", "enrolments lack facts for their eligibility", count)
    return Item(count, text, reverse("registry:patients") + "?eligibility=pending")


def _remark(cohort: Cohort, analyses: QuerySet[Analysis]) -> Item:
    count = len(remark(cohort, analyses.filter(cohort=cohort)).gaps)
    text = ngettext("gap in the REMARK profile of %(cohort)s", "gaps in the REMARK profile of %(cohort)s", count)
    return Item(count, text % {"cohort": cohort.code}, reverse("analysis:remark", args=[cohort.code]))


def _analyses(analyses: QuerySet[Analysis]) -> list[Item]:
    found = stale(analyses)
    failed = sum(freshness_of(analysis).state == "failed" for analysis in found)
    waiting = len(found) - failed
    url = reverse("analysis:analyses")
    unsigned = analyses.filter(waits_for_plan=True).count()
    return [
        Item(unsigned, ngettext("analysis waits for its plan", "analyses wait for their plans", unsigned), url),
        Item(waiting, ngettext("analysis is stale", "analyses are stale", waiting), url),
        Item(failed, ngettext("analysis failed", "analyses failed", failed), url),
    ]
