from django.db.models import QuerySet

from registry.cohorts.models import Cohort, Endpoint


def cohort_endpoints(cohort: Cohort, using: str = "default") -> QuerySet[Endpoint]:
    return Endpoint.objects.using(using).filter(cohort_id=cohort.pk, retired_reason="").order_by("code")
