from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from analysis.access import access_model, access_run, visible_models
from analysis.engine.doorbell import ring
from analysis.riskmodels.forms import RegisterForm
from analysis.riskmodels.models import RiskModel
from analysis.riskmodels.registering import NoScore, score_of, score_register
from analysis.riskmodels.selectors import not_scored, shown_model, shown_models
from analysis.standing import standing_of
from registry.cohorts.access import visible_cohorts
from registry.log.actors import Actor
from registry.people.access import acting_user, allow
from registry.people.roles import CLINICAL


@require_GET
@allow(*CLINICAL)
def models(request: HttpRequest) -> HttpResponse:
    rows = shown_models(acting_user(request))
    context = {
        "rows": rows,
        "simulated": _is_simulated(row.analysis.cohort for shown in rows for row in shown.validated),
    }
    return render(request, "analysis/riskmodels/list.html", context)


@require_GET
@allow(*CLINICAL)
def model(request: HttpRequest, code: str, number: int) -> HttpResponse:
    user = acting_user(request)
    found = access_model(user, code, number)
    shown = shown_model(user, found)
    cohort = found.developed_in
    is_visible = cohort is not None and visible_cohorts(user).filter(pk=cohort.pk).exists()
    context: dict[str, Any] = {
        "model": found,
        "shown": shown,
        "not_scored": not_scored(user, found, shown),
        "versions": [other for other in visible_models(user) if other.code == code and other.pk != found.pk],
        "developed_in": cohort if is_visible else None,
        "run": found.result.runs.order_by("-id").first() if found.result and is_visible else None,
        "simulated": _is_simulated(row.analysis.cohort for row in shown.validated),
    }
    return render(request, "analysis/riskmodels/model.html", context)


# Coefficients are of no hospital: whoever may see models sees all of them, and of their origin what is theirs.
model.of_site = False  # type: ignore[attr-defined]  # read by the matrix of addresses


@require_http_methods(["GET", "POST"])
@allow(*CLINICAL)
def register(request: HttpRequest, pk: int) -> HttpResponse:
    user = acting_user(request)
    run = access_run(user, pk)
    if run.result is None:
        raise Http404
    result = run.result
    form = RegisterForm(request.POST or None, initial={"title": run.analysis.title})
    made: list[RiskModel] = []

    def write() -> None:
        given = form.cleaned_data
        made.append(
            score_register(run=run, code=given["code"], title=given["title"], by=Actor.of(user), reason=given["reason"])
        )

    if request.method == "POST" and form.saves(write):
        transaction.on_commit(ring)
        return redirect(reverse("analysis:model", args=[made[0].code, made[0].number]))
    context: dict[str, Any] = {
        "run": run,
        "analysis": run.analysis,
        "cohort": run.analysis.cohort,
        "form": form,
        "standing": standing_of(run),
        "simulated": run.analysis.cohort.is_simulated,
    }
    try:
        context["found"] = score_of(result.kind, result.output_values, result.parameter_values)
    except NoScore as error:
        context["refused"] = str(error)
    return render(request, "analysis/riskmodels/register.html", context)


def _is_simulated(cohorts: Any) -> bool:
    return any(cohort.is_simulated for cohort in cohorts)
