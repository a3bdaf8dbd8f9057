"""The entries of the change log that lie between two results."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q, QuerySet

from analysis.engine.models import Analysis, Result, Run
from registry.log.models import Change

# What is made of the data: who signs, freezes or takes some of it away has changed nothing in it.
NOT_DATA = ("analyses", "export", "reports", "signatures", "snapshots")


def stretches(before: Mapping[str, int], after: Mapping[str, int]) -> list[dict[str, Any]]:
    """By stream, the versions that `after` was computed at and `before` was not."""
    return [
        {"domain": domain, "after": min(before[domain], version), "up_to": max(before[domain], version)}
        for domain, version in sorted(after.items())
        if before.get(domain, version) != version
    ]


def changes_between(causes: Iterable[Mapping[str, Any]], cohort_id: int, log: QuerySet[Change]) -> QuerySet[Change]:
    """`log`: the entries that may be looked at."""
    between = Q(pk__in=[])
    for cause in causes:
        between |= Q(domain=cause["domain"], version__gt=cause["after"], version__lte=cause["up_to"])
    return log.filter(Q(cohort_id=cohort_id) | Q(cohort__isnull=True)).filter(between)


def passage(analysis: Analysis, before: Result, after: Result) -> tuple[Run | None, Run | None]:
    """The runs between which the one became the other: the first of the later, the last before it of the earlier."""
    came = analysis.runs.filter(result=after).order_by("id").first()
    earlier = analysis.runs.filter(result=before).order_by("-id")
    left = (earlier.filter(pk__lt=came.pk).first() if came else None) or earlier.first()
    return left, came
