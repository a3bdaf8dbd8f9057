from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from analysis.access import access_analysis
from analysis.diffing.content import difference
from analysis.diffing.figures import side_by_side
from analysis.engine.freshness import freshness_of
from analysis.engine.models import Analysis, Result
from registry.log.access import visible_changes
from registry.people.access import acting_user, allow
from registry.people.roles import CLINICAL

_VALUES_SHOWN = 200


@require_GET
@allow(*CLINICAL)
def analysis_diff(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    user = acting_user(request)
    analysis = access_analysis(user, code, slug)
    ends = _ends(request, analysis)
    context: dict[str, Any] = {
        "analysis": analysis,
        "cohort": analysis.cohort,
        "freshness": freshness_of(analysis),
        "results": analysis.results.order_by("-look"),
        "simulated": analysis.cohort.is_simulated,
    }
    if ends is not None:
        content = difference(analysis, *ends, visible_changes(user))
        values = content["patients"]["values"]
        context |= {
            "diff": content,
            "values": values[:_VALUES_SHOWN],
            "more_values": max(0, len(values) - _VALUES_SHOWN),
            "figures": side_by_side(analysis, *ends),
        }
    return render(request, "analysis/diff/page.html", context)


@require_GET
@allow(*CLINICAL)
def diff_json(request: HttpRequest, code: str, slug: str) -> HttpResponse:
    user = acting_user(request)
    analysis = access_analysis(user, code, slug)
    ends = _ends(request, analysis)
    if ends is None and analysis.current:
        ends = analysis.current, analysis.current  # nothing has changed yet, and that is what it says
    if ends is None:
        raise Http404
    content = difference(analysis, *ends, visible_changes(user))
    response = JsonResponse(content, json_dumps_params={"sort_keys": True, "ensure_ascii": False})
    name = f"{code}-{slug}-result{ends[0].look}-to-{ends[1].look}"
    response["Content-Disposition"] = f'inline; filename="{name}.json"'
    return response


def _ends(request: HttpRequest, analysis: Analysis) -> tuple[Result, Result] | None:
    """The two results that are asked for; unasked the last passage; None while there is but one."""
    if "from" in request.GET or "to" in request.GET:
        return _look(analysis, request.GET.get("from", "")), _look(analysis, request.GET.get("to", ""))
    last = analysis.movements.filter(before__isnull=False).select_related("before", "after").first()
    return (last.before, last.after) if last and last.before else None


def _look(analysis: Analysis, asked: str) -> Result:
    found = analysis.results.filter(look=int(asked)).first() if asked.isdecimal() and len(asked) < 9 else None
    if found is None:
        raise Http404
    return found
