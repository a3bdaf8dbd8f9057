from django.db.models import QuerySet

from registry.cohorts.models import Cohort
from registry.patients.models import Enrolment


def cohort_enrolments(cohort: Cohort, using: str = "default") -> QuerySet[Enrolment]:
    """Everybody who was not withdrawn, by study number."""
    # By key, not by row: the caller may hold the cohort from the other connection.
    rows = Enrolment.objects.using(using).filter(cohort_id=cohort.pk, withdrawn_on__isnull=True, retired_reason="")
    return rows.select_related("patient").order_by("patient__study_number")
