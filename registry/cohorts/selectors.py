from typing import Any

from django.db.models import Count, Q, QuerySet

from registry.cohorts.access import visible_cohorts
from registry.cohorts.models import Cohort, EligibilityRule, EventKind
from registry.people.models import User


def cohort_list(user: User) -> QuerySet[Cohort]:
    is_member = Q(enrolments__withdrawn_on=None, enrolments__retired_reason="")
    is_eligible = is_member & Q(enrolments__eligibility="eligible")
    return visible_cohorts(user).annotate(
        members=Count("enrolments", filter=is_member), eligible=Count("enrolments", filter=is_eligible)
    )


def rule_sentence(rule: EligibilityRule) -> str:
    """The rule as it is evaluated, for whoever wonders whether the criterion's words say the same."""
    operator = EligibilityRule.Operator(rule.operator).label
    return f"{rule.variable} {operator} {_bounds(rule.bounds)}".strip()


def _bounds(bounds: Any) -> str:
    return ", ".join("…" if bound is None else str(bound) for bound in bounds or [])


def event_names(kinds: list[str]) -> str:
    return ", ".join(str(EventKind(kind).label) for kind in kinds)
