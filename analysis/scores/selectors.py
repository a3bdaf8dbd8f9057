from django.db.models import F, QuerySet

from analysis.access import visible_analyses
from analysis.scores.models import PatientScore
from registry.people.models import User


def present_scores(user: User) -> QuerySet[PatientScore]:
    """Those of the present results of analyses that the user may see, of patients who take part."""
    return PatientScore.objects.filter(
        result__analysis__in=visible_analyses(user),
        result__analysis__current=F("result"),
        enrolment__retired_reason="",
        enrolment__withdrawn_on__isnull=True,
    ).select_related("model", "result__analysis__cohort", "result__analysis__current", "enrolment__patient")
