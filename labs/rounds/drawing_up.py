"""Of whom and of what a round is drawn up: the pathologists to choose from, and the stains that a protocol reads."""

from django.db.models import Q, QuerySet

from labs.markers.models import Stain
from labs.rounds.models import ReadingProtocol
from registry.cohorts.models import Cohort
from registry.people.models import User
from registry.people.roles import Role


def pathologists() -> QuerySet[User]:
    return User.objects.filter(is_active=True, grants__role=Role.PATHOLOGIST).distinct().order_by("username")


def stains_for(cohort: Cohort, protocol: ReadingProtocol, kinds: list[str]) -> QuerySet[Stain]:
    enrolled = Q(
        specimen__patient__enrolments__cohort=cohort,
        specimen__patient__enrolments__retired_reason="",
        specimen__patient__enrolments__withdrawn_on__isnull=True,
    )
    return (
        Stain.objects.filter(
            enrolled,
            retired_reason="",
            specimen__retired_reason="",
            specimen__patient__retired_reason="",
            specimen__kind__in=kinds,
            marker__in=protocol.markers.values("marker"),
        )
        .select_related("marker", "specimen")
        .distinct()
    )
