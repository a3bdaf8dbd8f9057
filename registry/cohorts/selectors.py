from django.db.models import QuerySet

from registry.cohorts.models import Cohort, EligibilityRule, Endpoint


def cohort_rules(cohort: Cohort) -> QuerySet[EligibilityRule]:
    return EligibilityRule.objects.filter(cohort=cohort, retired_reason="").order_by("order", "pk")


def cohort_endpoints(cohort: Cohort, using: str = "default") -> QuerySet[Endpoint]:
    # By key, not by row: the caller may hold the cohort from the other connection.
    return Endpoint.objects.using(using).filter(cohort_id=cohort.pk, retired_reason="").order_by("code")
