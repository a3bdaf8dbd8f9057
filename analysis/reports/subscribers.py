"""Who gets a cohort's reports by mail, and who could."""

from analysis.reports.models import Subscription
from registry.cohorts.access import visible_cohorts
from registry.cohorts.models import Cohort
from registry.people.models import User
from registry.people.roles import CLINICAL


def subscribers_of(cohort: Cohort) -> list[User]:
    mine = Subscription.objects.filter(cohort=cohort).select_related("user").order_by("user__username")
    return [row.user for row in mine]


def possible_subscribers(cohort: Cohort) -> list[User]:
    """Whoever may read the reports and does not get them yet."""
    taken = {user.pk for user in subscribers_of(cohort)}
    others = User.objects.filter(is_active=True).exclude(pk__in=taken).order_by("username")
    return [user for user in others if may_read(user, cohort)]


def may_read(user: User, cohort: Cohort) -> bool:
    return user.has_role(*CLINICAL) and visible_cohorts(user).filter(pk=cohort.pk).exists()
