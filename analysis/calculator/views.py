"""The page on which a model is asked about one patient. What is entered is not kept, and stands in no address."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from analysis.access import access_run
from analysis.calculator.asked import may_be_asked, signature_of
from analysis.calculator.calculation import NoCalculator, calculator_of
from analysis.calculator.forms import PatientForm
from analysis.riskmodels.models import RiskModel
from analysis.stats.errors import StatsInputError
from analysis.views.result_files import filed
from registry.people.access import acting_user, allow
from registry.people.roles import CLINICAL

_PAGE = "analysis/calculator/page.html"


@require_http_methods(["GET", "POST"])
@allow(*CLINICAL)
def calculator(request: HttpRequest, pk: int) -> HttpResponse:
    file = filed(access_run(acting_user(request), pk))
    context: dict[str, Any] = {
        "run": file.run,
        "analysis": file.analysis,
        "cohort": file.analysis.cohort,
        "seen": file.seen,
        "standing": file.standing,
        "freshness": file.standing.badge,
        "registered": RiskModel.objects.filter(result=file.result).first(),
    }
    try:
        if not may_be_asked(file.result.kind, file.seen.output):
            raise NoCalculator("Only a model of times to an event can be asked about one patient.")
        signature = signature_of(file.result.kind, file.seen.output)
        found = calculator_of(file.result.kind, file.result.frame.content, file.result.parameters, signature)
        form = PatientForm(found, request.POST or None)
    except NoCalculator as error:
        return render(request, _PAGE, context | {"refused": str(error)})
    if form.is_valid():
        try:
            context["answer"] = found.answer(form.values())
        except StatsInputError as error:
            form.add_error(None, str(error))
    return render(request, _PAGE, context | {"calculator": found, "form": form})
