"""What the registry's pages show of the analysis: a cohort's analyses, and what a change would make stale."""

from collections.abc import Iterable
from typing import Any

from analysis.access import may_see_reports, visible_alerts, visible_analyses
from analysis.alerts.models import Alert
from analysis.alerts.selectors import are_open, shown_alerts
from analysis.engine.freshness import freshness_of
from analysis.engine.models import Analysis
from registry.log.recording import StreamKey
from registry.models import Cohort
from registry.people.models import User


def cohort_analyses(user: User, cohort: Cohort) -> dict[str, Any]:
    analyses = visible_analyses(user).filter(cohort=cohort)
    rows = [{"analysis": analysis, "freshness": freshness_of(analysis)} for analysis in analyses]
    return {"rows": rows, "cohort": cohort, "has_remark": may_see_reports(user)}


def cohort_alerts(user: User, cohort: Cohort) -> dict[str, Any] | None:
    alerts = shown_alerts(are_open(visible_alerts(user).filter(analysis__cohort=cohort)))
    return {"alerts": alerts} if alerts else None


def count_of_alerts(user: User) -> int:
    """On every page: to find that there are none is a tenth of the work of finding whose they are."""
    return are_open(visible_alerts(user)).count() if are_open(Alert.objects.order_by()).exists() else 0


def analyses_reading(streams: Iterable[StreamKey]) -> list[str]:
    keys = set(streams)
    readers = Analysis.objects.asked().filter(inputs__stream__domain__in={domain for _cohort, domain in keys})
    rows = readers.values_list("pk", "title", "cohort__code", "inputs__stream__cohort_id", "inputs__stream__domain")
    found = {pk: f"{title} ({code})" for pk, title, code, cohort_id, domain in rows if (cohort_id, domain) in keys}
    return [found[pk] for pk in sorted(found)]
