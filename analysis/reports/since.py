"""Which entries of the change log a report tells of: each is in exactly one report.

By the versions of the streams, which are given in the order of commit. The log's own numbers are not: an import that is
given its numbers first may commit last, and would be in no report.
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from analysis.engine.between import NOT_DATA, changes_between, stretches
from analysis.engine.models import AnalysisInput
from labs.rounds.models import ROUNDS
from registry.cohorts.models import Cohort
from registry.log.models import Action, Change, Stream

Versions = dict[str, int]


def versions_of(cohort: Cohort) -> Versions:
    """Of the data of a cohort, and of what all cohorts share where one of its analyses reads it."""
    # What happens inside a reading round stays there; its values are news when the round is closed.
    own = Stream.objects.filter(cohort=cohort).exclude(domain__in=NOT_DATA).exclude(domain__startswith=ROUNDS)
    return dict(own.values_list("domain", "version")) | dict(_shared(cohort).values_list("domain", "version"))


def changes_since(cohort: Cohort, before: Mapping[str, Any], now: Versions) -> QuerySet[Change]:
    """`before`: the content of the last report, empty where there is none; `now`: what this one goes up to."""
    log = Change.objects.exclude(action=Action.READ)
    seen: Versions = before.get("versions", {})
    if "versions" not in before:
        # A report of an earlier version had the number of the newest entry.
        log = log.filter(pk__gt=before.get("last_change", 0))
    elif before:
        # What an analysis begins to read is news of the analysis, not of the data that were there.
        seen = dict(_shared(cohort).values_list("domain", "version")) | seen
    return changes_between(stretches(dict.fromkeys(now, 0) | seen, now), cohort.pk, log)


def _shared(cohort: Cohort) -> QuerySet[Stream]:
    read = AnalysisInput.objects.filter(analysis__cohort=cohort)
    return Stream.objects.filter(cohort=None, pk__in=read.values("stream"))
